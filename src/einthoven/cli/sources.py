"""What goes into an archive: files and folders, or a public data set; and what became of each file."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.cli.joined import ReportTable, joined_reports, with_report, without_report
from einthoven.cli.outcome import Outcome
from einthoven.cli.terminal import progress_line
from einthoven.ecg import HostileFileError, UsageError

if TYPE_CHECKING:
    from einthoven.collection import Row
    from einthoven.formats.told import Told
    from einthoven.retrieval import Archive

TABLE = "a table of text"
"""What a table without names of leads looks like (`formats.content`)."""

COMMIT_EVERY = 1000
"""ECGs in one commit of `archive add`: what an interruption can cost."""


@dataclass(frozen=True)
class Wanted:
    """What the command line says of what goes into an archive.

    Args:
        sources: files, folders, patterns and archives; or else a `dataset` with where it lies and which folds.
        keep_signal: whether waveforms are kept.
        refused: where the list of what was not taken goes.
        reports: the hospital's own reports.
        told: rate, unit and leads for files that do not state them.

    Raises:
        UsageError: what does not go together.
    """

    sources: list[Path] | None = None
    dataset: str | None = None
    data: Path | None = None
    folds: str | None = None
    keep_signal: bool = True
    refused: Path | None = None
    reports: ReportTable | None = None
    told: Told | None = None

    def __post_init__(self) -> None:
        if bool(self.sources) == bool(self.dataset):
            raise UsageError("Name either SOURCES or a --dataset.", "For example: einthoven archive build DIR FOLDER.")
        require_dataset(self.dataset, self.data, self.folds)
        if self.dataset and self.reports:
            raise UsageError("A data set has reports of its own.", "Leave out --reports.")
        if self.dataset and self.told and self.told.anything:
            raise UsageError("A data set states rate, unit and leads itself.", "Leave out --rate, --unit and --leads.")


def fill(archive: Archive, wanted: Wanted, commit_every: int | None) -> Outcome:
    """Adds what the command line names to an archive; a file that cannot be read is noted and passed over.

    Args:
        commit_every: ECGs in a commit; None adds all or none.
    """
    outcome = Outcome()
    if wanted.refused:
        outcome.save(wanted.refused)  # a place that cannot be written to is better known now
    began = time.monotonic()
    with progress_line() as progress:

        def show(done: int) -> None:
            rate = outcome.seen / max(time.monotonic() - began, 1e-3)
            progress(f"{outcome.seen} ECG files, {len(outcome.refused)} refused, {rate:.0f} files/s")

        ecgs: Generator[Row, None, None]
        if wanted.dataset:
            from einthoven.datasets.own import NAME as OWN

            rows = dataset_rows(wanted.dataset, wanted.data, wanted.folds)
            if wanted.dataset == OWN and not archive.keeps_ids:  # the names of one's own files can be people's
                rows = (replace(row, record=row.sha256[:16]) for row in rows)
            ecgs = _fit(rows, outcome)
        else:
            ecgs = _read(archive, wanted, outcome, progress)
        keep_reports = wanted.reports is not None and wanted.reports.keep_texts
        with closing(ecgs):
            outcome.added = archive.add(ecgs, wanted.keep_signal, show, commit_every, keep_reports)
    if tables := sum(what == TABLE for _, what in outcome.passed_over):
        what = "1 table that names no leads was" if tables == 1 else f"{tables} tables that name no leads were"
        outcome.notes.append(
            f"{what} passed over. An ECG among them is read when it is named itself or by a pattern, with "
            "--leads I,II,... --rate 500 --unit uV."
        )
    if wanted.refused:
        outcome.save(wanted.refused)
    return outcome


def require_dataset(dataset: str | None, data: Path | None, folds: str | None) -> None:
    """Refuses what is said of a data set where none is named (`UsageError`)."""
    if dataset is None and not (data is None and folds is None):
        raise UsageError("A folder or folds are of a data set, and none is named.", "Add --dataset, or leave them out.")


def dataset_rows(dataset: str, data: Path | None, folds: str | None) -> Iterator[Row]:
    """The rows of a public data set, of all folds or of some.

    Raises:
        UsageError: no folder is named, or the folds are not written like "1-8" or "9,10".
    """
    from einthoven.datasets import open_dataset

    if data is None:
        raise UsageError(f"Where {dataset} lies is not said.", "Add --data DIR.")
    return open_dataset(dataset, data).rows(None if folds is None else parse_folds(folds))


def parse_folds(text: str) -> tuple[int, ...]:
    """Fold numbers from text.

    >>> parse_folds("1-3,9")
    (1, 2, 3, 9)
    """
    found: list[int] = []
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            found += range(int(first), int(last or first) + 1)
    except ValueError:
        found = []
    if not found or not set(found) <= set(range(1, 11)):
        raise UsageError(f"'{text}' names no folds.", "Write them like 1-8 or 9,10.")
    return tuple(found)


def _fit(rows: Iterator[Row], outcome: Outcome) -> Generator[Row, None, None]:
    """The rows of a data set from which something may be concluded, as for files."""
    from einthoven.quality import assess

    for row in rows:
        outcome.seen += 1
        if not outcome.fits(row.record, assess(row.ecg()).findings):
            continue
        outcome.notices.update({notice.split(":")[0] for notice in row.notices})
        yield row


def _read(
    archive: Archive, wanted: Wanted, outcome: Outcome, progress: Callable[[str], None]
) -> Generator[Row, None, None]:
    """The ECGs of the sources as rows, each file read in a process of its own keeping."""
    from einthoven.formats import record_name
    from einthoven.formats.told import NOTHING
    from einthoven.ingest import NOT_ISOLATED, Guard, gather
    from einthoven.quality import assess
    from einthoven.retrieval.kept import new_row

    sources = wanted.sources or []
    stored = archive.collection.columns(["record", "sha256", "format"])
    formats = dict(zip(stored["sha256"], stored["format"], strict=True))
    before = dict(zip(stored["sha256"], stored["record"], strict=True))
    unfit_before: list[str] = []
    names = set(stored["record"])
    with Guard(told=wanted.told or NOTHING) as guard:
        if not guard.isolated:
            outcome.notes.append(NOT_ISOLATED)
        joined = joined_reports(wanted.reports, sources, guard, outcome, progress)
        items = gather(sources, outcome, told=bool(guard.told.leads))
        for item, reading in guard.each(items, lambda item: item.path):
            outcome.seen += 1
            ecg = reading.ecg
            if ecg is None or reading.error is not None:
                outcome.fail(item.name, reading.error or HostileFileError("fault"))
                continue
            sha = ecg.sha256
            if not outcome.fits(item.name, assess(ecg).findings if reading.findings is None else reading.findings):
                unfit_before += [before[sha]] if sha in before else []
                without_report(sha, joined, outcome)
                continue
            if sha in formats:
                outcome.there_before += sha in before
                if sha not in before or formats[sha] != ecg.format:
                    outcome.same_samples[min(pair := (formats[sha], ecg.format), pair[::-1])] += 1
            else:
                outcome.note(ecg)
                formats[sha] = ecg.format
            record = _free_name(record_name(item.path), sha, names) if archive.keeps_ids and sha not in before else None
            yield with_report(new_row(record, ecg), joined, wanted.reports, sha in before, outcome)
    if unfit_before:
        outcome.notes.append(
            f"Not fit, but in the archive from before: {', '.join(dict.fromkeys(unfit_before))}. Take them out: "
            f"einthoven archive remove {archive.path} --record ID."
        )


def _free_name(name: str, sha256: str, taken: set[str]) -> str:
    """A file's name without its suffix; where another recording has it, with some of its samples' hash behind it."""
    from einthoven.formats.text import clean

    name = clean(name, 120) or sha256[:16]
    if name in taken:
        name = f"{name}-{sha256[:8]}"
    taken.add(name)
    return name
