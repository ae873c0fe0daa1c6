"""From rows of a data set to what training holds in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.ecg import chunks
from einthoven.models.config import Preparation
from einthoven.models.preparation import prepare
from einthoven.training.batch import Examples, Signals
from einthoven.training.plan import TrainingError

Progress = Callable[[str], None]
Later = Callable[[Sequence[Row], Preparation, Progress], Signals | None]
"""From rows that came without signals to these, prepared; None where they came with theirs."""


@dataclass(frozen=True)
class Prepared:
    """ECGs ready for training: examples, their rows without signals, and one hash over ids, recordings and targets."""

    examples: Examples
    rows: tuple[Row, ...]
    sha256: str

    @property
    def records(self) -> tuple[str, ...]:
        """The record ids of the examples."""
        return tuple(row.record for row in self.rows)


def prepare_rows(
    rows: Iterable[Row],
    names: Sequence[str],
    how: Preparation,
    progress: Progress = lambda line: None,
    targets: str = "present",
    carrying: Callable[[Row], bool] | None = None,
    signals: Later = lambda rows, how, progress: None,
) -> Prepared:
    """The first window of each ECG, prepared, with its targets; one that carries no code of `names` is left out.

    Args:
        carrying: which ECGs are taken instead of those that carry a code.
        signals: from rows that came without signals to these; None where they have theirs.
        targets: "present" makes each stated code 1, "likelihood" what its author gave it (of 1; 1 where unknown).

    Raises:
        TrainingError: none carries one.
    """
    place = {code: column for column, code in enumerate(names)}
    whole: list[NDArray[np.float16]] = []
    carried: list[NDArray[np.float32]] = []
    reports: list[str] = []
    kept: list[Row] = []
    digest = hashlib.sha256()
    taken = carrying or (lambda row: any(s.code in place for s in row.statements))
    for batch in chunks((row for row in rows if taken(row)), 256):
        if batch[0].signal is not None:
            prepared = prepare([row.ecg() for row in batch], how)
            first = prepared.first
            whole.extend(prepared.signal[first].astype(np.float16))
        for row in batch:
            target = np.zeros(len(names), np.float32)
            for statement in row.statements:
                if statement.code in place:
                    likely = statement.likelihood if targets == "likelihood" else None
                    target[place[statement.code]] = 1 if likely is None else likely / 100
            carried.append(target)
            reports.append(row.text or "")
            kept.append(replace(row, signal=None, scale=None))
            digest.update(f"{row.record}|{row.sha256}|{np.flatnonzero(target).tolist()}\n".encode())
            if targets == "likelihood":
                digest.update(target.tobytes())
        progress(f"prepared {len(kept)} ECGs")
    if not carried:
        raise TrainingError(
            "No ECG carries a statement to learn from.", "Check the data set: its statements or texts are empty."
        )
    later = signals(kept, how, progress)
    signal: Signals = np.stack(whole) if later is None else later
    examples = Examples(signal, np.stack(carried), how.rate, tuple(reports))
    return Prepared(examples, tuple(kept), digest.hexdigest())
