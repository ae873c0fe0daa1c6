"""Prepared signals that are read when they are asked for, where a collection does not fit into memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.coding import decode_block
from einthoven.collection.loader import Signals
from einthoven.ecg import ECG, LEADS, Bools
from einthoven.models.config import Preparation
from einthoven.models.preparation import prepare


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

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, rows: Any) -> NDArray[np.float16]:
        """Some of them, by a slice or whole numbers: the first window of each, as a model prepares it."""
        chosen = np.arange(len(self))[rows]
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
