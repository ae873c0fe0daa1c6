from __future__ import annotations

import sys

import numpy as np
import pytest

from einthoven.datasets import Chapman
from einthoven.ecg import DataError, MissingPackageError, Statement

openpyxl = pytest.importorskip("openpyxl")

HEADER = ("FileName", "Rhythm", "Beat", "PatientAge", "Gender", "VentricularRate")
LINES = (
    ("MUSE_1", "AF", "RBBB TWC", "85", "MALE", 117),
    ("MUSE_2", "SR", "NONE", "?", "FEMALE", 60),
    ("MUSE_3", "SB", "NONE", "59", "FEMALE", 52),  # its signal is not there
)


@pytest.fixture
def write(tmp_path, make_ecg):
    def make(header=HEADER, lines=LINES, signals=("MUSE_1", "MUSE_2")):
        book = openpyxl.Workbook()
        for line in (header, *lines):
            book.active.append(line)
        book.save(tmp_path / "Diagnostics.xlsx")
        (tmp_path / "ECGDataDenoised").mkdir()
        for n, name in enumerate(signals):
            np.savetxt(tmp_path / "ECGDataDenoised" / f"{name}.csv", make_ecg(n).signal.T * 1000, "%.5g", ",")
        return tmp_path

    return make


def test_rows(write, make_ecg):
    source = Chapman(write())
    assert [recording.record for recording in source.recordings] == ["chapman/MUSE_1", "chapman/MUSE_2"]
    first, second = map(source.row, source.recordings)
    assert (first.patient, first.age, first.sex, first.rate) == ("chapman/MUSE_1", 85, "male", 500)
    assert first.statements == tuple(Statement(code=code, system="Chapman") for code in ("AF", "RBBB", "TWC"))
    assert (second.age, second.sex) == (None, "female")
    assert [s.code for s in second.statements] == ["SR"]
    assert np.abs(first.ecg().signal - make_ecg(0).signal).max() < 0.001


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "1,2,3\n4,5,6\n", ""])
def test_a_signal_that_is_none_is_named(write, content):
    folder = write()
    (folder / "ECGDataDenoised" / "MUSE_1.csv").write_text(content)
    source = Chapman(folder)
    with pytest.raises(DataError, match="chapman/MUSE_1 cannot be read"):
        source.row(source.recordings[0])


def test_another_table_is_refused(write):
    with pytest.raises(DataError, match="no column Beat"):
        Chapman(write(header=("FileName", "Rhythm", "Beats", "PatientAge", "Gender", "x")))


def test_what_is_no_spreadsheet_is_refused(tmp_path):
    (tmp_path / "Diagnostics.xlsx").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(DataError, match=r"Diagnostics\.xlsx cannot be read"):
        Chapman(tmp_path)


def test_without_signals_there_is_nothing(write):
    with pytest.raises(DataError, match="No signal"):
        Chapman(write(signals=()))


def test_without_openpyxl_the_extra_is_named(write, monkeypatch):
    folder = write()
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingPackageError, match="openpyxl") as caught:
        Chapman(folder)
    assert "einthoven[eval]" in caught.value.mend


def test_the_real_one(real_data):
    source = Chapman(real_data / "chapman-shaoxing")
    assert len(source.recordings) == 20
    row = source.row(source.recordings[0])
    assert (row.rate, row.samples) == (500, 5000)
    assert row.statements[0].code in {"SR", "SB", "ST", "AFIB"}
    assert 0.3 < np.ptp(row.ecg().lead("II")) < 5  # mV
