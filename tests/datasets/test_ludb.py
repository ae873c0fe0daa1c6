from __future__ import annotations

import re

import numpy as np
import pytest

from einthoven.datasets import LUDB
from einthoven.ecg import LEADS, DataError, einthoven_residual

SAID = ("<age>: 51", "<sex>: F", "<diagnoses>:", "Rhythm: Sinus rhythm.", "Left atrial hypertrophy. ")


@pytest.fixture
def folder(tmp_path, make_ecg, write_wfdb):
    """Records 2 and 10, both as LUDB has them: each lead's gain is its range."""
    for n in (2, 10):
        ecg = make_ecg(n)
        header = write_wfdb(ecg, str(n), SAID, tmp_path / "data")
        text = header.read_text()
        for lead, row in zip(LEADS, np.rint(ecg.signal * 1000), strict=True):
            text = re.sub(rf"1000\(0\)(/mV.* {lead}\n)", rf"{np.ptp(row):.0f}(3)\1", text)
        header.write_text(text)
    (tmp_path / "ludb.csv").write_text("ID,Sex,Age\n")
    return tmp_path


def test_stretched_leads_are_read_as_stored(folder, make_ecg):
    source = LUDB(folder)
    assert [recording.record for recording in source.recordings] == ["ludb/2", "ludb/10"]
    row = source.row(source.recordings[1])
    ecg = row.ecg()
    assert np.abs(ecg.signal - make_ecg(10).signal).max() < 0.0011
    assert [notice.kind for notice in ecg.notices] == ["gain-ignored"]
    assert (row.patient, row.age, row.sex) == (None, 51, "female")
    assert [s.text for s in row.statements] == ["Rhythm: Sinus rhythm.", "Left atrial hypertrophy."]


def test_leads_that_are_not_stretched_keep_their_gain(tmp_path, make_ecg, write_wfdb):
    write_wfdb(make_ecg(0), "1", SAID, tmp_path / "data")
    ecg = LUDB(tmp_path).row(LUDB(tmp_path).recordings[0]).ecg()
    assert np.abs(ecg.signal - make_ecg(0).signal).max() < 0.0011
    assert not ecg.notices


def test_a_folder_without_records_is_refused(tmp_path):
    (tmp_path / "ludb.csv").touch()
    assert LUDB.is_in(tmp_path)
    with pytest.raises(DataError, match="No record of LUDB"):
        LUDB(tmp_path)


def test_the_real_one(real_data):
    source = LUDB(real_data / "ludb")
    assert [recording.name for recording in source.recordings] == [str(n) for n in range(1, 101)]
    heights = []
    for recording in source.recordings[::7]:
        ecg = source.row(recording).ecg()
        assert "gain-ignored" in {notice.kind for notice in ecg.notices}
        assert einthoven_residual(ecg.signal) < 0.05  # read by the headers' gains it is 0.5 in the middle
        heights.append(np.ptp(ecg.lead("II")))
        assert any(s.text.startswith("Rhythm:") for s in ecg.statements)
    assert 0.6 < np.median(heights) < 2.0  # mV
