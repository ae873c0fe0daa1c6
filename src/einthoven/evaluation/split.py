"""The ECGs of an evaluation: an index of folds 1-8, and the fold that is asked about it."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from einthoven.datasets import PTBXL, open_dataset
from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import UsageError
from einthoven.evaluation.fold10 import ASKED_FOLDS

NEIGHBOURS = 25
INDEX_FOLDS = (1, 2, 3, 4, 5, 6, 7, 8)


@dataclass(frozen=True)
class Split:
    """Entries of the index and of one fold, which share no patient."""

    name: str
    source: PTBXL
    fold: int
    base: Sequence[Entry]
    asked: Sequence[Entry]
    limit: int | None

    def facts(self) -> dict[str, object]:
        """What a table says of it."""
        base, asked = ({entry.patient for entry in entries} for entries in (self.base, self.asked))
        return {
            "dataset": f"{self.name} {self.source.release}",
            "fold": self.fold,
            "ecgs": len(self.asked),
            "patients": len(asked),
            "index": f"folds 1-8, {len(self.base)} ECGs, {len(base)} patients",
            "shared_patients": len(base & asked),
            "neighbours": NEIGHBOURS,
            "limited_to": self.limit,
        }


def open_split(dataset: str, data: Path, fold: int, limit: int | None = None) -> Split:
    """Folds 1-8 as index and fold 9 or 10, as far as their signals are there.

    Args:
        limit: at most so many ECGs of the index and of the fold, for a quick look.

    Raises:
        UsageError: another fold, patients that are in index and fold, or too few ECGs.
        DataError: the data set is not there.
    """
    if fold not in ASKED_FOLDS:
        raise UsageError(f"Fold {fold} is not for evaluation: folds 1-8 are the index.", "Evaluate on fold 9 or 10.")
    source = open_dataset(dataset, data)
    base, asked = source.present(INDEX_FOLDS), source.present((fold,))
    shared = {entry.patient for entry in base} & {entry.patient for entry in asked}
    if shared:
        raise UsageError(f"{len(shared)} patients are in the index and in fold {fold}.", "Use PTB-XL's own folds.")
    base, asked = base[:limit], asked[:limit]
    if len(base) < NEIGHBOURS or not asked:
        raise UsageError(
            f"An index of {len(base)} ECGs and {len(asked)} of fold {fold} are too few for {NEIGHBOURS} neighbours.",
            "Evaluate on more of the data set.",
        )
    return Split(dataset, source, fold, base, asked, limit)


def open_asked(
    dataset: str, data: Path, fold: int, limit: int | None, known: Set[str]
) -> tuple[PTBXL, Sequence[Entry]]:
    """A data set, and the entries of fold 9 or 10 to ask an archive about, which holds the records `known`.

    Args:
        limit: at most so many, for a quick look.

    Raises:
        UsageError: another fold, or records that are in the archive too.
        DataError: the data set is not there.
    """
    if fold not in ASKED_FOLDS:
        raise UsageError(f"Fold {fold} is not for evaluation.", "Evaluate on fold 9 or 10.")
    source = open_dataset(dataset, data)
    entries = source.present((fold,))[:limit]
    if shared := {entry.record for entry in entries} & known:
        raise UsageError(f"{len(shared)} records of fold {fold} are in the archive.", "Use an archive of other folds.")
    return source, entries
