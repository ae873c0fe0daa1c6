"""A data set into a collection: streamed on all cores, in commits that each stand, and gone on with where it ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from einthoven.collection import Collection, Row, is_collection
from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import EinthovenError, HostileFileError, UsageError
from einthoven.ecg.moving import move
from einthoven.ingest import Guard

COMMIT_EVERY = 4000
"""Rows in a commit: what an interruption can cost."""
SETTINGS = "prepared.json"

Progress = Callable[[int, int], None]


@dataclass
class Prepared:
    """What became of the recordings of a data set."""

    recordings: int
    there_before: int = 0
    added: int = 0
    without_age_or_sex: int = 0
    without_text: int = 0
    without_statements: int = 0
    refused: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return dict(self.__dict__)


def prepare(
    name: str,
    dataset: Dataset[Any],
    folder: Path,
    guard: Guard,
    options: Mapping[str, object] = MappingProxyType({}),
    progress: Progress = lambda done, all_of_them: None,
    folds: Sequence[int] | None = None,
    commit_every: int = COMMIT_EVERY,
) -> Prepared:
    """Adds the recordings of a data set to the collection in `folder`, which is made where there is none.

    Files are read by `guard` (`reading.reader`), so that a damaged one costs nothing but itself; what cannot be read
    is named in the answer. Rows come in the order of `dataset.recordings`.
    Memory does not grow with their number.

    Args:
        name: the data set's. options: how it was opened; a collection is gone on with in the same way only.
        commit_every: rows in a commit.

    Raises:
        UsageError: the collection holds this data set opened in another way.
        CollectionError: `folder` holds something else, or cannot be written.
    """
    collection = Collection.open(folder) if is_collection(folder) else Collection.create(folder)
    _claim(folder / SETTINGS, name, options)
    known = set(collection.columns(["record"])["record"])
    wanted = dataset.of_folds(folds)
    outcome = Prepared(len(wanted))
    todo = _Todo(wanted, known)
    rows = _rows(dataset, todo, guard, outcome)
    count = -1
    while count:
        count = collection.append(_seen(islice(rows, commit_every), outcome, todo, progress))
        outcome.added += count
    outcome.there_before = todo.there_before
    return outcome


class _Todo:
    """The recordings that the collection does not hold, and how far they were read."""

    def __init__(self, wanted: Sequence[Recording], known: set[str]) -> None:
        self._wanted, self._known = wanted, known
        self.there_before = 0
        self.all = len(wanted)

    def __iter__(self) -> Iterator[Recording]:
        for recording in self._wanted:
            if recording.record in self._known:
                self.there_before += 1
            else:
                yield recording


def _rows(dataset: Dataset[Any], todo: _Todo, guard: Guard, outcome: Prepared) -> Iterator[Row]:
    def one(recording: Recording) -> tuple[Recording, Row | None, EinthovenError | None]:
        reading = guard.read(recording.file)
        if reading.ecg is None:
            return recording, None, reading.error or HostileFileError("fault")
        try:
            return recording, dataset.row_of(recording, reading.ecg), None
        except EinthovenError as fault:
            return recording, None, fault

    for recording, row, fault in guard.map(todo, one):
        if row is not None:
            yield row
        elif fault is not None:
            outcome.refused[recording.record] = fault.message


def _seen(rows: Iterator[Row], outcome: Prepared, todo: _Todo, progress: Progress) -> Iterator[Row]:
    done = todo.there_before + outcome.added + len(outcome.refused)
    for row in rows:
        outcome.without_age_or_sex += row.age is None or row.sex is None
        outcome.without_text += not row.text
        outcome.without_statements += not row.statements
        done += 1
        progress(done, todo.all)
        yield row


def _claim(path: Path, name: str, options: Mapping[str, object]) -> None:
    """Writes down how a data set was opened, or refuses to go on in another way."""
    said = {key: value for key, value in sorted(options.items()) if value is not None}
    before: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if name in before and before[name] != said:
        raise UsageError(
            f"This collection holds {name} with {_shown(before[name])}, not {_shown(said)}.",
            "Go on in the same way, or prepare into another folder.",
        )
    if name not in before:
        new = path.with_name(path.name + ".new")
        new.write_text(json.dumps({**before, name: said}, indent=1), encoding="utf-8")
        new.chmod(0o600)
        move(new, path)


def _shown(options: Mapping[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in options.items()) or "no options"
