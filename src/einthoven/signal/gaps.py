"""Invalid samples (NaN) on their way through a Fourier transform: bridged before, invalid again after."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Bools, Signal


def bridge(rows: Signal, bad: Bools) -> Signal:
    """A copy with gaps filled along straight lines, end values held; rows without any value become 0.

    Args:
        rows: (rows, samples). bad: (rows, samples), True where `rows` is NaN.
    """
    filled = np.where(bad, np.float32(0), rows)
    index = np.arange(rows.shape[1])
    for row in np.flatnonzero(bad.any(axis=1) & ~bad.all(axis=1)):
        gap = bad[row]
        filled[row, gap] = np.interp(index[gap], index[~gap], rows[row, ~gap])
    return filled


def spread(bad: Bools, rate: float, to: float, out_samples: int) -> Bools:
    """Which output samples rest on an invalid one: those less than one sample (of the lower rate) away.

    Args:
        bad: (rows, samples) at `rate`.

    Returns:
        (rows, out_samples) at `to`; all True for a row that is invalid throughout.
    """
    samples = bad.shape[1]
    reach = max(1.0, rate / to)
    at = np.arange(out_samples) * (rate / to)
    first = np.clip(np.floor(at - reach).astype(int) + 1, 0, samples)
    after = np.clip(np.ceil(at + reach).astype(int), 0, samples)
    count = np.zeros((bad.shape[0], samples + 1), np.int64)
    np.cumsum(bad, axis=1, out=count[:, 1:])
    hit: Bools = count[:, after] > count[:, first]
    return hit | bad.all(axis=1, keepdims=True)
