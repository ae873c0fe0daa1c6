"""`--reports`: the hospital's own reports, joined to the ECGs of the sources."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.cli.outcome import Outcome
    from einthoven.collection import Row
    from einthoven.ingest import Guard
    from einthoven.ingest.join import Joined, Known
    from einthoven.ingest.reports import Report
    from einthoven.statements.parse import Synonyms


@dataclass(frozen=True)
class ReportTable:
    """What the command line says of a table of reports.

    Args:
        unjoined: where the list of what was not joined goes.
        read: whether reports are read into codes, with the site's own `synonyms`.
    """

    path: Path
    on: str
    text: str
    confirmed: str | None = None
    keys: tuple[str, ...] = ()
    within: float = 5.0
    keep_texts: bool = False
    unjoined: Path | None = None
    read: bool = False
    synonyms: Path | None = None


def report_table(
    path: Path | None,
    on: str | None,
    text: str | None,
    confirmed: str | None,
    keys: list[str] | None,
    within: float | None,
    keep_texts: bool,
    unjoined: Path | None,
    read: bool = False,
    synonyms: Path | None = None,
) -> ReportTable | None:
    """The options of the command line together; None without `--reports`.

    Raises:
        UsageError: one of them without the others.
    """
    if path is None:
        if on or text or confirmed or keys or keep_texts or unjoined or read or synonyms or within is not None:
            raise UsageError("There is no table of reports.", "Name it with --reports FILE.csv.")
        return None
    if on is None or text is None:
        raise UsageError(
            "How reports are joined, or which column holds them, is not said.",
            "Add --on file, --on accession or --on patient+time, and --text COLUMN.",
        )
    if synonyms is not None and not read:
        raise UsageError("The site's own phrases are for reading reports.", "Add --read-reports.")
    if synonyms is not None:
        _own(synonyms)  # one that cannot be read is told before all files are
    within = ReportTable.within if within is None else within
    if not 0 <= within <= 24 * 60:
        raise UsageError(f"Reports cannot be {within:g} minutes from their ECG.", "Use 0 to 1440.")
    return ReportTable(path, on, text, confirmed, tuple(keys or ()), within, keep_texts, unjoined, read, synonyms)


def joined_reports(
    wanted: ReportTable | None,
    sources: list[Path],
    guard: Guard,
    outcome: Outcome,
    progress: Callable[[str], None],
) -> Joined | None:
    """Which report belongs to which recording. All files are read once for it: one alone cannot tell that a report
    may belong to another as well."""
    if wanted is None:
        return None
    from einthoven.ingest.join import join
    from einthoven.ingest.reports import read_reports

    reports = read_reports(wanted.path, wanted.on, wanted.text, wanted.confirmed, wanted.keys)
    found = join(reports, _recordings(sources, guard, progress), timedelta(minutes=wanted.within))
    outcome.reports = {
        "on": wanted.on,
        "rows": len(reports.reports) + len(reports.unusable),
        "recordings": len(found.reports) + len(found.ambiguous_ecgs) + len(found.unmatched_ecgs),
        "joined": len(found.reports),
        "confirmed": sum(report.confirmed is True for report in found.reports.values()),
        "added": 0,
        "texts_kept": 0,
        "there_before": 0,
        "not_fit": 0,
        **({"read": 0, "read_without_statement": 0, "not_read": 0, "unread_phrases": 0} if wanted.read else {}),
        "ambiguous_files": list(found.ambiguous_ecgs),
        "unmatched_files": list(found.unmatched_ecgs),
        "ambiguous_rows": list(found.ambiguous_rows),
        "unmatched_rows": list(found.unmatched_rows),
        "joined_by_clock": found.by_clock,
        "not_comparable": found.not_comparable,
        "unusable_rows": [{"row": row, "reason": why} for row, why in reports.unusable],
    }
    if found.by_clock:
        outcome.notes.append(
            f"{found.by_clock} reports were joined by the clock alone: only one of report and ECG states its offset "
            "from UTC."
        )
    if found.not_comparable:
        outcome.notes.append(
            f"{found.not_comparable} reports could not be compared with some ECGs of their patient, as one time is in "
            "UTC and the other has no offset: write the table's times as the ECGs have them."
        )
    if not wanted.keep_texts:
        outcome.notes.append("No text of a report was kept: it may hold names. --keep-texts keeps them.")
    if found.reports and wanted.read:
        outcome.notes.append(
            "Statements were read from reports by rule, which is no person's coding; they take the place of the file's "
            "own. Look at what the rules make of yours: einthoven statements parse FILE.csv --text COLUMN."
        )
    elif found.reports:
        outcome.notes.append(
            "Reports are not read into coded statements: votes, drafts and calibration rest on the codes that files "
            "state. Kept texts serve report and ask, which quote them. --read-reports reads them."
        )
    if wanted.unjoined:
        _save(wanted.unjoined, outcome.reports)
    return found


def with_report(row: Row, joined: Joined | None, wanted: ReportTable | None, there: bool, outcome: Outcome) -> Row:
    """The row with its report, if it has one; the text only where it is to be kept."""
    report = joined.reports.get(row.sha256) if joined else None
    if report is None or wanted is None or outcome.reports is None:
        return row
    first = outcome.count_report("there_before" if there else "added", row.sha256)
    if there:
        if outcome.reports["there_before"] == 1 and first:
            outcome.notes.append(
                "Reports of ECGs that were in the archive before were not stored: remove those ECGs, add them again."
            )
        return row
    status = {True: "confirmed report", False: "report that nobody confirmed", None: "report"}[report.confirmed]
    notice = f"report: A {status} of the hospital was joined by {wanted.on}."
    if wanted.read:
        row, notice = _coded(row, report, wanted, outcome.reports if first else {}, notice)
    if not wanted.keep_texts:
        return replace(row, notices=(*row.notices, notice))
    outcome.reports["texts_kept"] += first
    return replace(row, text=report.text, notices=(*row.notices, notice))


def _coded(row: Row, report: Report, wanted: ReportTable, counts: dict[str, Any], notice: str) -> tuple[Row, str]:
    """The row with the statements of its report, unless nobody confirmed that or it states nothing that has a code."""
    from einthoven.ingest.stated import told_in

    def count(what: str, number: int = 1) -> None:
        counts[what] = counts.get(what, 0) + number

    if report.confirmed is False:
        count("not_read")
        return row, notice
    told = told_in(report.text, _own(wanted.synonyms) if wanted.synonyms else None)
    count("read")
    count("read_without_statement", not told.statements)
    count("unread_phrases", told.unread)
    counts["uncoded"] = dict(Counter(counts.get("uncoded", {})) + Counter(told.uncoded))
    if not told.statements:
        return row, notice
    return replace(row, statements=told.statements), f"{notice} Its statements were read from it by rule."


@cache
def _own(path: Path) -> Synonyms:
    from einthoven.statements.parse import read_synonyms

    return read_synonyms(path)


def without_report(sha256: str, joined: Joined | None, outcome: Outcome) -> None:
    """Counts the report of a recording that was not taken, if it has one."""
    if joined is not None and sha256 in joined.reports:
        outcome.count_report("not_fit", sha256)


def _recordings(sources: list[Path], guard: Guard, progress: Callable[[str], None]) -> dict[str, Known]:
    from einthoven.ingest import gather
    from einthoven.ingest.join import Known

    found: dict[str, Known] = {}
    items = gather(sources, _Nobody(), told=bool(guard.told.leads))
    for number, (item, reading) in enumerate(guard.each(items, lambda item: item.path), 1):
        progress(f"{number} ECG files looked at for their reports")
        if ecg := reading.ecg:
            known = found.setdefault(ecg.sha256, Known())
            known.names.append(item.name)
            if ecg.accession:
                known.accessions.add(ecg.accession)
            if ecg.patient.id and ecg.time:
                known.moments.add((ecg.patient.id, ecg.time))
    return found


class _Nobody:
    """Hears of what is left out when the files are read again."""

    def refuse(self, name: str, fault: object) -> None:
        """Nothing."""

    def pass_over(self, name: str, what: str) -> None:
        """Nothing."""


def _save(path: Path, found: dict[str, Any]) -> None:
    from einthoven.ingest.table import write_table

    rows: list[tuple[str, object, str]] = []
    for key, why in (("ambiguous_files", "more than one possible report"), ("unmatched_files", "no report")):
        rows += [("file", name, why) for name in found[key]]
    for key, why in (("ambiguous_rows", "more than one possible ECG"), ("unmatched_rows", "no ECG")):
        rows += [("report row", row, why) for row in found[key]]
    rows += [("report row", one["row"], one["reason"]) for one in found["unusable_rows"]]
    write_table(path, ("what", "which", "why"), rows)
