"""`einthoven convert`: from one format to another, with and without identities."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.cli.demo import demo_file
from einthoven.ecg import Patient, Statement
from einthoven.formats import FORMATS
from einthoven.testing import simulate


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """A WFDB record of a patient with an id, 4 s at 500 Hz."""
    ecg = simulate(rate=500, seconds=4).described(
        patient=Patient("MRN-4711", 93.0, "male"),
        time=einthoven.read(demo_file()).time,
        statements=(Statement("Dear Dr. Mustermann"), Statement(code="NORM", system="SCP", likelihood=100.0)),
    )
    return einthoven.write(ecg, tmp_path / "source").paths[0]


@pytest.mark.parametrize(("name", "kind"), [("x.dcm", "DICOM 12-lead ECG"), ("x", "WFDB"), ("x.xml", "HL7 aECG")])
def test_each_format(run, record: Path, tmp_path: Path, name: str, kind: str) -> None:
    said = run("convert", record, tmp_path / name, "--json")
    assert said.code == 0 and not said.err
    found = said.json
    assert set(found) == {
        *("files", "format", "leads", "rate_hz", "samples", "step_uv", "compared", "deidentified", "words_searched"),
        *("secret_file_made", "notices"),
    }
    assert found["format"] == kind and found["samples"] == 2000 and found["deidentified"] is False
    assert found["compared"]["samples"] == 24_000 and found["compared"]["largest_error_uv"] <= 1
    before, after = einthoven.read(record), einthoven.read(found["files"][0])
    assert np.abs(before.signal - after.signal).max() <= 0.001 and after.patient == before.patient


def test_as_text(run, record: Path, tmp_path: Path) -> None:
    said = run("convert", record, tmp_path / "x.dcm")
    assert said.code == 0 and "read back   24000 samples" in said.out and str(tmp_path / "x.dcm") in said.out
    assert "steps of 1 µV" in said.out and "identities" not in said.out


def test_csv(run, record: Path, tmp_path: Path) -> None:
    if "CSV" not in FORMATS:
        pytest.skip("CSV is not read, so what is written cannot be read back")
    found = run("convert", record, tmp_path / "x.csv", "--json").json
    assert found["step_uv"]["I"] is None and found["compared"]["largest_error_uv"] < 0.01


def test_without_identities(run, record: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    said = run("convert", record, tmp_path / "x.dcm", "--deidentify", "--secret-file", secret)
    assert said.code == 0 and "none found" in said.out and f"{secret} was made" in said.out
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600 and secret.read_text().strip() not in said.out
    after = einthoven.read(tmp_path / "x.dcm")
    assert after.patient.age == 90 and len(after.patient.id) == 24 and after.time != einthoven.read(record).time
    assert [s.code for s in after.statements] == ["NORM"]
    data = (tmp_path / "x.dcm").read_bytes()
    assert b"4711" not in data and b"Mustermann" not in data
    again = run("convert", record, tmp_path / "y.xml", "--deidentify", "--secret-file", secret)
    assert "was made" not in again.out
    other = einthoven.read(tmp_path / "y.xml")
    assert (other.patient, other.time) == (after.patient, after.time)


def test_the_secret_in_the_environment(run, record: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("EINTHOVEN_SECRET", raising=False)
    said = run("convert", record, tmp_path / "x.dcm", "--deidentify")
    assert said.code == 1 and "--secret-file" in said.err
    monkeypatch.setenv("EINTHOVEN_SECRET", "ab" * 32)
    assert run("convert", record, tmp_path / "x.dcm", "--deidentify").code == 0
    expected = einthoven.deidentify(einthoven.read(record), "ab" * 32)
    assert einthoven.read(tmp_path / "x.dcm").patient == expected.patient
    monkeypatch.setenv("EINTHOVEN_SECRET", "short")
    said = run("convert", record, tmp_path / "y.dcm", "--deidentify")
    assert said.code == 1 and "guessed" in said.err and "short" not in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["{record}", "x.foo"], "suffix"),
        (["{record}", "none/x.dcm"], "cannot be written"),
        (["{record}", "there.dcm"], "exists already"),
        (["nothing.dcm", "x.dcm"], "does not exist"),
        (["there.dcm", "x.xml"], "no ECG file"),
        (["{record}", "x.dcm", "--secret-file", "s"], "--deidentify"),
        (["{record}", "MRN-4711.dcm", "--deidentify", "--secret-file", "s", "--format", "wfdb"], "letters, digits"),
        (["{record}", "MRN-4711", "--deidentify", "--secret-file", "s"], "Name the output"),
    ],
)
def test_refusals_leave_nothing(run, record: Path, tmp_path: Path, monkeypatch, words: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.dcm").write_text("a letter")
    before = {path.name for path in tmp_path.iterdir()}
    said = run("convert", *(word.format(record=record) for word in words))
    assert said.code == 1 and message in said.err and not said.out
    assert {path.name for path in tmp_path.iterdir()} - {"s"} == before
    assert Path("there.dcm").read_text() == "a letter"


def test_overwriting_the_source_itself(run, record: Path) -> None:
    before = einthoven.read(record)
    assert run("convert", record, record).code == 1
    assert run("convert", record, record, "--overwrite").code == 0
    assert einthoven.read(record).sha256 == before.sha256


def test_unknown_format_is_a_wrong_command_line(run, record: Path, tmp_path: Path) -> None:
    assert run("convert", record, tmp_path / "x.edf", "--format", "edf").code == 2
