from __future__ import annotations

import csv
import gzip

import pytest

from einthoven.datasets.splits import merl_icbeb, read_lists
from einthoven.ecg import DataError

ICBEB = "patient_id,ecg_id,filename,validation,age,sex,scp_codes,AFIB,VPC\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "x_train.csv.gz").write_bytes(gzip.compress(f"{ICBEB}1,1,A0001,False,12,1,{{}},1,1\n".encode()))
    (tmp_path / "x_val.csv").write_text(f"\n{ICBEB}2,2,A0002,False,12,1,{{}},0,0\n")
    (tmp_path / "x_test.csv").write_text(f"{ICBEB}3,3,A0003,False,12,1,{{}},0,1\n")
    return tmp_path


def test_lists(folder):
    found = read_lists(folder)
    assert found.labels == ("AFIB", "VPC")
    assert (found.train, found.val) == ({"cpsc2018/A0001": ("AFIB", "VPC")}, {"cpsc2018/A0002": ()})
    assert found.test == {"cpsc2018/A0003": ("VPC",)}


@pytest.mark.parametrize(
    ("old", "new"), [("A0003", "A0001"), ("VPC", "PVC"), ("filename", "name"), (",0,1\n", ",0,2\n"), ("{},0,1", "{},1")]
)
def test_lists_that_leak_or_are_damaged_are_refused(folder, old, new):
    file = folder / "x_test.csv"
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(DataError):
        read_lists(folder)
    file.unlink()
    with pytest.raises(DataError, match="0 lists"):
        read_lists(folder)


def test_the_real_lists_of_icbeb_follow_from_their_rule(real_data):
    folder = real_data / "splits" / "icbeb"
    found = read_lists(folder)
    assert [len(found.train), len(found.val), len(found.test), len(found.labels)] == [4950, 551, 1376, 9]
    number = {}
    for path in folder.iterdir():
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            number |= {f"cpsc2018/{line['filename']}": int(line["ecg_id"]) for line in csv.DictReader(file)}
    for part, ids in merl_icbeb(sorted(number.values())).items():
        assert [number[record] for record in getattr(found, part)] == ids


def test_the_real_lists_of_chapman_ningbo(real_data):
    found = read_lists(real_data / "splits" / "chapman")
    assert [len(found.train), len(found.val), len(found.test), len(found.labels)] == [16546, 1860, 4620, 38]
    assert all(record.startswith("chapman-ningbo/JS") for record in found.test)
