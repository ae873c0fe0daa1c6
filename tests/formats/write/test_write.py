"""Which format, what is refused and why, and that nothing is left behind."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.ecg import ECG, FileError, FormatError, Patient, SignalError, Statement, UsageError
from einthoven.formats import read, write
from einthoven.formats.write.write import encode, writing


@pytest.mark.parametrize(
    ("name", "form", "kind", "files"),
    [
        ("r", None, "WFDB", ["r.dat", "r.hea"]),
        ("r.hea", None, "WFDB", ["r.dat", "r.hea"]),
        ("r.HEA", None, "WFDB", ["r.dat", "r.hea"]),
        ("r.dat", "wfdb", "WFDB", ["r.dat", "r.hea"]),
        ("x.DCM", None, "DICOM 12-lead ECG", ["x.DCM"]),
        ("x", "dicom", "DICOM 12-lead ECG", ["x"]),
        ("x.xml", None, "HL7 aECG", ["x.xml"]),
        ("x.txt", "AECG", "HL7 aECG", ["x.txt"]),
        ("x.csv", None, "CSV", ["x.csv"]),
    ],
)
def test_suffix_or_name_of_the_format(full: ECG, tmp_path: Path, name, form, kind, files) -> None:
    written = einthoven.write(full, tmp_path / name, format=form)
    assert written.encoded.kind == kind
    assert sorted(path.name for path in tmp_path.iterdir()) == files
    assert sorted(path.name for path in written.paths) == files


@pytest.mark.parametrize(("name", "form"), [("x.foo", None), ("x.mat", None), ("x.dcm", "edf"), ("", None)])
def test_what_is_not_written(full: ECG, tmp_path: Path, name: str, form: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        write(full, tmp_path / name if name else Path(), format=form)
    assert caught.value.mend and not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".hea", ".dcm", ".xml", ".csv"])
def test_unknown_voltages_are_not_written(full: ECG, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(SignalError, match="gain is unknown"):
        write(ECG(full.signal, 500, calibrated=False), tmp_path / f"x{suffix}")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("rate", [100, 199.9, 1000.5, 2000])
def test_rates_that_dicom_has_not(full: ECG, tmp_path: Path, rate: float) -> None:
    with pytest.raises(SignalError, match=f"200 to 1000 Hz; this one has {rate:g} Hz"):
        write(ECG(full.signal, rate), tmp_path / "x.dcm")


def test_a_recording_too_large_to_be_read_again(tmp_path: Path) -> None:
    ecg = ECG(np.ones((12, 3_000_000), np.float32), 1000)
    with pytest.raises(SignalError, match="69 MB or more; at most 64 MB"):
        write(ecg, tmp_path / "x.hea")


@pytest.mark.parametrize("suffix", [".hea", ".dcm", ".xml", ".csv"])
def test_existing_files_stay(full: ECG, tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"x{suffix}").write_bytes(b"mine")
    with pytest.raises(FileError, match="exists already"):
        write(full, tmp_path / f"x{suffix}")
    assert (tmp_path / f"x{suffix}").read_bytes() == b"mine" and len(list(tmp_path.iterdir())) == 1
    write(full, tmp_path / f"x{suffix}", overwrite=True)
    assert (tmp_path / f"x{suffix}").read_bytes() != b"mine"


def test_a_signal_file_alone_is_in_the_way_too(full: ECG, tmp_path: Path) -> None:
    (tmp_path / "x.dat").write_bytes(b"mine")
    with pytest.raises(FileError, match=r"x\.dat"):
        write(full, tmp_path / "x.hea")
    assert [path.name for path in tmp_path.iterdir()] == ["x.dat"]


def test_folders(full: ECG, tmp_path: Path) -> None:
    (tmp_path / "x.dcm").mkdir()
    with pytest.raises(FileError, match="is a folder"):
        write(full, tmp_path / "x.dcm", overwrite=True)
    with pytest.raises(FileError, match="cannot be written"):
        write(full, tmp_path / "none" / "x.dcm")


@pytest.mark.parametrize("suffix", [".hea", ".dcm"])
def test_an_exception_while_looking_leaves_everything_as_it_was(full: ECG, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / f"x{suffix}"
    write(full, target)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    other = ECG(full.signal * 2, 500)
    with pytest.raises(FormatError), writing(other, target, overwrite=True) as (written, ready):
        assert read(ready).samples == full.samples and written.paths[0] == target
        raise FormatError("looked", "and refused")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("broken", [0, 1, 2, 3])
def test_a_disk_that_fails_between_two_moves(full: ECG, tmp_path: Path, monkeypatch, broken: int) -> None:
    """Old header and signal out, new signal in, new header in: each of the four can fail."""
    write(full, tmp_path / "x.hea")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    moves = iter(range(10))
    replace = Path.replace

    def sometimes(self: Path, target: Path) -> Path:
        if next(moves) == broken:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", sometimes)
    with pytest.raises(FileError, match="No space left"):
        write(ECG(full.signal * 2, 500), tmp_path / "x.hea", overwrite=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_only_recorded_leads_are_stored(full: ECG, tmp_path: Path) -> None:
    ecg = ECG(full.signal[[1, 2, 8]], 500, ["II", "III", "V3"])
    for suffix in (".hea", ".dcm", ".xml", ".csv"):
        written = write(ecg, tmp_path / f"x{suffix}")
        assert written.encoded.leads == ("II", "III", "V3")
    assert b"aVF" not in (tmp_path / "x.hea").read_bytes() and b"V1" not in (tmp_path / "x.csv").read_bytes()


_HOSTILE = 'a\nSex: Male\n#Age: 3"\\&<x>\x1b[31m,=1+1\u202e ü'


@pytest.mark.parametrize("suffix", [".hea", ".dcm", ".xml", ".csv"])
def test_texts_cannot_break_out_of_their_place(full: ECG, tmp_path: Path, suffix: str) -> None:
    ecg = full.described(
        patient=Patient(_HOSTILE),
        device=_HOSTILE,
        statements=(
            Statement(_HOSTILE),
            Statement(_HOSTILE, _HOSTILE, _HOSTILE),
            Statement("x" * 3000, "C", "SCP"),
            Statement("", "C" * 300, "SNOMED"),
        ),
    )
    write(ecg, tmp_path / f"x{suffix}")
    if suffix == ".csv":
        lines = (tmp_path / "x.csv").read_text().splitlines()
        assert len(lines) == ecg.samples + 1 + 5  # header; rate, unit, patient, time, device
    again = read(tmp_path / f"x{suffix}")
    assert again.patient.age is None and again.patient.sex is None
    assert np.abs(again.signal - ecg.signal).max() < 0.002 and "Sex: Male" in again.patient.id
    assert suffix == ".csv" or any("[31m" not in s.text and "ü" in s.text for s in again.statements)


@pytest.mark.parametrize("year", [1, 99, 1969, 9999])
@pytest.mark.parametrize("suffix", [".hea", ".dcm", ".xml", ".csv"])
def test_times(full: ECG, tmp_path: Path, suffix: str, year: int) -> None:
    time = datetime(year, 2, 3, 4, 5, 6, 7000)
    write(full.described(time=time), tmp_path / f"x{suffix}")
    assert read(tmp_path / f"x{suffix}").time == time
    write(full.described(time=None), tmp_path / f"x{suffix}", overwrite=True)
    assert read(tmp_path / f"x{suffix}").time is None


@pytest.mark.parametrize(
    ("age", "read_as"), [(0.0, 0.0), (0.02, 0.02), (0.5, 0.5), (1.5, 1.5), (1.0, 1.0), (64.0, 64.0), (300.0, 300.0)]
)
def test_ages(full: ECG, tmp_path: Path, age: float, read_as: float) -> None:
    for suffix in (".hea", ".dcm", ".xml"):
        write(full.described(patient=Patient(age=age)), tmp_path / f"x{suffix}", overwrite=True)
        found = read(tmp_path / f"x{suffix}").patient.age
        assert found == pytest.approx(read_as, abs=0.003) or (age == 300 and suffix != ".dcm")


def test_dicom_without_a_time_says_so(full: ECG, tmp_path: Path) -> None:
    written = write(full.described(time=None), tmp_path / "x.dcm")
    assert "no-time" in [notice.kind for notice in written.notices]


def test_encoding_writes_nothing(full: ECG, tmp_path: Path) -> None:
    assert set(encode(full, tmp_path / "x").files) == {".hea", ".dat"} and not list(tmp_path.iterdir())
