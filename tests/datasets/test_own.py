from __future__ import annotations

import csv

import numpy as np
import pytest

from einthoven.collection import Collection
from einthoven.datasets import Own, open_dataset
from einthoven.datasets.folds import fold_by_patient
from einthoven.datasets.prepare import prepare
from einthoven.datasets.reading import GENEROUS, unreadable
from einthoven.ecg import LEADS, DataError, Statement
from einthoven.ingest import Guard

HEAD = ["file", "patient", "age", "sex", "report", "codes"]
LINES = [
    ["a/r0.hea", "K-7", "63", "w", "Sinusrhythmus, Linksschenkelblock", "SR; CLBBB"],
    ["a/r1.hea", "K-7", "", "", "", ""],
    ["r2.npy", "", "48.5", "male", "normal", "NORM,SR"],
]


@pytest.fixture
def write(tmp_path, make_ecg, write_wfdb):
    """Writes two WFDB records of one patient, an array of nobody's that states nothing, and the table."""
    for n in (0, 1):
        comments = ("Age: 70", "Sex: Male", "Reason for admission: made up")
        write_wfdb(make_ecg(n), f"r{n}", comments if n else (), tmp_path / "a")
    np.save(tmp_path / "r2.npy", make_ecg(2).signal)

    def write(head=HEAD, lines=LINES, told=("500", "mV", ",".join(LEADS))):
        with (tmp_path / "ecgs.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([[*head, "rate", "unit", "leads"], *([*line, *told] for line in lines)])
        return tmp_path

    return write


def test_rows_say_what_the_table_says(write):
    source = open_dataset("own", write())
    assert source.told.rate == 500
    with Guard(GENEROUS, 1, source.told) as guard:
        assert unreadable(source, guard) == {}
    first, second, third = source.rows()
    assert (first.record, first.patient, first.age, first.sex) == ("own/a/r0", "K-7", 63, "female")
    assert first.statements == (Statement(code="SR", system="SCP"), Statement(code="CLBBB", system="SCP"))
    assert (first.text, first.fold) == (LINES[0][4], fold_by_patient("K-7"))
    assert (second.age, second.sex, second.statements, second.text) == (70, "male", (), None)  # age, sex: the file's
    assert (third.record, third.patient, third.fold, third.age) == ("own/r2", None, None, 48.5)
    assert not any("told-not-used" in notice for notice in first.notices)


def test_it_goes_into_a_collection_and_a_patient_out_of_it(write, tmp_path):
    source = Own(write())
    with Guard(GENEROUS, 1, source.told) as guard:
        assert prepare("own", source, tmp_path / "out", guard).added == 3
    collection = Collection.open(tmp_path / "out")
    assert collection.remove(patients=["K-7"]) == 2
    assert [row.record for row in collection.rows()] == ["own/r2"]


def test_a_file_that_cannot_be_read_says_what_to_do(write):
    folder = write()
    (folder / "a/r0.dat").write_bytes(b"short")
    with pytest.raises(DataError, match="own/a/r0 cannot be read") as fault:
        next(Own(folder).rows())
    assert "take it out of ecgs.csv" in fault.value.mend


def changed(line, column, cell):
    lines = [list(one) for one in LINES]
    lines[line][HEAD.index(column)] = cell
    return lines


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (changed(1, "file", "../r1.hea"), "Line 3 of ecgs.csv: its file is not one in the folder"),
        (changed(1, "file", "a/none.hea"), "Line 3 of ecgs.csv: there is no file a/none.hea"),
        (changed(1, "file", "a/r0.hea"), "Lines 2 and 3 of ecgs.csv name the same record"),
        (changed(0, "age", "63,5"), "Line 2 of ecgs.csv: its age"),
        (changed(0, "sex", "x"), "its sex is none of"),
        (changed(2, "codes", "LSB"), "Line 4 of ecgs.csv: 'LSB' is no SCP code"),
        ([], "names no ECG"),
    ],
)
def test_a_line_that_cannot_be_is_named(write, lines, words):
    with pytest.raises(DataError, match=words):
        Own(write(lines=lines))


def test_one_patient_in_two_folds_is_refused(write):
    lines = [[*line, fold] for line, fold in zip(LINES, ("3", "9", ""), strict=True)]
    with pytest.raises(DataError, match="own/a/r1 is in another fold"):
        Own(write([*HEAD, "fold"], lines))
    lines[1][-1] = "3"
    assert [one.fold for one in Own(write([*HEAD, "fold"], lines)).recordings] == [3, 3, None]
    lines[1][-1] = "11"
    with pytest.raises(DataError, match="its fold is none of 1 to 10"):
        Own(write([*HEAD, "fold"], lines))


def test_a_column_that_nothing_reads_is_refused(write):
    with pytest.raises(DataError, match="'Name', which nothing reads"):
        Own(write([*HEAD[:-1], "Name"]))


def test_rate_unit_and_leads_are_one_for_all(write):
    folder = write()
    table = (folder / "ecgs.csv").read_text()
    (folder / "ecgs.csv").write_text(table.replace("500", "250", 1))
    with pytest.raises(DataError, match="does not say the same rate"):
        Own(folder)
    (folder / "ecgs.csv").write_text(table.replace("500", "fast"))
    with pytest.raises(DataError, match="no number: 'fast'"):
        Own(folder)


def test_a_table_with_semicolons_is_told_what_to_do(write):
    folder = write()
    table = folder / "ecgs.csv"
    table.write_text(table.read_text().replace(",", ";"))
    with pytest.raises(DataError) as fault:
        Own(folder)
    assert "no column file" in str(fault.value) and "commas between its columns" in fault.value.mend
