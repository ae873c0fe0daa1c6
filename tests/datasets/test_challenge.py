from __future__ import annotations

import numpy as np
import pytest

from einthoven.datasets import Challenge
from einthoven.ecg import DataError, Statement


def test_records_of_all_sources_in_nested_folders(tmp_path, make_ecg, write_wfdb):
    for n, (name, folder) in enumerate((("JS00002", "b/1"), ("E00001", "a"), ("HR00003", "c"), ("A0001", "a"))):
        write_wfdb(make_ecg(n), name, ("Age: 74", "Sex: Female", "Dx: 426177001,164934002"), tmp_path / folder)
    write_wfdb(make_ecg(9), "00001_lr", folder=tmp_path / "a")  # none of the Challenge's
    source = Challenge(tmp_path)
    named = [recording.record for recording in source.recordings]
    assert named == ["chapman-ningbo/JS00002", "cpsc2018/A0001", "georgia/E00001", "ptb-xl/HR00003"]
    row = source.row(source.recordings[2])
    assert (row.record, row.source, row.patient, row.age, row.sex) == ("georgia/E00001", "georgia", None, 74, "female")
    assert row.statements == tuple(Statement(code=code, system="SNOMED") for code in ("426177001", "164934002"))
    assert np.abs(row.ecg().signal - make_ecg(1).signal).max() < 0.0011


def test_a_folder_without_records_is_refused(tmp_path, make_ecg, write_wfdb):
    write_wfdb(make_ecg(0), "00001_lr")
    assert not Challenge.is_in(tmp_path)
    with pytest.raises(DataError, match="No record of the Challenge"):
        Challenge(tmp_path)


def test_a_damaged_record_is_named(tmp_path, make_ecg, write_wfdb):
    write_wfdb(make_ecg(0), "E00001")
    (tmp_path / "E00001.dat").write_bytes(b"short")
    source = Challenge(tmp_path)
    with pytest.raises(DataError, match="georgia/E00001 cannot be read"):
        source.row(source.recordings[0])


def test_the_real_one(real_data):
    source = Challenge(real_data / "cinc2021")
    sources = [recording.source for recording in source.recordings]
    assert {name: sources.count(name) for name in sorted(set(sources))} == {
        "chapman-ningbo": 28,
        "cpsc2018": 20,
        "cpsc2018-extra": 17,
        "georgia": 36,
        "ptb": 6,
        "ptb-xl": 27,
    }
    for recording in source.recordings[::12]:
        assert (recording.file.parent.name, recording.file.stem) == (recording.source, recording.name)
        assert source.row(recording).statements
