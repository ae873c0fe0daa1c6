"""What an evaluation asks: the ECGs of one fold, about an index of folds 1-8 or about an archive."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from einthoven.datasets import PTBXL, open_ptbxl
from einthoven.datasets.overlaps import refuse_shared
from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import UsageError
from einthoven.evaluation.fold10 import ASKED_FOLDS, log_fold10
from einthoven.evaluation.seen import refuse_split

NEIGHBOURS = 25
INDEX_FOLDS = (1, 2, 3, 4, 5, 6, 7, 8)
MET = 256
"""ECGs of the training part that encoders with random weights take their normalisation from."""


@dataclass(frozen=True)
class Split:
    """Entries of the index and of one fold, which share no patient.

    Args:
        met: the entries of the index that a benchmark of the same fold trains on, at most `MET`: where both take an
            encoder's normalisation from the same ECGs, it is the same encoder.
    """

    name: str
    source: PTBXL
    fold: int
    base: Sequence[Entry]
    asked: Sequence[Entry]
    limit: int | None
    met: Sequence[Entry]

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


@dataclass(frozen=True)
class Question:
    """Which ECGs are asked about.

    Args:
        data: where the data set lies. fold: 9 to choose, 10 to report; each use of fold 10 is logged.
        dataset: a data set by name.
        limit: at most so many ECGs of the fold and of the index, for a quick look; said in the table.
        log: the log of fold 10, `docs/fold10.log` unless given. why: the reason that stands there.
    """

    data: Path
    fold: int = 10
    dataset: str = "ptb-xl"
    limit: int | None = None
    log: Path | None = None
    why: str = ""

    def split(self) -> Split:
        """Folds 1-8 as index and the fold that is asked, as far as their signals are there.

        Raises:
            UsageError: another fold than 9 and 10, patients that are in index and fold, or too few ECGs.
            DataError: the data set is not there.
        """
        source = self._opened()
        base, asked = source.present(INDEX_FOLDS), source.present((self.fold,))
        shared = {entry.patient for entry in base} & {entry.patient for entry in asked}
        if shared:
            raise UsageError(
                f"{len(shared)} patients are in the index and in fold {self.fold}.", "Use PTB-XL's own folds."
            )
        refuse_shared((entry.record for entry in base), (entry.record for entry in asked))
        met = [entry for entry in base if entry.fold < self.fold - 1][: self.limit][:MET]
        base, asked = base[: self.limit], asked[: self.limit]
        if len(base) < NEIGHBOURS or not asked:
            raise UsageError(
                f"An index of {len(base)} ECGs and {len(asked)} of fold {self.fold} are too few "
                f"for {NEIGHBOURS} neighbours.",
                "Evaluate on more of the data set.",
            )
        return Split(self.dataset, source, self.fold, base, asked, self.limit, met)

    def entries(self, known: Set[str]) -> tuple[PTBXL, Sequence[Entry]]:
        """The data set, and the entries of the fold to ask an archive about, which holds the records `known`.

        Raises:
            UsageError: another fold than 9 and 10, or records that are in the archive too.
            DataError: the data set is not there.
        """
        source = self._opened()
        entries = source.present((self.fold,))[: self.limit]
        if shared := {entry.record for entry in entries} & known:
            raise UsageError(
                f"{len(shared)} records of fold {self.fold} are in the archive.", "Use an archive of other folds."
            )
        refuse_shared(known, (entry.record for entry in entries))
        return source, entries

    def note(self, what: str, *models: object) -> None:
        """Logs what is evaluated, if it is on fold 10; to be called before anything of the fold's signals is read.

        Raises:
            UsageError: one of the models has seen ECGs of all folds. FileError: the log cannot be written.
        """
        refuse_split(*models)
        if self.fold == 10:
            log_fold10(self.log, what, self.why)

    def _opened(self) -> PTBXL:
        if self.fold not in ASKED_FOLDS:
            raise UsageError(
                f"Fold {self.fold} is not for evaluation: folds 1-8 are the index.", "Evaluate on fold 9 or 10."
            )
        return open_ptbxl(self.dataset, self.data)
