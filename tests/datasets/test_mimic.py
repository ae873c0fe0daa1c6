from __future__ import annotations

import gzip
from datetime import datetime

import numpy as np
import pytest

from einthoven.datasets import MIMICIVECG, open_dataset
from einthoven.datasets.folds import fold_by_patient
from einthoven.ecg import ECG, LEADS, DataError, UsageError

SAID = {0: "Sinus rhythm.", 3: "Left axis deviation", 17: "Abnormal ECG"}
NUMBERS = (800, 40, 150, 200, 296, 600, 45, -12, 30)
PATIENTS = "subject_id,gender,anchor_age,anchor_year,anchor_year_group,dod\n"


def test_a_row_has_what_tables_and_files_say(tiny_mimic, make_ecg):
    ecg = make_ecg(0)
    tiny_mimic.add(10000032, 40689238, ecg, SAID, NUMBERS)
    source = open_dataset("mimic-iv-ecg", tiny_mimic.write())
    (recording,) = source.recordings
    row = source.row(recording)
    assert (row.record, row.patient) == ("mimic-iv-ecg/40689238", "mimic-iv-ecg/10000032")
    assert (row.age, row.sex, row.time) == (None, None, datetime(2180, 7, 23, 8, 44))
    assert row.text == "Sinus rhythm. Left axis deviation. Abnormal ECG"
    assert [s.text for s in row.statements] == list(SAID.values())
    assert row.fold == recording.fold == fold_by_patient("mimic-iv-ecg/10000032")
    read = row.ecg()
    for lead in LEADS:  # the file holds aVF before aVL
        assert np.abs(read.lead(lead) - ecg.lead(lead)).max() < 0.006


def test_what_the_cart_could_not_measure_is_absent(tiny_mimic, make_ecg):
    tiny_mimic.add(1, 11, make_ecg(0), {}, NUMBERS)
    tiny_mimic.add(1, 12, make_ecg(1), {}, (29999, 32767, 29999, 200, 65535, 600, -32768, 29999, 30))
    source = MIMICIVECG(tiny_mimic.write())
    first, second = source.recordings
    assert source.measured(first) == {
        "pr": 160, "p": 110, "qrs": 96, "qt": 400, "rr": 800, "heart_rate": 75,
        "p_axis": 45, "qrs_axis": -12, "t_axis": 30,
    }  # fmt: skip
    assert source.measured(second) == {"qt": 400, "t_axis": 30}
    assert source.row(second).text is None


def test_age_and_sex_are_joined_from_mimic_iv(tiny_mimic, make_ecg, tmp_path):
    for subject in (10, 20, 30):
        tiny_mimic.add(subject, subject + 1, make_ecg(subject), SAID, NUMBERS)
    folder = tiny_mimic.write()
    table = tmp_path / "patients.csv.gz"
    table.write_bytes(gzip.compress((PATIENTS + "10,F,52,2178,2014 - 2016,\n20,M,91,2180,2014 - 2016,\n").encode()))
    known = [(row.age, row.sex) for row in MIMICIVECG(folder, table).rows()]
    assert known == [(54, "female"), (91, "male"), (None, None)]  # the ECG is of 2180
    anchored = list(MIMICIVECG(folder, table, age="anchor").rows())
    assert [row.age for row in anchored] == [52, 91, None]
    assert any(notice.startswith("age-capped") for notice in anchored[1].notices)
    with pytest.raises(UsageError, match="no age by 'birth'"):
        MIMICIVECG(folder, table, age="birth")


def test_records_that_are_not_there_are_left_out(tiny_mimic, make_ecg):
    tiny_mimic.add(1, 11, None, SAID, NUMBERS)
    tiny_mimic.add(2, 12, make_ecg(0), SAID, NUMBERS)
    source = MIMICIVECG(tiny_mimic.write())
    assert ([recording.name for recording in source.recordings], source.absent) == (["12"], 1)
    assert [recording.name for recording in source.recordings[0:1]] == ["12"]
    with pytest.raises(IndexError):
        source.recordings[1]


def test_nan_and_empty_leads_are_read(tiny_mimic, make_ecg):
    signal = np.array(make_ecg(0).signal)
    signal[3, 100:120] = np.nan
    signal[11] = np.nan
    tiny_mimic.add(1, 11, ECG(signal, 100), SAID, NUMBERS)
    (row,) = MIMICIVECG(tiny_mimic.write()).rows()
    assert np.isnan(row.ecg().signal[3, 100:120]).all()
    assert row.ecg().missing == ("V6",)


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("record_list.csv", "subject_id", "subject", "lacks a column"),
        ("record_list.csv", "files/", "../files/", "outside the folder"),
        ("machine_measurements.csv", "report_7", "report_x", "lacks a column"),
        ("machine_measurements.csv", ",11,", ",99,", "no line for study 11"),
        ("machine_measurements.csv", "800,40", "eight,40", "cannot be read"),
    ],
)
def test_other_tables_are_refused(tiny_mimic, make_ecg, table, old, new, said):
    tiny_mimic.add(1, 11, make_ecg(0), SAID, NUMBERS)
    file = tiny_mimic.write() / table
    file.write_text(file.read_text().replace(old, new))
    with pytest.raises(DataError, match=said):
        list(MIMICIVECG(tiny_mimic.folder).rows())
    file.unlink()
    with pytest.raises(DataError):
        list(MIMICIVECG(tiny_mimic.folder).rows())
