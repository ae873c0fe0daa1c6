"""Every prefix of a small file, and 200 damaged copies of each dialect: an ECG or an error of ours, and soon."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from mutator import NUMBERS

from einthoven.ecg import ECG, EinthovenError

DIALECTS = ("muse", "aecg", "cardiosoft", "mortara", "sierra", "sierra-plain", "fhir")
MUTATIONS = 200


@pytest.fixture(scope="module")
def tiny(muse, muse_waves, aecg, cardiosoft, mortara, sierra, fhir, raw) -> Mapping[str, bytes]:
    """Valid files of two leads and a few samples."""
    few, pair = raw[:2, :4], ("I", "II")
    return {
        "muse": muse(muse_waves(few, leads=pair)).encode("latin-1"),
        "aecg": aecg(few, pair).encode(),
        "cardiosoft": cardiosoft(few, pair).encode("latin-1"),
        "mortara": mortara(few, pair).encode(),
        "sierra": sierra(few, leads=pair).encode("utf-16"),
        "sierra-plain": sierra(few, "Plain", pair).encode(),
        "fhir": json.dumps(fhir(few, leads=pair)).encode(),
    }


@pytest.mark.parametrize("name", DIALECTS)
def test_every_prefix(tiny: Mapping[str, bytes], tmp_path: Path, survives, name: str) -> None:
    whole, path = tiny[name], tmp_path / "x"
    path.write_bytes(whole)
    assert isinstance(survives(path), ECG)
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert isinstance(survives(path, end), EinthovenError), end


@pytest.mark.parametrize("name", DIALECTS)
def test_damaged_files(documents: Mapping[str, bytes], ecgs_of_damaged, name: str) -> None:
    assert (
        0 < ecgs_of_damaged(documents[name], name, MUTATIONS) < MUTATIONS
    )  # neither harmless nor always caught at once


VALUES = {
    "muse": r"(?<=>)-?\d+(?=<)",
    "aecg": r'(?<=value=")[\d.-]+(?=")',
    "cardiosoft": r"(?<=>)-?\d+(?=<)",
    "mortara": r'(?<==")-?\d+(?=")',
    "sierra-plain": r'(?<=[>"])-?[\d.]+(?=[<"])',
    "fhir": r"(?<=: )\d+",
}


@pytest.mark.parametrize("name", VALUES)
def test_every_number_edited(documents: Mapping[str, bytes], tmp_path: Path, survives, name: str) -> None:
    text, path = documents[name].decode("latin-1"), tmp_path / "x"
    places = list(re.finditer(VALUES[name], text))
    assert len(places) > 5
    for at, place in enumerate(places[:40]):
        for new in NUMBERS[at % 2 :: 2]:  # each place half of them; `tests/fuzz/run.py` edits at random, many more
            path.write_text(text[: place.start()] + new + text[place.end() :], encoding="utf-8")
            survives(path, (place, new))
