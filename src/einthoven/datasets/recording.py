"""What a data set of single files is to its users: recordings, and a row for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from einthoven.collection import Row
from einthoven.ecg import ECG, DataError, EinthovenError
from einthoven.formats import read


@dataclass(frozen=True)
class Recording:
    """One ECG of a data set.

    Args:
        source: where it comes from, as `einthoven.statements.elsewhere` names it.
        name: its name there.
        file: what is to be read.
    """

    source: str
    name: str
    file: Path

    @property
    def record(self) -> str:
        """The name of the record in a collection."""
        return f"{self.source}/{self.name}"


class FileDataset(Protocol):
    """A data set whose recordings are files; its statements are in its own words."""

    @property
    def recordings(self) -> Sequence[Recording]: ...

    def row(self, recording: Recording) -> Row:
        """Signal, statements and what is known of the patient; DataError when the file is damaged."""
        ...


def read_wfdb(recording: Recording) -> ECG:
    """A WFDB record, with the statements of its header; no patient is named there.

    Raises:
        DataError: the record is damaged.
    """
    try:
        return read(recording.file)
    except EinthovenError as fault:
        raise DataError(f"{recording.record} cannot be read: {fault.message}", "Fetch its files again.") from fault


def as_row(ecg: ECG, recording: Recording) -> Row:
    """The row of a recording."""
    return Row.from_ecg(ecg, record=recording.record, source=recording.source)
