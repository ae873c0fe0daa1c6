"""What PTB-XL's cells say: marks of interference, extra beats, axis, stage, leads of wave shapes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.collection import Row
from einthoven.datasets.ecg_qa import Marks, facts_of_ptbxl, facts_of_row, levels_of, split_by_patient
from einthoven.datasets.ecg_qa.marks import marks_of
from einthoven.datasets.ecg_qa.ptbxl import NEEDED
from einthoven.ecg import LEADS, DataError, Statement, UsageError

LIMB = frozenset(LEADS[:6])


@pytest.mark.parametrize(
    ("cell", "leads"),
    [
        (" , I-AVF,  ", LIMB),
        ("I - AVF", LIMB),
        (" , I --AVL,  ", LIMB - {"aVF"}),
        ("I-ALF", LIMB),
        ("v5-6,  ", {"V5", "V6"}),
        ("v2,3", {"V2", "V3"}),
        (" , II-V1", {"II", "III", "aVR", "aVL", "aVF", "V1"}),
        (" , V1,V2;V6", {"V1", "V2", "V6"}),
        ("III.AVF", {"III", "aVF"}),
        (" , V5 stark!", {"V5"}),
        ("V1???", {"V1"}),
        ("alle Abl.", set(LEADS)),
        (" , alles, noisy recording,", set(LEADS)),
    ],
)
def test_leads_that_are_named(cell, leads):
    assert marks_of(cell) == Marks(True, frozenset(leads), complete=True)


@pytest.mark.parametrize(
    ("cell", "marks"),
    [
        ("", Marks()),
        ("  ,  , ", Marks()),
        (" , mittel,  ", Marks(True, complete=False)),
        ("Elektroden vertauscht???", Marks(True, complete=False)),
        ("napf,  ", Marks(None, complete=False)),
        (" , I-AVR,V&", Marks(True, frozenset(LEADS[:4]), complete=False)),
    ],
)
def test_marks_without_a_lead_or_illegible(cell, marks):
    assert marks_of(cell) == marks


@given(
    st.lists(st.sampled_from(LEADS), min_size=1, unique=True), st.sampled_from([",", ";", ".", " , "]), st.booleans()
)
def test_any_list_of_leads_is_read_whole(leads, between, upper):
    text = between.join(leads)
    assert marks_of(text.upper() if upper else text) == Marks(True, frozenset(leads), complete=True)


@given(st.text(max_size=30))
def test_no_cell_breaks_it(text):
    marks = marks_of(text)
    assert marks.leads <= set(LEADS) and (not marks.leads or marks.there)


def folder(tmp_path, **changes):
    line = dict.fromkeys(NEEDED, "") | {"ecg_id": "7", "patient_id": "3.0", "strat_fold": "9", "report": "x"}
    line |= {"scp_codes": "{'IMI': 35.0, 'SR': 0.0}", "recording_date": "1990-01-02 03:04:05"} | changes
    rows = [",".join(NEEDED), ",".join(f'"{line[name]}"' for name in NEEDED)]
    (tmp_path / "ptbxl_database.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def one(tmp_path, **changes):
    ((facts, fold),) = facts_of_ptbxl(folder(tmp_path, **changes))
    assert fold == 9
    return facts


def test_a_row(tmp_path):
    facts = one(tmp_path)
    assert (facts.record, facts.patient) == ("ptb-xl/00007", "ptb-xl/3")
    assert facts.statements == {"IMI": 35.0, "SR": None}
    assert (facts.stage, facts.extra, facts.axis, facts.levels) == ("none", frozenset(), None, {})
    assert not list(facts_of_ptbxl(tmp_path, lambda record, fold: fold == 8))


@pytest.mark.parametrize(
    ("first", "second", "stage"),
    [
        ("Stadium III", "", "3"),
        ("Stadium II", "Stadium III", "3"),
        ("Stadium I-II", "", "1"),
        ("Stadium II-III", "", "2"),
        ("unknown", "", "unknown"),
        ("unknown", "Stadium I", "1"),
        ("", "", "none"),
    ],
)
def test_the_second_stage_goes_first(tmp_path, first, second, stage):
    assert one(tmp_path, infarction_stadium1=first, infarction_stadium2=second).stage == stage


@pytest.mark.parametrize(
    ("cell", "kinds"),
    [
        ("1ES", {"ES"}),
        ("1Es", {"ES"}),
        ("2ES(2Typen)", {"ES"}),
        ("VES,SVES3,alles", {"VES", "SVES"}),
        ("VES2,II-AVF", {"VES"}),
        ("SVES;alles", {"SVES"}),
        ("1,alles", {"ES"}),
        ("1;V5", {"ES"}),
        ("period.", None),
        ("I-AVR", None),
    ],
)
def test_extra_beats(tmp_path, cell, kinds):
    assert one(tmp_path, extra_beats=cell).extra == (None if kinds is None else frozenset(kinds))


@pytest.mark.parametrize(
    ("cell", "report", "axis"),
    [
        ("MID", "", "normal"),
        ("ALAD", "", "left"),
        ("RAD", "", "right"),
        ("LAD", "sinusrhythmus linkstyp", "normal"),
        ("LAD", "sinus rhythm. left axis deviation", "left"),
        ("LAD", "überdrehter linkstyp", None),
        ("ARAD", "", None),
        ("AXL", "left axis deviation", None),
    ],
)
def test_the_axis_is_read_with_its_report(tmp_path, cell, report, axis):
    assert one(tmp_path, heart_axis=cell, report=report).axis == axis


def test_leads_of_a_shape_are_those_that_the_report_names(tmp_path):
    codes = "{'STD_': 0.0, 'INVT': 0.0}"
    named = one(tmp_path, scp_codes=codes, report="st depression in v5, v6. t waves are inverted in inferior leads")
    assert named.forms == {"STD_": frozenset({"V5", "V6"})}


@pytest.mark.parametrize(
    "change", [{"scp_codes": "{'IMI'"}, {"infarction_stadium1": "Stadium IX"}, {"strat_fold": "x"}]
)
def test_a_damaged_row_is_named(tmp_path, change):
    with pytest.raises(DataError, match="damaged at ECG 7"):
        one(tmp_path, **change)


def test_levels_at_the_ends_of_ranges():
    assert levels_of({"qrs duration": 110.0, "pr interval": 119.9, "p duration": 120.1}) == {
        "qrs duration": "within",
        "pr interval": "below",
        "p duration": "above",
    }
    with pytest.raises(UsageError, match="no normal range"):
        levels_of({"st level": 1.0})


def row(record, *codes, patient=None):
    return Row(record, "x", "0" * 64, 100.0, 10, patient=patient, statements=tuple(Statement(code=c) for c in codes))


def test_rows_of_a_collection():
    assert facts_of_row(row("a/1", "AFIB", "strange", patient="p")).statements == {"AFIB": None}
    nothing = facts_of_row(row("a/2", "strange"))
    assert nothing.statements is None and nothing.patient == "a/2"


@settings(max_examples=10)
@given(st.permutations(range(60)), st.integers(0, 3))
def test_parts_share_no_patient_and_do_not_hang_on_order(order, seed):
    every = [facts_of_row(row(f"a/{n:02d}", "SR", patient=f"p{n // 3}")) for n in order]
    parts = split_by_patient(every, seed)
    patients = {part: {one.patient for one in there} for part, there in parts.items()}
    assert (
        not patients["train"] & patients["test"]
        and not patients["valid"] & patients["test"] | patients["train"] & patients["valid"]
    )
    assert sum(map(len, parts.values())) == 60 and len(patients["train"]) == 14
    assert parts == split_by_patient(sorted(every, key=lambda one: one.record), seed)
