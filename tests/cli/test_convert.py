"""`einthoven convert`: from one format to another, with and without identities."""

from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.cli.demo import demo_file
from einthoven.ecg import Patient, Statement
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
        *("secret_file_made", "notices", "quality"),
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
    found = run("convert", record, tmp_path / "x.csv", "--json").json
    assert found["step_uv"]["I"] is None and found["compared"]["largest_error_uv"] < 0.01


def test_what_a_table_does_not_say_is_told(run, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    np.savetxt(path, np.rint(simulate(rate=400, seconds=4).signal[:2].T * 1000), "%d", ",")
    said = run("convert", path, tmp_path / "x.dcm")
    assert said.code == 1 and "no sampling rate" in said.err and "--rate" in said.err
    found = run("convert", path, tmp_path / "x.dcm", "--rate", 400, "--unit", "uV", "--leads", "I,II", "--json").json
    assert (found["rate_hz"], found["leads"], found["samples"]) == (400, ["I", "II"], 1600)
    said = run("convert", path, tmp_path / "y.dcm", *("--rate", 400, "--unit", "furlong", "--leads", "I,II"))
    assert said.code == 2 and "no unit of voltage" in said.err


def test_one_of_several_ecgs_in_a_file(run, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path, secret = tmp_path / "part.hdf5", tmp_path / "secret"
    full = np.zeros((3, 4096, 12), np.float32)
    full[:2, 48:-48] = simulate(rate=400, seconds=10).signal.T
    full[1] /= 2
    with h5py.File(path, "w") as file:
        file["tracings"], file["exam_id"] = full, [1169160, 32, 0]
    for number, scale in ((1169160, 1), (32, 2)):
        words = (tmp_path / f"of{scale}.hea", "--deidentify", "--secret-file", secret, "--json")
        found = run("convert", f"{path}#{number}", *words).json
        assert found["samples"] == 4000 and found["deidentified"]
        again = einthoven.read(tmp_path / f"of{scale}.hea")
        assert np.abs(again.signal * scale - full[0, 48:-48].T).max() < 0.003
    said = run("convert", f"{path}#1169160", tmp_path / "1169160.hea", "--deidentify", "--secret-file", secret)
    assert said.code == 1 and "says nothing of the patient" in said.err and not (tmp_path / "1169160.hea").exists()
    said = run("convert", f"{path}#5", tmp_path / "5.hea")
    assert said.code == 1 and "no exam '5'" in said.err


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
    assert said.code == 2 and "--secret-file" in said.err
    monkeypatch.setenv("EINTHOVEN_SECRET", "ab" * 32)
    assert run("convert", record, tmp_path / "x.dcm", "--deidentify").code == 0
    expected = einthoven.deidentify(einthoven.read(record), "ab" * 32)
    assert einthoven.read(tmp_path / "x.dcm").patient == expected.patient
    monkeypatch.setenv("EINTHOVEN_SECRET", "short")
    said = run("convert", record, tmp_path / "y.dcm", "--deidentify")
    assert said.code == 2 and "guessed" in said.err and "short" not in said.err


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
    assert said.code in {1, 2} and message in said.err and not said.out
    assert {path.name for path in tmp_path.iterdir()} - {"s"} == before
    assert Path("there.dcm").read_text() == "a letter"


def test_overwriting_the_source_itself(run, record: Path) -> None:
    before = einthoven.read(record)
    assert run("convert", record, record).code == 1
    assert run("convert", record, record, "--overwrite").code == 0
    assert einthoven.read(record).sha256 == before.sha256


def test_unknown_format_is_a_wrong_command_line(run, record: Path, tmp_path: Path) -> None:
    assert run("convert", record, tmp_path / "x.edf", "--format", "edf").code == 2
