"""What a public data set is to its users: recordings, and a row for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from einthoven.collection import Row
from einthoven.ecg import ECG, DataError, EinthovenError, UsageError
from einthoven.formats import read
from einthoven.formats.told import NOTHING, Told


@dataclass(frozen=True)
class Recording:
    """One ECG of a data set, before its signal is read.

    Args:
        source: where it comes from, as `einthoven.statements.elsewhere` names it.
        name: its name there.
        file: what is to be read, as `einthoven.formats.read` takes it.
        patient: its patient as in the rows, where tables or the data set's rules tell; else None.
        fold: of the data set's own folds, or by `folds.fold_by_patient`; None where there are none.
    """

    source: str
    name: str
    file: Path
    patient: str | None = None
    fold: int | None = None

    @property
    def record(self) -> str:
        """The name of the record in a collection."""
        return f"{self.source}/{self.name}"


R = TypeVar("R", bound=Recording)


class Dataset(ABC, Generic[R]):
    """A data set in a folder; its statements are in its own words.

    A subclass lists its `recordings` and says in `described` what its tables tell of one.
    """

    told: Told = NOTHING
    """What its files do not say themselves."""
    remedy = "Fetch its files again."
    """What to do about a file that cannot be read."""

    @property
    @abstractmethod
    def recordings(self) -> Sequence[R]:
        """Those whose files are there, in a fixed order."""

    @abstractmethod
    def described(self, recording: R, ecg: ECG) -> ECG:
        """What was read of a recording, with all that the data set knows of it.

        Raises:
            DataError: the two do not fit.
        """

    def text(self, recording: R) -> str | None:
        """Its report, None where the data set has none."""
        return None

    def row(self, recording: R, keep_signal: bool = True) -> Row:
        """Signal, report, statements, patient and fold of one recording.

        Raises:
            DataError: its file is damaged; the message names it.
        """
        said = self.told
        try:
            ecg = read(recording.file, rate=said.rate, unit=said.unit, leads=said.leads)
        except EinthovenError as fault:
            raise DataError(f"{recording.record} cannot be read: {fault.message}", self.remedy) from fault
        return self.row_of(recording, ecg, keep_signal)

    def row_of(self, recording: R, ecg: ECG, keep_signal: bool = True) -> Row:
        """As `row`, of what was read elsewhere."""
        return Row.from_ecg(
            self.described(recording, ecg),
            record=recording.record,
            source=recording.source,
            text=self.text(recording),
            fold=recording.fold,
            keep_signal=keep_signal,
        )

    def rows(self, folds: Iterable[int] | None = None, keep_signal: bool = True) -> Iterator[Row]:
        """A row for each recording of these folds, or of all, in order.

        Raises:
            DataError: a file is damaged.
            UsageError: the data set has no folds.
        """
        return (self.row(recording, keep_signal) for recording in self.of_folds(folds))

    def of_folds(self, folds: Iterable[int] | None) -> Sequence[R]:
        """The recordings of these folds, or all.

        Raises:
            UsageError: the data set has no folds.
        """
        if folds is None:
            return self.recordings
        wanted = set(folds)
        if all(recording.fold is None for recording in self.recordings):
            raise UsageError(f"{type(self).__name__} has no folds.", "Leave out the folds, or use a list of a split.")
        return [recording for recording in self.recordings if recording.fold in wanted]
