"""Prepared signals that are read when they are asked for, where a collection does not fit into memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.coding import decode_block
from einthoven.collection.loader import Signals
from einthoven.ecg import ECG, LEADS, Bools, ahead
from einthoven.models.config import Preparation
from einthoven.models.preparation import prepare

READ_AHEAD = 4
"""Batches that are read and prepared while a network learns from another one, each by a thread of its own."""


class Streamed:
    """Acts as an array (n, 12, samples) of prepared signals, float16, of which rows are taken.

    Args:
        signals: where they lie, as int16; all of one length.
        places: (n,) positions there. rates: (n,) samples a second. calibrated: (n,) whether the unit is known.
    """

    def __init__(
        self,
        signals: Signals,
        places: NDArray[np.int64],
        rates: NDArray[np.floating[Any]],
        calibrated: NDArray[np.bool_],
        how: Preparation,
    ) -> None:
        self._signals, self._places, self._rates, self._calibrated, self._how = signals, places, rates, calibrated, how
        self._coming: Generator[tuple[NDArray[np.int64], NDArray[np.float16]], None, None] | None = None
        self._here: dict[int, NDArray[np.float16]] = {}

    def expect(self, batches: Iterable[NDArray[np.integer[Any]]]) -> None:
        """Begins to read batches of rows in this order, some ahead of the one that is asked for.

        Asked for otherwise, rows are read as if nothing had been expected. What was expected before is forgotten.
        """
        self.forget()
        self._coming = self._read_ahead(batches)

    def forget(self) -> None:
        """Ends reading ahead."""
        if self._coming is not None:
            self._coming.close()
        self._coming, self._here = None, {}

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, rows: Any) -> NDArray[np.float16]:
        """Some of them, by a slice or whole numbers: the first window of each, as a model prepares it."""
        chosen = np.arange(len(self))[rows]
        if self._coming is not None and not self._holds(chosen):
            coming = next(self._coming, None)
            self._here = {} if coming is None else dict(zip(coming[0].tolist(), coming[1], strict=True))
            if not self._holds(chosen):
                self.forget()
        return np.stack([self._here[row] for row in chosen.tolist()]) if self._holds(chosen) else self._read(chosen)

    def _holds(self, rows: NDArray[np.int64]) -> bool:
        return len(rows) > 0 and all(row in self._here for row in rows.tolist())

    def _read_ahead(
        self, batches: Iterable[NDArray[np.integer[Any]]]
    ) -> Generator[tuple[NDArray[np.int64], NDArray[np.float16]], None, None]:
        with ThreadPoolExecutor(READ_AHEAD, "streaming") as pool:
            numbered = (np.asarray(rows, np.int64) for rows in batches)
            yield from ahead(pool, lambda rows: (rows, self._read(rows)), numbered, READ_AHEAD)

    def _read(self, chosen: NDArray[np.int64]) -> NDArray[np.float16]:
        places, back = np.unique(self._places[chosen], return_inverse=True)
        signal = decode_block(*self._signals.units(places.tolist()))[back]
        ecgs = [self._ecg(one, row) for one, row in zip(signal, chosen, strict=True)]
        prepared = prepare(ecgs, self._how)
        first = prepared.first
        return prepared.signal[first].astype(np.float16)

    def _ecg(self, signal: NDArray[np.float32], row: int) -> ECG:
        there: Bools = np.asarray(np.isfinite(signal).any(axis=1))
        leads = [lead for lead, kept in zip(LEADS, there, strict=True) if kept]
        return ECG(signal[there], float(self._rates[row]), leads, bool(self._calibrated[row]))
