"""Where a training's ECGs come from: a public data set in its own folder, or data sets prepared into a collection."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Collection, Row
from einthoven.datasets import ECGQA, PTBXL, open_ptbxl
from einthoven.datasets.ecgqa_split import entries_of_ecgqa
from einthoven.ecg import DataError, UsageError
from einthoven.models.config import Preparation
from einthoven.training.ahead import ReadAhead
from einthoven.training.data import Data, Lists, Part
from einthoven.training.keeping import keep
from einthoven.training.made_of import made_of
from einthoven.training.streamed import Streamed

WITHOUT_SIGNAL = ("age", "sex", "patient", "text", "statements", "fold")
REPORTING = 10
Progress = Callable[[str], None]


def quiet(line: str) -> None:
    """Shows nothing."""


class Source(Protocol):
    """ECGs that train, and others that choose."""

    release: str
    """Which of the data set's releases, or how many of which data sets."""

    def count(self) -> int:
        """ECGs that are there to train on."""
        ...

    def train(self) -> Iterator[Row]:
        """Those that are trained on."""
        ...

    def choose(self) -> Iterator[Row]:
        """Those that choose."""
        ...

    def every(self) -> int:
        """ECGs that train or choose."""
        ...

    def signals(self, rows: Sequence[Row], how: Preparation, progress: Progress = quiet) -> ReadAhead | None:
        """The prepared signals of these rows where they came without; else None."""
        ...


class Published:
    """PTB-XL as PhysioNet publishes it."""

    def __init__(self, dataset: PTBXL, data: Data) -> None:
        self._dataset, self._data = dataset, data
        self.release = dataset.release

    def count(self) -> int:
        return len(self._dataset.present(self._data.train))

    def every(self) -> int:
        """ECGs that train or choose."""
        return len(self._dataset.present((*self._data.train, *self._data.choose)))

    def train(self) -> Iterator[Row]:
        return self._dataset.rows(self._data.train)

    def choose(self) -> Iterator[Row]:
        return self._dataset.rows(self._data.choose)

    def signals(self, rows: Sequence[Row], how: Preparation, progress: Progress = quiet) -> ReadAhead | None:
        """None: rows hold their own signals."""
        return None


class Listed:
    """PTB-XL by the lists of a published split.

    Raises:
        DataError: the lists are not there or do not part the patients, or none of their ECGs is here.
    """

    def __init__(self, dataset: PTBXL, lists: Lists) -> None:
        self._dataset, self._entries = dataset, entries_of_ecgqa(dataset, ECGQA(Path(lists.folder)))
        self.release = dataset.release

    def count(self) -> int:
        return len(self._entries["train"])

    def every(self) -> int:
        """ECGs that train or choose."""
        return len(self._entries["train"]) + len(self._entries["valid"])

    def train(self) -> Iterator[Row]:
        return map(self._dataset.row, self._entries["train"])

    def choose(self) -> Iterator[Row]:
        return map(self._dataset.row, self._entries["valid"])

    def signals(self, rows: Sequence[Row], how: Preparation, progress: Progress = quiet) -> ReadAhead | None:
        """None: rows hold their own signals."""
        return None


@dataclass(frozen=True)
class Drawn:
    """What is trained on and what chooses, as places in a collection, ascending."""

    train: NDArray[np.int64]
    choose: NDArray[np.int64]


class Prepared:
    """Some data sets of a collection (`einthoven data prepare`).

    Raises:
        DataError: a data set is not in it, or no ECG is left to train on or to choose.
        CollectionError: it is no collection. UsageError: signals are to be kept within it.
    """

    def __init__(self, folder: Path, data: Data) -> None:
        self.collection, self._kept = Collection.open(folder), data.kept_in()
        self._later = data.stream or self._kept is not None
        if self._kept is not None and self._kept.resolve().is_relative_to(folder.resolve()):
            raise UsageError(
                f"{self._kept} lies in the collection: what is purged from this would stay in that.",
                "Name a folder beside the collection in data.kept.",
            )
        self.drawn = drawn(self.collection.columns(["source", "patient", "record", "fold"]), data)
        names = ", ".join(part.name for part in data.parts)
        self.release = f"{names}: {len(self.drawn.train)} ECGs of a collection"

    def count(self) -> int:
        return len(self.drawn.train)

    def every(self) -> int:
        """ECGs that train or choose."""
        return len(self.drawn.train) + len(self.drawn.choose)

    def train(self) -> Iterator[Row]:
        return self._rows(self.drawn.train)

    def choose(self) -> Iterator[Row]:
        return self._rows(self.drawn.choose)

    def _rows(self, places: NDArray[np.int64]) -> Iterator[Row]:
        wanted = np.zeros(len(self.collection), bool)
        wanted[places] = True
        columns = WITHOUT_SIGNAL if self._later else None
        return (row for row, there in zip(self.collection.rows(columns), wanted, strict=True) if there)

    def signals(self, rows: Sequence[Row], how: Preparation, progress: Progress = quiet) -> ReadAhead | None:
        """The signals of some of these rows, in their order, read when asked for; None where rows hold their own.

        Raises:
            FileError: they cannot be kept where they are to be.
        """
        if not self._later:
            return None
        columns = self.collection.columns(["record", "scale"])
        place = {record: at for at, record in enumerate(columns["record"])}
        places = np.array([place[row.record] for row in rows], np.int64)
        streamed = Streamed(self.collection, places, rows, how)
        if self._kept is None:
            return streamed
        return keep(self._kept, streamed, made_of(rows, columns["scale"][places], how), progress)


def open_source(data: Data, folder: Path) -> Source:
    """What `data` names, in a folder.

    Raises:
        DataError: it is not there. UsageError: a data set that training does not read.
    """
    if data.parts:
        return Prepared(folder, data)
    dataset = open_ptbxl(data.dataset, folder, data.rate)
    return Published(dataset, data) if data.split is None else Listed(dataset, data.split)


def drawn(columns: dict[str, Any], data: Data) -> Drawn:
    """The ECGs of a collection that train, and those that choose.

    A part that is not `whole` gives the ECGs of `data.train` to training, and those of `data.choose` to choosing; one
    that is gives all but these and but the fold of reporting, whatever folds they have. Nobody whose ECGs choose or
    report is trained on.

    Args:
        columns: `source`, `patient`, `record`, `fold` (-1 without one), in table order.

    Raises:
        DataError: a data set has no ECG here, or none is left.
    """
    source, record, fold = np.array(columns["source"]), np.array(columns["record"]), np.asarray(columns["fold"])
    person = np.array([one or f"record {own}" for one, own in zip(columns["patient"], record, strict=True)])
    train, choose, parts = np.zeros(len(source), bool), np.zeros(len(source), bool), {}
    for part in data.parts:
        here = source == part.name
        if not here.any():
            raise DataError(
                f"The collection holds nothing of {part.name}.",
                f"Prepare it first: einthoven data prepare {part.name}.",
            )
        if not part.whole:
            choose |= here & np.isin(fold, data.choose)
        parts[part] = here if part.whole else here & np.isin(fold, data.train)
    reports = np.isin(source, [part.name for part in data.parts]) & (fold == REPORTING)
    free = ~np.isin(person, person[choose | reports])
    for part, own in parts.items():  # only now, so that as many are drawn as were asked for
        train |= _some(own & free, person, part)
    if not train.any() or not choose.any():
        raise DataError(
            f"Of the collection, {train.sum()} ECGs are left to train on and {choose.sum()} to choose.",
            "Name a part with folds (whole: false), and compare data.train and data.choose with the collection's.",
        )
    return Drawn(np.flatnonzero(train), np.flatnonzero(choose))


def _some(own: NDArray[np.bool_], person: NDArray[np.str_], part: Part) -> NDArray[np.bool_]:
    """At most `part.ecgs` of them: everything of one person after the other, in an order that the seed decides."""
    if part.ecgs is None or own.sum() <= part.ecgs:
        return own
    people, which = np.unique(person[own], return_inverse=True)
    order = np.random.default_rng(part.seed).permutation(len(people))
    counts = np.bincount(which)[order]
    taken = people[order[np.cumsum(counts) <= part.ecgs]]
    return own & np.isin(person, taken)


def names_of(parts: Sequence[Part]) -> str:
    """The data sets, for a card."""
    return " + ".join(part.name if part.ecgs is None else f"{part.ecgs:,} of {part.name}" for part in parts)
