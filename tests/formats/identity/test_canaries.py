"""Words planted in every place of a file: none of them in what is written, and none in what is said about it."""

from __future__ import annotations

import json
import re
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from einthoven.cli import main
from einthoven.ecg import ECG, EinthovenError, FileError, FormatError
from einthoven.formats import convert, deidentify, read, write
from einthoven.formats.identity import pseudonym
from einthoven.formats.identity.words import words_of_file

SECRET = bytes(range(32))
OUTPUTS = ("x.hea", "x.dcm", "x.xml", "x.csv")
BIRTH_AND_DATES = ("1926", "2019-08-07", "20190807", "07/08/2019")  # a shift may stay within the year


def content(folder: Path) -> str:
    """All that lies in a folder, names included, as text in lower case; but for random ids, which can hold any year."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    text = "".join(path.name + path.read_bytes().decode("latin-1") for path in files).lower()
    return re.sub(r"2\.25\.\d+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", text)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_all_are_planted_and_read(planted: Path, canaries: list[str]) -> None:
    """Otherwise their absence would say nothing."""
    ecg = read(planted)
    assert ecg.patient.id == canaries[0] and ecg.patient.age == 93 and ecg.time is not None
    assert {word.lower() for word in canaries} <= words_of_file(planted)
    assert sum("Canary" in s.text + (s.code or "") for s in ecg.statements) >= 2


@pytest.mark.parametrize("name", OUTPUTS)
def test_none_is_written(planted: Path, out: Path, canaries: list[str], name: str) -> None:
    write(deidentify(read(planted), SECRET), out / name)
    text = content(out)
    assert not [word for word in canaries if word.lower() in text] and "canary" not in text
    assert not [day for day in BIRTH_AND_DATES if day in text]
    assert pseudonym(SECRET, canaries[0]) in text


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize("name", OUTPUTS)
def test_none_is_written_or_said(
    planted: Path, out: Path, tmp_path: Path, monkeypatch, capsys, name: str, as_json: bool
) -> None:
    words = ["einthoven", "convert", str(planted), str(out / name), "--deidentify", "--secret-file"]
    monkeypatch.setattr(sys, "argv", [*words, str(tmp_path / "secret"), *["--json"] * as_json])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert not ended.value.code, said.err
    assert "canary" not in (said.out + said.err + content(out)).lower() and not said.err
    assert (tmp_path / "secret").read_text().strip() not in said.out + content(out)
    if as_json:
        found = json.loads(said.out)
        assert found["deidentified"] and found["words_searched"] > 50
        assert found["compared"]["largest_error_uv"] < 1e-3
    else:
        assert "none found" in said.out and "was made" in said.out


@pytest.mark.parametrize("name", OUTPUTS[:3])
def test_names_never_pass_even_as_they_are(planted: Path, out: Path, canaries: list[str], name: str) -> None:
    """Without de-identification go id, device and statements, which an ECG carries, and nothing else."""
    ecg = read(planted)
    carried = " ".join(
        [str(ecg.patient.id), str(ecg.device), *(f"{s.text} {s.code} {s.system}" for s in ecg.statements)]
    )
    write(ecg, out / name)
    text = content(out)
    assert [word for word in canaries if word.lower() in text and word not in carried] == []
    assert "1926" not in text and canaries[0].lower() in text


@pytest.mark.parametrize("name", OUTPUTS[:3])
@pytest.mark.parametrize("leak", ["device", "patient", "statements", "time"])
def test_a_leak_is_found_and_nothing_is_left(planted: Path, out: Path, monkeypatch, leak: str, name: str) -> None:
    """What `deidentify` might once forget."""

    def careless(ecg: ECG, secret: bytes) -> ECG:
        return deidentify(ecg, secret).described(**{leak: getattr(ecg, leak)})

    monkeypatch.setattr(import_module("einthoven.formats.convert"), "deidentify", careless)
    (out / name).write_bytes(b"mine")
    with pytest.raises(FormatError, match="of the original's text") as caught:
        convert(planted, out / name, overwrite=True, secret=SECRET)
    assert "anary" not in str(caught.value)
    assert [path.name for path in out.iterdir()] == [name] and (out / name).read_bytes() == b"mine"


def test_the_name_of_the_output_counts(planted: Path, out: Path, canaries: list[str]) -> None:
    with pytest.raises(FormatError, match="Name the output"):
        convert(planted, out / f"{canaries[0]}.hea", secret=SECRET)
    with pytest.raises(FormatError, match="Name the output"):
        convert(planted, out / f"ecg_{canaries[1].lower()}", secret=SECRET)
    assert not list(out.iterdir())


def test_a_file_that_reads_back_as_another_ecg_is_removed(planted: Path, out: Path, monkeypatch) -> None:
    writer = import_module("einthoven.formats.write.wfdb")
    right = writer.digits_of

    def wrong(row: np.ndarray, lead: str):
        digits = right(row, lead)
        digits.raw[17] += 2 if lead == "II" else 0
        return digits

    monkeypatch.setattr(writer, "digits_of", wrong)
    with pytest.raises(FormatError, match="differs from the ECG in its samples"):
        convert(planted, out / "x", secret=SECRET)
    with pytest.raises(FormatError, match="differs from the ECG in its samples"):
        convert(planted, out / "x")
    assert not list(out.iterdir())


@pytest.mark.parametrize("line", ["{} is no signal line", "{}.dat 16 1000(0)/mV 16 0 0 0 0 II"])
def test_errors_quote_nothing(out: Path, canaries: list[str], line: str) -> None:
    source = out / "r.hea"
    source.write_text(f"r 2 500 1\nr.dat 16 1000(0)/mV 16 0 0 0 0 I\n{line.format(canaries[0])}\n")
    (out / "r.dat").write_bytes(bytes(2))
    with pytest.raises(EinthovenError, match=canaries[0]):
        convert(source, out / "x.dcm")
    with pytest.raises(EinthovenError, match="cannot be read") as caught:
        convert(source, out / "x.dcm", secret=SECRET)
    assert "anary" not in str(caught.value) and caught.value.__suppress_context__
    with pytest.raises(FileError, match=r"'none\.dcm' does not exist"):
        convert(out / "none.dcm", out / "x.dcm", secret=SECRET)
