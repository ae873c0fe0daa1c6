"""Where nothing was recorded, and invalid samples (NaN) on their way through a Fourier transform."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Bools, Signal

HELD_S = 1.5
"""So long no living heart's leads all keep the very same values; a slow simulated one may for less."""


def unrecorded(signal: Signal, rate: float) -> Bools:
    """(samples,): where no lead holds a number, or all hold the same numbers for 1.5 s and more.

    Args:
        signal: (leads, samples), NaN where invalid; leads that are missing throughout do not count.
    """
    there = signal[~np.isnan(signal).all(axis=1)]
    gap: Bools = np.all(np.isnan(there), axis=0)
    still: Bools = gap.copy()
    still[1:] |= np.all((np.diff(there, axis=1) == 0) | np.isnan(there[:, 1:]), axis=0)
    edges = np.flatnonzero(np.diff(still, prepend=False, append=False))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= HELD_S * rate:
            gap[start:end] = True
    return gap


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
