"""Every prefix of a small file, and 200 damaged copies of each dialect: an ECG or an error of ours, and soon."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from einthoven.ecg import ECG, EinthovenError
from einthoven.formats import read

DIALECTS = ("muse", "aecg", "cardiosoft", "mortara", "sierra", "sierra-plain", "fhir")
MUTATIONS = 200
SECONDS = 2.0
NUMBERS = (
    *("0", "-1", "1", "NaN", "-Infinity", "1e999", "1e-999", "1000000000000", "99999999999999999999", "2147483648"),
    *("-32768", "32767", "0x10", "1_000", "", " ", "1,5", "--", "null", "true", "9" * 400, "\u0665", "\x1b[2J"),
)


def _ecg_or_error(path: Path) -> ECG | EinthovenError:
    started = time.process_time()
    try:
        found: ECG | EinthovenError = read(path)
    except EinthovenError as error:
        found = error
        assert error.message and error.mend and str(error).isprintable()
    else:
        assert found.signal.shape[0] == 12 and 50 <= found.rate <= 20_000
        words = [found.device or "", found.patient.id or "", *(s.text for s in found.statements)]
        assert all(text.isprintable() for text in (*words, *(notice.text for notice in found.notices)))
    assert time.process_time() - started < SECONDS
    return found


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
def test_every_prefix(tiny: Mapping[str, bytes], tmp_path: Path, name: str) -> None:
    whole, path = tiny[name], tmp_path / "x"
    path.write_bytes(whole)
    assert isinstance(_ecg_or_error(path), ECG)
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        assert isinstance(_ecg_or_error(path), EinthovenError), end


def _damaged(data: bytes, dice: random.Random) -> bytes:
    """One to three of: flipped bits, a cut, a piece removed, repeated or moved, a number edited, a name changed."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 3)):
        kind, size = dice.randrange(7), len(changed)
        here, there = dice.randrange(size), dice.randrange(size)
        piece = bytes(changed[here : here + dice.choice((1, 5, 30, 300))])
        if kind == 0:
            for _ in range(dice.randint(1, 12)):
                changed[dice.randrange(size)] ^= 1 << dice.randrange(8)
        elif kind == 1:
            del changed[max(here, 1) :]
        elif kind == 2:
            del changed[here : here + len(piece)]
        elif kind == 3:
            changed[there:there] = piece
        elif kind == 4:
            changed[there : there + len(piece)] = piece
        else:
            wide = changed.startswith(b"\xff\xfe")
            text = changed.decode("utf-16" if wide else "latin-1", errors="replace")
            found = list(re.finditer(r"[-+]?\d[\d.]*" if kind == 5 else r"[A-Za-z]{2,20}", text))
            if found:
                # Half of the edits in the first tenth, where headers are.
                one = found[dice.randrange(max(1, len(found) // dice.choice((1, 10))))]
                new = dice.choice(NUMBERS) if kind == 5 else dice.choice(found)[0]
                text = text[: one.start()] + new + text[one.end() :]
                changed = bytearray(text.encode("utf-16" if wide else "utf-8", errors="replace"))
        if not changed:
            return data
    return bytes(changed)


@pytest.mark.parametrize("name", DIALECTS)
def test_damaged_files(documents: Mapping[str, bytes], tmp_path: Path, name: str) -> None:
    path = tmp_path / "x"
    ecgs = 0
    for seed in range(MUTATIONS):
        path.write_bytes(_damaged(documents[name], random.Random(f"{name} {seed}")))
        try:
            ecgs += isinstance(_ecg_or_error(path), ECG)
        except Exception as escaped:
            raise AssertionError(f"{name}, seed {seed}") from escaped
    assert 0 < ecgs < MUTATIONS  # neither harmless nor always caught by the first check


VALUES = {
    "muse": r"(?<=>)-?\d+(?=<)",
    "aecg": r'(?<=value=")[\d.-]+(?=")',
    "cardiosoft": r"(?<=>)-?\d+(?=<)",
    "mortara": r'(?<==")-?\d+(?=")',
    "sierra-plain": r'(?<=[>"])-?[\d.]+(?=[<"])',
    "fhir": r"(?<=: )\d+",
}


@pytest.mark.parametrize("name", VALUES)
def test_every_number_edited(documents: Mapping[str, bytes], tmp_path: Path, name: str) -> None:
    text, path = documents[name].decode("latin-1"), tmp_path / "x"
    places = list(re.finditer(VALUES[name], text))
    assert len(places) > 5
    for place in places[:40]:
        for new in NUMBERS:
            path.write_text(text[: place.start()] + new + text[place.end() :], encoding="utf-8")
            _ecg_or_error(path)
