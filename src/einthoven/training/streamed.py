"""Signals of a collection that are prepared when they are asked for, where they do not fit into memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.collection.coding import decode_block
from einthoven.collection.loader import Signals
from einthoven.ecg import ECG, LEADS, Bools
from einthoven.models.config import Preparation
from einthoven.models.preparation import prepare
from einthoven.training.ahead import ReadAhead


class Streamed(ReadAhead):
    """Signals that are read from where they lie as int16, and prepared, each time anew.

    Args:
        signals: where they lie. places: (n,) positions there.
        rows: what lies there, without its signals.
    """

    def __init__(self, signals: Signals, places: NDArray[np.int64], rows: Sequence[Row], how: Preparation) -> None:
        super().__init__()
        self._signals, self._places, self._how = signals, places, how
        self._rates = np.array([row.rate for row in rows])
        self._lengths = np.array([row.samples for row in rows])
        self._calibrated = np.array([row.calibrated for row in rows], bool)

    def __len__(self) -> int:
        return len(self._places)

    def _read(self, chosen: NDArray[np.int64]) -> NDArray[np.float16]:
        ecgs: dict[int, ECG] = {}
        for length in np.unique(self._lengths[chosen]):
            alike = np.unique(chosen[self._lengths[chosen] == length])
            places, back = np.unique(self._places[alike], return_inverse=True)
            signal = decode_block(*self._signals.units(places.tolist()))[back]
            ecgs |= {row: self._ecg(one, row) for one, row in zip(signal, alike.tolist(), strict=True)}
        prepared = prepare([ecgs[row] for row in chosen.tolist()], self._how)
        first = prepared.first
        return prepared.signal[first].astype(np.float16)

    def _ecg(self, signal: NDArray[np.float32], row: int) -> ECG:
        there: Bools = np.asarray(np.isfinite(signal).any(axis=1))
        leads = [lead for lead, kept in zip(LEADS, there, strict=True) if kept]
        return ECG(signal[there], float(self._rates[row]), leads, bool(self._calibrated[row]))
