"""From rows of a data set to what training holds in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.ecg import chunks
from einthoven.models.config import Preparation
from einthoven.models.preparation import prepare
from einthoven.training.batch import Examples
from einthoven.training.plan import TrainingError

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """ECGs ready for training: examples, their record ids, and one hash over ids, recordings and targets."""

    examples: Examples
    records: tuple[str, ...]
    sha256: str


def prepare_rows(
    rows: Iterable[Row],
    names: Sequence[str],
    how: Preparation,
    progress: Progress = lambda line: None,
    targets: str = "present",
) -> Prepared:
    """The first window of each ECG, prepared, with its targets; one that carries no code of `names` is left out.

    Args:
        targets: "present" makes each stated code 1, "likelihood" what its author gave it (of 1; 1 where unknown).

    Raises:
        TrainingError: none carries one.
    """
    place = {code: column for column, code in enumerate(names)}
    signals: list[NDArray[np.float16]] = []
    carried: list[NDArray[np.float32]] = []
    reports: list[str] = []
    records: list[str] = []
    digest = hashlib.sha256()
    carrying = (row for row in rows if any(s.code in place for s in row.statements))
    for batch in chunks(carrying, 256):
        prepared = prepare([row.ecg() for row in batch], how)
        first = np.flatnonzero(np.diff(prepared.owner, prepend=-1))
        for row, signal in zip(batch, prepared.signal[first].astype(np.float16), strict=True):
            target = np.zeros(len(names), np.float32)
            for statement in row.statements:
                if statement.code in place:
                    likely = statement.likelihood if targets == "likelihood" else None
                    target[place[statement.code]] = 1 if likely is None else likely / 100
            signals.append(signal)
            carried.append(target)
            reports.append(row.text or "")
            records.append(row.record)
            digest.update(f"{row.record}|{row.sha256}|{np.flatnonzero(target).tolist()}\n".encode())
            if targets == "likelihood":
                digest.update(target.tobytes())
        progress(f"prepared {len(records)} ECGs")
    if not carried:
        raise TrainingError("No training ECG carries a statement that the model knows.", "Check the data set.")
    return Prepared(
        Examples(np.stack(signals), np.stack(carried), how.rate, tuple(reports)), tuple(records), digest.hexdigest()
    )
