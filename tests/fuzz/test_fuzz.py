"""200 damaged files of every format, every prefix of a small valid one, and the command that reads thousands."""

from __future__ import annotations

import random
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from mutator import damaged
from run import cases
from seeds import SEEDS, TESTS, files_of, told_of

from einthoven.ecg import ECG, EinthovenError
from einthoven.formats import FORMATS, read
from einthoven.formats.told import split_record

CASES = 200
PREFIXES = 1000  # of a longer file every second, third, ... one
SECONDS = 2.0
# tests/formats/documents/test_damage.py reads every prefix of these.
CUT_ELSEWHERE = {name for name in SEEDS if "XML" in name or "aECG" in name or "FHIR" in name}
VARIANTS = [(name, variant) for name, variants in SEEDS.items() for variant in variants]


def ecg_or_error(path: Path, name: str) -> ECG | EinthovenError:
    started = time.process_time()
    found: ECG | EinthovenError
    try:
        found = read(path, **told_of(name))
    except EinthovenError as error:
        assert error.message and error.mend and str(error).isprintable()
        found = error
    else:
        assert found.signal.shape[0] == 12 and 50 <= found.rate <= 20_000
        words = [found.device or "", found.patient.id or "", found.accession or "", *(s.text for s in found.statements)]
        assert all(text.isprintable() for text in (*words, *(notice.text for notice in found.notices)))
    assert time.process_time() - started < SECONDS
    return found


def test_every_format_has_a_seed() -> None:
    assert set(FORMATS) <= set(SEEDS), "write a function for the new format in tests/fuzz/seeds.py"


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_seed_is_of_its_format(tmp_path, name: str, variant: str) -> None:
    if variant == "flac":
        pytest.importorskip("soundfile")
    assert read(SEEDS[name][variant](tmp_path), **told_of(name)).format == name


@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files(tmp_path, name: str) -> None:
    pytest.importorskip("soundfile")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        found = [ecg_or_error(case.path, name) for case in cases(name, CASES, 1, tmp_path)]
    ecgs = sum(isinstance(one, ECG) for one in found)
    assert 0 < ecgs < CASES  # the damage is neither too small nor too great to say something


@pytest.mark.parametrize("name", [name for name in SEEDS if name not in CUT_ELSEWHERE])
def test_every_prefix(tmp_path, name: str) -> None:
    asked = next(iter(SEEDS[name].values()))(tmp_path)
    path = split_record(asked)[0]
    main = path.read_bytes()
    for end in range(0, len(main), 1 + len(main) // PREFIXES):
        path.write_bytes(main[:end])
        ecg_or_error(asked, name)
    path.write_bytes(main)
    for other in tmp_path.iterdir():
        whole = other.read_bytes()
        for end in range(0, len(whole) if other != path else 0, 3):
            other.write_bytes(whole[:end])
            ecg_or_error(asked, name)
        other.write_bytes(whole)
    assert isinstance(ecg_or_error(asked, name), ECG)


def test_the_same_seed_is_the_same_damage(tmp_path) -> None:
    name, files = files_of(SEEDS["WFDB"]["16"], tmp_path)
    one, same, other = (damaged(files, list(files.values()), random.Random(seed)) for seed in (1, 1, 2))
    assert one == same != other and set(one) == set(files) and name in files


def test_the_command(tmp_path) -> None:
    words = [sys.executable, str(TESTS / "fuzz" / "run.py"), "--cases", "12", "--format", "WFDB", "--workers", "1"]
    said = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    cells = [cell.strip() for cell in said.stdout.splitlines()[2].split("|")]
    assert cells[1:3] == ["WFDB", "12"] and cells[5] == "0"
