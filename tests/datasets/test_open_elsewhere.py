from __future__ import annotations

import pytest

from einthoven.datasets import LUDB, Challenge, Chapman, open_dataset, open_elsewhere
from einthoven.ecg import DataError, UsageError


def test_a_data_set_or_a_folder_that_holds_some(tmp_path, make_ecg, write_wfdb):
    write_wfdb(make_ecg(0), "E00001", folder=tmp_path / "challenge" / "georgia" / "g1")
    write_wfdb(make_ecg(1), "1", folder=tmp_path / "ludb" / "data")
    (tmp_path / "ludb" / "ludb.csv").touch()
    (tmp_path / "other").mkdir()
    assert [type(each) for each in open_elsewhere(tmp_path)] == [Challenge, LUDB]
    assert [type(each) for each in open_elsewhere(tmp_path / "challenge")] == [Challenge]
    (flat,) = open_elsewhere(tmp_path / "challenge" / "georgia" / "g1")
    assert [recording.name for recording in flat.recordings] == ["E00001"]
    (ludb,) = open_elsewhere(tmp_path / "ludb")
    assert isinstance(ludb, LUDB)


@pytest.mark.parametrize("name", ["other", "nowhere"])
def test_a_folder_of_something_else_is_refused(tmp_path, name):
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError):
        open_elsewhere(tmp_path / name)


def test_the_real_ones_are_found_beside_each_other(real_data):
    pytest.importorskip("openpyxl")
    found = open_elsewhere(real_data)
    assert {type(each) for each in found} == {Chapman, Challenge, LUDB}


@pytest.mark.parametrize(("name", "says"), [("ecg-qa", "no recordings of its own"), ("mitbih", "no data set 'mitbih'")])
def test_what_holds_no_recordings_is_not_called_unknown(tmp_path, name, says):
    with pytest.raises(UsageError, match=says):
        open_dataset(name, tmp_path)
