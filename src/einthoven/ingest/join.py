"""Which report belongs to which ECG; where more than one may, none is joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from einthoven.ingest.reports import Report, Reports

TOLERANCE = timedelta(minutes=5)


@dataclass
class Known:
    """What tells one recording's report: of each of its files, the same samples may lie in several."""

    names: list[str] = field(default_factory=list)
    accessions: set[str] = field(default_factory=set)
    moments: set[tuple[str, datetime]] = field(default_factory=set)


@dataclass(frozen=True)
class Joined:
    """The outcome: report by recording (`ECG.sha256`), and what was not joined, by the names of files and rows.

    Args:
        by_clock: how many were joined although only one of the two times states an offset from UTC.
        not_comparable: reports without an ECG whose patient has one with a time that cannot be compared.
    """

    reports: Mapping[str, Report]
    ambiguous_ecgs: tuple[str, ...]
    unmatched_ecgs: tuple[str, ...]
    ambiguous_rows: tuple[int, ...]
    unmatched_rows: tuple[int, ...]
    by_clock: int = 0
    not_comparable: int = 0


def join(reports: Reports, recordings: Mapping[str, Known], tolerance: timedelta = TOLERANCE) -> Joined:
    """Joins reports to recordings, each to one or to none.

    A pair is joined when neither has another partner. By patient and time, the very same moment comes before any
    within the tolerance, so that two ECGs a minute apart keep their own reports. Where only one of two times states
    an offset from UTC, what the clocks of the place showed is compared, unless it is UTC itself, which may be no
    place's clock: such a pair is not joined.
    """
    steps: list[Callable[[], dict[int, set[str]]]] = [lambda: _by_name(reports.reports, recordings)]
    if reports.on == "accession":
        steps = [lambda: _by_accession(reports.reports, recordings)]
    elif reports.on == "patient+time":
        steps = [
            lambda: _by_time(reports.reports, recordings, timedelta(0)),
            lambda: _by_time(reports.reports, recordings, tolerance),
        ]
    done: dict[str, Report] = {}
    taken: set[int] = set()
    doubtful_rows: set[int] = set()
    doubtful: set[str] = set()
    by_row = {report.row: report for report in reports.reports}
    for step in steps:
        partners = {row: found - set(done) for row, found in step().items() if row not in taken}
        wanted: dict[str, set[int]] = defaultdict(set)
        for row, found in partners.items():
            for recording in found:
                wanted[recording].add(row)
        for row, found in partners.items():
            if len(found) == 1 and len(wanted[next(iter(found))]) == 1:
                done[next(iter(found))] = by_row[row]
                taken.add(row)
        doubtful_rows = {row for row, found in partners.items() if found} - taken
        doubtful = set(wanted) - set(done)
    return Joined(
        done,
        tuple(known.names[0] for sha, known in recordings.items() if sha in doubtful),
        tuple(known.names[0] for sha, known in recordings.items() if sha not in doubtful and sha not in done),
        tuple(sorted(doubtful_rows)),
        tuple(sorted(set(by_row) - taken - doubtful_rows)),
        by_clock=sum(_by_clock(report, recordings[sha]) for sha, report in done.items()),
        not_comparable=_not_comparable([by_row[row] for row in by_row if row not in taken], recordings),
    )


def _by_accession(reports: Iterable[Report], recordings: Mapping[str, Known]) -> dict[int, set[str]]:
    index: dict[str, set[str]] = defaultdict(set)
    for sha, known in recordings.items():
        for number in known.accessions:
            index[number].add(sha)
    return {report.row: index.get(report.key, set()) for report in reports}


def _by_time(reports: Iterable[Report], recordings: Mapping[str, Known], tolerance: timedelta) -> dict[int, set[str]]:
    index: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for sha, known in recordings.items():
        for patient, moment in known.moments:
            index[patient].append((moment, sha))
    return {
        report.row: {
            sha
            for moment, sha in index.get(report.key, ())
            if report.time and (apart := _apart(moment, report.time)) is not None and apart <= tolerance
        }
        for report in reports
    }


def _apart(one: datetime, other: datetime) -> timedelta | None:
    """How far two moments lie from each other; None where that cannot be known."""
    if _mixed(one, other):
        if not (one.utcoffset() or other.utcoffset()):
            return None
        one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
    return abs(one - other)


def _mixed(one: datetime, other: datetime) -> bool:
    return (one.tzinfo is None) != (other.tzinfo is None)


def _by_clock(report: Report, known: Known) -> bool:
    """Whether a report was joined to a recording whose times state an offset where its own does not, or reversed."""
    times = [moment for patient, moment in known.moments if patient == report.key]
    return report.time is not None and all(_mixed(moment, report.time) for moment in times)


def _not_comparable(reports: Iterable[Report], recordings: Mapping[str, Known]) -> int:
    index: dict[str, set[datetime]] = defaultdict(set)
    for known in recordings.values():
        for patient, moment in known.moments:
            index[patient].add(moment)
    return sum(
        any(report.time and _apart(moment, report.time) is None for moment in index[report.key]) for report in reports
    )


def _by_name(reports: Iterable[Report], recordings: Mapping[str, Known]) -> dict[int, set[str]]:
    """By the end of a path, with or without its suffix: "b/1" is a/b/1.xml, and not c/1.xml."""
    index: dict[str, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    for sha, known in recordings.items():
        for name in known.names:
            parts = _parts(name)
            for last in {parts[-1], PurePosixPath(parts[-1]).stem}:
                index[last].add((sha, (*parts[:-1], last)))
    found: dict[int, set[str]] = {}
    for report in reports:
        parts = _parts(report.key)
        found[report.row] = {
            sha for sha, whole in index.get(parts[-1], ()) if len(parts) <= len(whole) and whole[-len(parts) :] == parts
        }
    return found


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.replace("\\", "/").replace(": ", "/").split("/") if part not in {"", "."}) or (
        "",
    )
