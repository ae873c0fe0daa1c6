from __future__ import annotations

import numpy as np
import pytest

from einthoven.datasets import CODE15, open_dataset
from einthoven.ecg import DataError, Statement

h5py = pytest.importorskip("h5py")

COLUMNS = "exam_id,age,is_male,nn_predicted_age,1dAVb,RBBB,LBBB,SB,ST,AF,patient_id,death,timey,normal_ecg,trace_file"
LINES = (
    "1169160,38,True,40.16,False,False,False,False,False,False,523632,False,2.1,True,exams_part0.hdf5",
    "2873686,73,False,67.06,True,False,True,False,False,False,1724173,,,False,exams_part0.hdf5",
    "168405,67,True,79.62,False,False,False,False,False,True,51421,,,False,exams_part1.hdf5",  # not there
)


@pytest.fixture
def folder(tmp_path, make_ecg):
    """Two exams and the row of zeros with which each part ends, in another order than the table's."""
    tracings = np.zeros((3, 4096, 12), np.float32)
    for place, n in ((0, 1), (1, 0)):
        tracings[place, 548:3548] = np.repeat(make_ecg(n).signal.T, 3, axis=0)
    with h5py.File(tmp_path / "exams_part0.hdf5", "w") as file:
        file["tracings"] = tracings
        file["exam_id"] = np.array([2873686, 1169160, 0])
    (tmp_path / "exams.csv").write_text("\n".join((COLUMNS, *LINES)) + "\n")
    return tmp_path


def test_rows(folder, make_ecg):
    source = open_dataset("code-15", folder)
    assert [recording.record for recording in source.recordings] == ["code-15/1169160", "code-15/2873686"]
    first, second = source.rows()
    assert (first.patient, first.age, first.sex, first.rate) == ("code-15/523632", 38, "male", 400)
    assert first.statements == (Statement(code="normal_ecg", system="CODE-15"),)
    assert [s.code for s in second.statements] == ["1dAVb", "LBBB"]
    assert second.sex == "female"
    assert np.abs(first.ecg().signal[:, ::3] - make_ecg(0).signal).max() < 0.0006
    assert 1 <= first.fold <= 10


@pytest.mark.parametrize(
    ("old", "new"),
    [("1dAVb", "AVb"), ("True,40", "True,40,9"), (",True,exams", ",maybe,exams"), ("exams_part0", "../exams_part0")],
)
def test_another_table_is_refused(folder, old, new):
    table = folder / "exams.csv"
    table.write_text(table.read_text().replace(old, new))
    with pytest.raises(DataError):
        CODE15(folder)


def test_without_exams_there_is_nothing(folder):
    (folder / "exams_part0.hdf5").unlink()
    with pytest.raises(DataError, match="No exam"):
        CODE15(folder)


def test_the_real_copies(real_data, tmp_path):
    copies = real_data / "code15-wfdb"
    names = sorted(path.stem for path in copies.glob("*.hea"))
    table = [COLUMNS]
    table += [f"{name},50,True,50,False,False,False,False,False,False,{n // 2},,,False,exams_part3.hdf5"
              for n, name in enumerate(names)]  # fmt: skip
    for name in names:
        (tmp_path / f"{name}.hea").write_bytes((copies / f"{name}.hea").read_bytes())
        (tmp_path / f"{name}.dat").write_bytes((copies / f"{name}.dat").read_bytes())
    (tmp_path / "exams.csv").write_text("\n".join(table) + "\n")
    rows = list(CODE15(tmp_path).rows())
    assert len(rows) == 20 and {row.rate for row in rows} == {400}
    assert len({row.patient for row in rows}) == 10
