from __future__ import annotations

import shutil

import numpy as np
import pytest

from einthoven.datasets import CPSC2018, open_elsewhere
from einthoven.datasets.cpsc2018 import label_names, nine_labels
from einthoven.ecg import ECG, DataError, Statement
from einthoven.statements.elsewhere import meaning

from .conftest import write_cpsc

HEADER = "Recording,First_label,Second_label,Third_label\n"


def at_500(ecg: ECG) -> ECG:
    return ECG(np.repeat(ecg.signal, 5, axis=1), 500)


@pytest.fixture
def original(tmp_path, make_ecg):
    write_cpsc(tmp_path / "TrainingSet1/A0001.mat", at_500(make_ecg(0)))
    write_cpsc(tmp_path / "TrainingSet3/A4600.mat", at_500(make_ecg(1)), "Female", 15)
    (tmp_path / "REFERENCE.csv").write_text(HEADER + "A0001,5,,\nA4600,8,2,\n")
    return tmp_path


def test_the_original_layout(original, make_ecg):
    (source,) = open_elsewhere(original)
    assert isinstance(source, CPSC2018)
    first, second = source.rows()
    assert (first.record, first.patient, first.age, first.sex) == ("cpsc2018/A0001", None, 74, "male")
    assert first.statements == (Statement(code="59118001", system="SNOMED"),)
    assert [s.code for s in second.statements] == ["429622005", "164889003"]  # the order is kept
    assert nine_labels(second.statements) == ("AFIB", "STD_")
    assert np.abs(first.ecg().signal[:, ::5] - make_ecg(0).signal).max() < 0.0006


def test_the_copy_of_the_challenge_says_the_same(original, make_ecg, write_wfdb, tmp_path_factory):
    copy = tmp_path_factory.mktemp("challenge")
    write_wfdb(at_500(make_ecg(0)), "A0001", ("Age: 74", "Sex: Male", "Dx: RBBB"), copy)
    write_wfdb(at_500(make_ecg(1)), "A4600", ("Age: 15", "Sex: Female", "Dx: 164889003,429622005"), copy / "g1")
    for one, other in zip(CPSC2018(original).rows(), CPSC2018(copy).rows(), strict=True):
        assert (one.record, one.patient, one.age, one.sex) == (other.record, other.patient, other.age, other.sex)
        assert nine_labels(one.statements) == nine_labels(other.statements)
        assert np.abs(one.ecg().signal - other.ecg().signal).max() < 0.0011


def test_the_nine_classes_are_those_of_the_benchmark_and_mean_scp_codes():
    assert label_names() == ("NORM", "AFIB", "1AVB", "CLBBB", "CRBBB", "PAC", "VPC", "STD_", "STE_")
    for number, label in enumerate(label_names(), 1):
        assert nine_labels([Statement(text=str(number))]) == (label,)
    for code, said in (("426783006", "NORM"), ("164909002", "CLBBB"), ("59118001", "CRBBB"), ("164884008", "PVC")):
        found = meaning("cpsc2018", Statement(code=code, system="SNOMED"))
        assert found is not None and said in found.codes


def test_folds_of_the_benchmark(original):
    (original / "icbeb_database.csv").write_text("ecg_id,filename,strat_fold\n1,A4600,9\n2,A0001,3\n")
    source = CPSC2018(original)
    assert [recording.fold for recording in source.recordings] == [3, 9]
    assert [row.record for row in source.rows([9])] == ["cpsc2018/A4600"]


@pytest.mark.parametrize("line", ["A0001,10,,", "A0001,,,", "A0001,five,,"])
def test_labels_that_are_none_are_refused(original, line):
    (original / "REFERENCE.csv").write_text(HEADER + line + "\n")
    with pytest.raises(DataError, match="label that is none"):
        CPSC2018(original)


def test_a_record_without_a_line_and_a_folder_without_labels(original, tmp_path_factory):
    (original / "REFERENCE.csv").write_text(HEADER + "A0001,1,,\n")
    with pytest.raises(DataError, match="no line for A4600"):
        list(CPSC2018(original).rows())
    (original / "REFERENCE.csv").unlink()
    with pytest.raises(DataError, match="lacks REFERENCE"):
        CPSC2018(original)
    with pytest.raises(DataError, match="No record of CPSC2018"):
        CPSC2018(tmp_path_factory.mktemp("empty"))


def test_the_real_ones(real_data, tmp_path):
    shutil.copytree(real_data / "cpsc2018-original" / "TrainingSet1", tmp_path / "TrainingSet1")
    names = [path.stem for path in sorted((tmp_path / "TrainingSet1").glob("*.mat"))]
    (tmp_path / "REFERENCE.csv").write_text(HEADER + "".join(f"{name},1,,\n" for name in names))
    rows = list(CPSC2018(tmp_path).rows())
    assert [row.record for row in rows] == [f"cpsc2018/{name}" for name in names]
    assert {row.rate for row in rows} == {500}
    copied = list(CPSC2018(real_data / "cinc2021" / "cpsc2018").rows())
    assert len(copied) == 20 and all(nine_labels(row.statements) for row in copied)
