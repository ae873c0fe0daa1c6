"""What goes into an archive: files and folders, or a public data set; and what became of each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.cli.terminal import print_json, progress_line
from einthoven.ecg import EinthovenError, UsageError

if TYPE_CHECKING:
    from einthoven.collection import Row
    from einthoven.ecg import ECG
    from einthoven.retrieval import Archive

SHOWN = 20


@dataclass
class Outcome:
    """What became of the files of one run."""

    seen: int = 0
    added: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    notices: Counter[str] = field(default_factory=Counter)

    @property
    def duplicates(self) -> int:
        """Recordings that were in the archive already, or twice among the sources."""
        return self.seen - len(self.refused) - self.added

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `archive build` and `archive add`."""
        return {
            "files": self.seen,
            "added": self.added,
            "duplicates": self.duplicates,
            "refused": [{"file": name, "reason": reason} for name, reason in self.refused],
            "notices": dict(self.notices),
        }


def fill(
    archive: Archive,
    sources: list[Path] | None,
    dataset: str | None,
    data: Path | None,
    folds: str | None,
    keep_signal: bool,
) -> Outcome:
    """Adds what the command line names to an archive; a file that cannot be read is noted and passed over."""
    outcome = Outcome()
    if bool(sources) == bool(dataset):
        raise UsageError("Name either SOURCES or a --dataset.", "For example: einthoven archive build DIR FOLDER.")
    with progress_line() as progress:

        def show(done: int) -> None:
            progress(f"{done} ECGs read and embedded, {len(outcome.refused)} files refused")

        if dataset:
            outcome.added = archive.add(_counted(dataset_rows(dataset, data, folds), outcome), keep_signal, show)
        else:
            outcome.added = archive.add(_read(sources or [], archive.keeps_ids, outcome), keep_signal, show)
    return outcome


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


def tell(outcome: Outcome, as_json: bool) -> None:
    """Prints what became of the files."""
    if as_json:
        print_json(outcome.to_dict())
        return
    print(f"files       {outcome.seen}")
    print(f"added       {outcome.added}")
    print(f"duplicates  {outcome.duplicates}")
    print(f"refused     {len(outcome.refused)}")
    for name, reason in outcome.refused[:SHOWN]:
        print(f"  {name}: {reason}")
    if len(outcome.refused) > SHOWN:
        print(f"  ... and {len(outcome.refused) - SHOWN} more; --json lists them all")
    for kind, count in outcome.notices.most_common():
        print(f"notice      {kind}: {count} ECGs")


def _counted(rows: Iterator[Row], outcome: Outcome) -> Iterator[Row]:
    for row in rows:
        outcome.seen += 1
        outcome.notices.update({notice.split(":")[0] for notice in row.notices})
        yield row


def _read(sources: list[Path], keep_names: bool, outcome: Outcome) -> Iterator[tuple[str | None, ECG]]:
    from einthoven.formats import find, read, record_name

    for path in find(sources):
        outcome.seen += 1
        try:
            ecg = read(path)
        except EinthovenError as fault:
            outcome.refused.append((str(path), fault.message))
            continue
        outcome.notices.update({notice.kind for notice in ecg.notices})
        yield (record_name(path) if keep_names else None), ecg
