"""Reports and the ECGs they belong to; where more than one may, none is joined."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.ingest.join import Known, join
from einthoven.ingest.moments import moments
from einthoven.ingest.reports import Report, Reports, read_reports

NOON = datetime(2024, 5, 6, 12)


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        (tmp_path / "r.csv").write_text(text, "utf-8")
        return tmp_path / "r.csv"

    return write


def test_texts_keep_their_lines_and_lose_what_a_terminal_acts_upon(table) -> None:
    found = read_reports(table('file;report\na;"Sinus\x1b[2J rhythm\n\nno \tST\u202e"\n'), "file", "report")
    assert [report.text for report in found.reports] == ["Sinus rhythm\nno ST"]
    assert "Sinus" not in repr(found)


def test_what_is_no_report_is_named(table) -> None:
    path = table("file,text,signed\na,ok,ja\nb,,ja\n,ok,ja\nc,ok,perhaps\nd,ok,\ne\n" + f"f,{'x' * 30_000},no\n")
    found = read_reports(path, "file", "text", "signed")
    assert [(report.key, report.confirmed) for report in found.reports] == [("a", True), ("d", False)]
    reasons = dict(found.unusable)
    assert set(reasons) == {2, 3, 4, 6, 7}
    assert reasons[2] == "no text" and reasons[3] == "no key" and "confirmed" in reasons[4]


def test_columns_of_the_key(table) -> None:
    path = table("Accession Number,MRN,Day,Clock,Text\nA1,P1,2024-05-06,12:00,t\n")
    assert read_reports(path, "accession", "text").reports[0].key == "A1"
    found = read_reports(path, "patient+time", "text", keys=("MRN", "Day", "Clock")).reports[0]
    assert (found.key, found.time) == ("P1", NOON)
    for on, keys in (("file", ()), ("patient+time", ()), ("patient+time", ("MRN",)), ("accession", ("MRN", "Day"))):
        with pytest.raises(UsageError):
            read_reports(path, on, "text", keys=keys)
    with pytest.raises(UsageError, match="no way"):
        read_reports(path, "name", "text")
    with pytest.raises(UsageError, match="no column 'Befund'") as refused:
        read_reports(path, "accession", "Befund")
    assert "'Text'" in refused.value.mend


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2024-05-06 12:00",
            "20240506120000",
            "6.5.2024 12:00",
            "06.05.2024, 12:00:00 Uhr",
        ),
        *("2024/05/06 12:00", "06.05.2024 12:00:00.000"),
    ],
)
def test_ways_to_write_noon(text: str) -> None:
    assert moments([text]) == [NOON]


def test_offsets_from_utc() -> None:
    for text in ("2024-05-06T14:00:00+02:00", "20240506120000Z", "20240506070000-0500"):
        assert moments([text]) == [NOON.replace(tzinfo=UTC)]
    assert moments(["2024-05-06T12:00+99:00"]) == [None]


def test_days_and_months() -> None:
    assert moments(["5/6/2024 12:00 PM", "5/31/2024 1:00 AM"])[0] == NOON
    assert moments(["06/05/2024 12:00", "31/05/2024 01:00"])[0] == NOON
    assert moments(["5/5/2024 12:00"]) == [datetime(2024, 5, 5, 12)]
    assert moments(["", "soon", "2024-05-06", "32.01.2024 10:00", "1/1/2024 13:00 PM"]) == [None] * 5
    for doubtful in (["5/6/2024 12:00"], ["13/5/2024 12:00", "5/13/2024 12:00"]):
        with pytest.raises(UsageError, match="day or month"):
            moments(doubtful)


def reports(on: str, *keys: str | tuple[str, datetime]) -> Reports:
    made = [
        Report(row, key if isinstance(key, str) else key[0], "t", None, None if isinstance(key, str) else key[1])
        for row, key in enumerate(keys, 1)
    ]
    return Reports(on, tuple(made), ())  # type: ignore[arg-type]


def rows(joined) -> dict[str, int]:
    return {sha: report.row for sha, report in joined.reports.items()}


def test_by_file() -> None:
    ecgs = {
        "one": Known(["/x/a/1.xml"]),
        "two": Known(["/x/b/1.xml"]),
        "three": Known(["/x/e.zip: in/3.hea", "/x/3-copy.dcm"]),
        "four": Known(["/x/4.hea"]),
    }
    found = join(reports("file", "a/1.xml", "b\\1", "3-copy", "nobody", "4.dat"), ecgs)
    assert rows(found) == {"one": 1, "two": 2, "three": 3}
    assert found.unmatched_rows == (4, 5) and found.unmatched_ecgs == ("/x/4.hea",)
    found = join(reports("file", "1", "3", "3-copy.dcm", "x/4"), ecgs)
    assert rows(found) == {"four": 4}
    assert found.ambiguous_rows == (1, 2, 3)
    assert set(found.ambiguous_ecgs) == {"/x/a/1.xml", "/x/b/1.xml", "/x/e.zip: in/3.hea"}


def test_by_accession() -> None:
    ecgs = {
        "one": Known(["1"], {"A1"}),
        "two": Known(["2"], {"A2"}),
        "same": Known(["3"], {"A2"}),
        "none": Known(["4"]),
    }
    found = join(reports("accession", "A1", "A2", "A3"), ecgs)
    assert rows(found) == {"one": 1}
    assert (found.ambiguous_rows, found.unmatched_rows) == ((2,), (3,))
    assert (set(found.ambiguous_ecgs), found.unmatched_ecgs) == ({"2", "3"}, ("4",))


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def test_by_patient_and_time() -> None:
    ecgs = {
        "early": Known(["e"], moments={("P", at(0))}),
        "late": Known(["l"], moments={("P", at(2))}),
        "next day": Known(["n"], moments={("P", at(1440))}),
        "other": Known(["o"], moments={("Q", at(0))}),
    }
    exact = reports("patient+time", ("P", at(0)), ("P", at(2)), ("P", at(1436)), ("Q", at(6)), ("R", at(0)))
    found = join(exact, ecgs)
    assert rows(found) == {"early": 1, "late": 2, "next day": 3}
    assert found.unmatched_rows == (4, 5) and found.unmatched_ecgs == ("o",)
    found = join(reports("patient+time", ("P", at(1)), ("Q", at(3)), ("Q", at(-3))), ecgs)
    assert rows(found) == {} and found.ambiguous_rows == (1, 2, 3)
    assert set(found.ambiguous_ecgs) == {"e", "l", "o"} and found.unmatched_ecgs == ("n",)
    assert rows(join(reports("patient+time", ("Q", at(6))), ecgs, timedelta(minutes=10))) == {"other": 1}


@pytest.mark.parametrize(
    ("report", "ecg", "joined", "by_clock", "not_comparable"),
    [
        ("2024-05-06T10:00:00Z", "2024-05-06T12:00:00+02:00", True, 0, 0),  # the same moment
        ("2024-05-06T12:00:00Z", "2024-05-06T12:00:00+02:00", False, 0, 0),  # the same clock, two hours apart
        ("2024-05-06T12:00:00+02:00", "2024-05-06T12:00:00", True, 1, 0),
        ("2024-05-06T12:00:00", "2024-05-06T12:02:00+02:00", True, 1, 0),
        ("2024-05-06T10:00:00+02:00", "2024-05-06T12:00:00", False, 0, 0),
        ("2024-05-06T12:00:00Z", "2024-05-06T12:00:00", False, 0, 1),  # UTC, and nobody knows where
        ("2024-05-06T12:00:00", "2024-05-06T12:00:00+00:00", False, 0, 1),
        ("2024-05-06T12:00:00", "2024-05-06T12:00:00", True, 0, 0),
    ],
)
def test_offsets_are_compared_and_what_cannot_be_is_counted(report, ecg, joined, by_clock, not_comparable) -> None:
    when, recorded = moments([report, ecg])
    found = join(reports("patient+time", ("P", when)), {"e": Known(["e"], moments={("P", recorded)})})
    assert rows(found) == ({"e": 1} if joined else {})
    assert (found.by_clock, found.not_comparable) == (by_clock, not_comparable)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10), st.sampled_from([None, -5, 0, 2])), max_size=5),
    st.lists(st.tuples(st.integers(0, 10), st.sampled_from([None, -5, 0, 2])), max_size=5),
)
def test_only_times_that_can_be_the_same_are_joined(some, ecgs) -> None:
    def moment(hour: int, zone: int | None) -> datetime:
        return NOON.replace(hour=hour, tzinfo=None if zone is None else timezone(timedelta(hours=zone)))

    known = {str(n): Known([str(n)], moments={("P", moment(*one))}) for n, one in enumerate(ecgs)}
    found = join(reports("patient+time", *(("P", moment(*one)) for one in some)), known)
    for sha, report in found.reports.items():
        (hour, zone), (other, elsewhere) = ecgs[int(sha)], some[report.row - 1]
        if (zone is None) == (elsewhere is None):
            assert hour - (zone or 0) == other - (elsewhere or 0)
        else:
            assert hour == other and (zone or elsewhere)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("PQ"), st.integers(0, 30)), max_size=6),
    st.lists(st.tuples(st.sampled_from("PQ"), st.integers(0, 30)), max_size=6),
)
def test_each_report_and_each_ecg_is_in_one_place(some, ecgs) -> None:
    known = {str(n): Known([str(n)], moments={(who, at(when))}) for n, (who, when) in enumerate(ecgs)}
    made = reports("patient+time", *((who, at(when)) for who, when in some))
    found = join(made, known)
    joined_rows = [report.row for report in found.reports.values()]
    assert sorted([*joined_rows, *found.ambiguous_rows, *found.unmatched_rows]) == list(range(1, len(some) + 1))
    assert sorted([*found.reports, *found.ambiguous_ecgs, *found.unmatched_ecgs]) == sorted(known)
    for sha, report in found.reports.items():
        who, when = next(iter(known[sha].moments))
        assert who == report.key and abs(when - report.time) <= timedelta(minutes=5)
        # No other report of this patient fits as well.
        others = [r for r in made.reports if r.row != report.row and r.key == who]
        assert all(r.time != when for r in others) or report.time != when
