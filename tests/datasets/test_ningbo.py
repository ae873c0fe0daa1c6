from __future__ import annotations

import pytest

from einthoven.datasets import Challenge, ChapmanNingbo, open_dataset
from einthoven.ecg import DataError


def test_records_in_nested_folders(tmp_path, make_ecg, write_wfdb):
    said = ("Age: 85", "Sex: Male", "Dx: 164889003,59118001,164934002")
    for n, (name, place) in enumerate((("JS00002", "02/020"), ("JS00001", "01/010"))):
        write_wfdb(make_ecg(n), name, said, tmp_path / "WFDBRecords" / place)
    table = "\ufeffAcronym Name,Full Name,Snomed_CT\nAF,Atrial Flutter,164890007\nVEB,beats,1\nVEB2,again,1\n"
    (tmp_path / "ConditionNames_SNOMED-CT.csv").write_text(table, encoding="utf-8")
    source = open_dataset("chapman-ningbo", tmp_path)
    assert isinstance(source, ChapmanNingbo)
    first, second = source.rows()
    assert (first.record, first.patient, first.age) == ("chapman-ningbo/JS00001",) * 2 + (85,)
    assert [s.code for s in second.statements] == ["164889003", "59118001", "164934002"]
    assert source.conditions == {"164890007": ("AF", "Atrial Flutter"), "1": ("VEB", "beats")}
    assert [r.record for r in Challenge(tmp_path).recordings] == [r.record for r in source.recordings]


def test_a_folder_without_records(tmp_path):
    (tmp_path / "WFDBRecords").mkdir()
    assert ChapmanNingbo.is_in(tmp_path)
    with pytest.raises(DataError, match="No record JS00001"):
        ChapmanNingbo(tmp_path)


def test_the_real_ones(real_data, tmp_path):
    (tmp_path / "WFDBRecords").mkdir()
    for path in (real_data / "cinc2021" / "chapman-ningbo").iterdir():
        (tmp_path / "WFDBRecords" / path.name).write_bytes(path.read_bytes())
    rows = list(ChapmanNingbo(tmp_path).rows())
    assert len(rows) == 28 and all(row.statements and row.patient == row.record for row in rows)
