"""Whether every recording of a data set can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import EinthovenError
from einthoven.ingest import Guard, Limits

GENEROUS = Limits(cpu_s=20.0, wall_s=120.0, judged_s=0.0)
"""What a published file may cost: it is slow on a slow disk, not hostile. Nobody asks here whether it is fit."""


def reader(dataset: Dataset[Any], workers: int | None = None) -> Guard:
    """Processes that read a data set's files; None takes all cores. Use it in a `with`."""
    return Guard(GENEROUS, workers, dataset.told)


def unreadable(
    dataset: Dataset[Any], guard: Guard, progress: Callable[[int], None] = lambda done: None
) -> dict[str, str]:
    """The reason by record, of each recording that cannot be read or does not fit its tables."""
    found: dict[str, str] = {}

    def one(recording: Recording) -> tuple[str, str]:
        reading = guard.read(recording.file)
        if reading.ecg is None:
            return recording.record, reading.error.message if reading.error else "unknown"
        try:
            dataset.row_of(recording, reading.ecg, keep_signal=False)
        except EinthovenError as fault:
            return recording.record, fault.message
        return recording.record, ""

    for done, (record, why) in enumerate(guard.map(dataset.recordings, one), 1):
        if why:
            found[record] = why
        progress(done)
    return found
