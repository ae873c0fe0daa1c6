"""Conditions on who may answer, against a slow loop over the rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from einthoven.collection import Row
from einthoven.ecg import UsageError
from einthoven.reporting import report
from einthoven.retrieval import Where


@pytest.fixture
def archive(small, make_ecg):
    made = small(0)

    def rows():
        for n in range(60):
            row = Row.from_ecg(make_ecg(n), f"r{n:02d}", ("Clinic A", "clinic-b")[n % 3 == 0])
            time = None if n % 5 == 0 else datetime(2015 + n % 7, 1 + n % 12, 1 + n % 28, 12)
            yield replace(row, time=time, age=None if n % 11 == 0 else row.age, sex=None if n % 13 == 0 else row.sex)

    made.add(rows())
    return made


CASES = {
    "age>=60": lambda r: r.age is not None and r.age >= 60,
    "age<60": lambda r: r.age is not None and r.age < 60,
    " AGE > 41 , age<= 43.0": lambda r: r.age is not None and 41 < r.age <= 43,
    "sex=F": lambda r: r.sex == "female",
    "sex=male,age=60": lambda r: r.sex == "male" and r.age == 60,
    "source=clinic a": lambda r: r.source == "Clinic A",
    "date>=2018": lambda r: r.time is not None and r.time.year >= 2018,
    "date>2018": lambda r: r.time is not None and r.time.year > 2018,
    "date<=2018-04": lambda r: r.time is not None and (r.time.year, r.time.month) <= (2018, 4),
    "date<2018-04-04": lambda r: r.time is not None and r.time < datetime(2018, 4, 4),
    "date=2017,sex=F": lambda r: r.time is not None and r.time.year == 2017 and r.sex == "female",
}


@pytest.mark.parametrize("where", CASES)
@pytest.mark.parametrize("kind", ["flat", "hnsw"])
def test_only_those_that_meet_it_answer(archive, make_ecg, where, kind):
    if kind == "hnsw":
        pytest.importorskip("faiss")
    archive.index(kind)
    expected = {row.record for row in archive.collection.rows() if CASES[where](row)}
    assert expected
    query = make_ecg(900)
    found = archive.search(query, 60, where)
    assert {one.record for one in found} == expected
    every = [one.record for one in archive.search(query, 60) if one.record in expected]
    assert [one.record for one in found] == every
    assert [one.record for one in archive.search(query, 2, Where.parse(where))] == [one.record for one in found[:2]]


def test_the_patient_stays_out_and_nobody_may_be_left(archive, make_ecg):
    own = make_ecg(0).described(patient=make_ecg(0).patient)
    assert {"r00", "r01"}.isdisjoint({one.record for one in archive.search(own, 60, "age>=0")})
    assert archive.search(make_ecg(900), 5, "age>200") == ()
    found = report(make_ecg(900), archive, where="age>200")
    assert found.outcome == "none" and "of those asked for" in found.reasons[0]


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("", "no condition"),
        ("age", "no condition"),
        ("age>=60,", "no condition"),
        ("age>=old", "no age"),
        ("age>=nan", "no age"),
        ("sex>F", "compared"),
        ("sex=X", "no sex"),
        ("age!=3", "compared"),
        ("date>=June", "no date"),
        ("date>=2019-13", "no date"),
        ("date=2019-02-30", "no date"),
        ("device=MAC55", "does not hold 'device'"),
        ("record='a' OR 1=1", "does not hold 'record'"),
    ],
)
def test_what_cannot_be_meant_is_refused(archive, make_ecg, where, said):
    with pytest.raises(UsageError, match=said) as caught:
        archive.search(make_ecg(1), 3, where)
    assert caught.value.mend


def test_what_no_ecg_states_is_refused(small, make_ecg):
    with pytest.raises(UsageError, match="states its date"):
        small(4).search(make_ecg(9), 3, "date>=2019")


def test_a_draft_from_some_of_an_archive_is_not_called_calibrated(read_only, make_ecg):
    whole, part = report(make_ecg(900), read_only), report(make_ecg(900), read_only, where="sex=F")
    assert whole.archive["calibrated"] and not part.archive["calibrated"]
    assert part.outcome != "draft" and any("sex=F" in reason for reason in part.reasons)
    assert {one.sex for one in part.neighbours} == {"female"}
    assert not read_only.evidence(make_ecg(900), where="sex=F").calibrated
