"""Do the detected beats look like beats? Those of one heart resemble each other; noise does not."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Floats, Ints, Signal
from einthoven.signal.spectral import resample_and_filter

RATE = 100
BAND = (1.0, 25.0)
BEFORE, AFTER = 8, 12
"""Samples around a beat that are compared: 80 ms before to 120 ms after, the QRS."""


def beat_similarity(signal: Signal, rate: float, beats: Ints) -> float:
    """How much a typical beat correlates with the one most like it, over all leads at once.

    Real ECGs lie above 0.9, also with several kinds of beats; white noise about 0.3.

    Args:
        signal: (leads, samples), any unit. rate: samples a second. beats: from `find_beats`.

    Returns:
        The median over beats of the best correlation with another beat, -1 to 1; 0 with
        fewer than two complete beats.
    """
    band = resample_and_filter(signal, rate, RATE, *BAND)
    cuts = cut_beats(band, np.rint(np.asarray(beats) * (RATE / rate)).astype(np.intp), BEFORE, AFTER)
    flat = (cuts - cuts.mean(axis=2, keepdims=True)).reshape(len(cuts), cuts.shape[1] * cuts.shape[2])
    norm = np.linalg.norm(flat, axis=1, keepdims=True)
    flat = (flat / np.maximum(norm, 1e-30))[norm[:, 0] > 0]
    if len(flat) < 2:
        return 0.0
    table = flat @ flat.T
    np.fill_diagonal(table, -1)
    return float(np.median(table.max(axis=1)))


def cut_beats(signal: Signal, beats: Ints, before: int, after: int) -> Floats:
    """The samples around those beats that lie wholly inside, (beats, leads, before + after); NaN is 0."""
    inside = beats[(beats >= before) & (beats + after <= signal.shape[-1])]
    index = inside[:, None] + np.arange(-before, after)
    return np.nan_to_num(signal[:, index]).swapaxes(0, 1)
