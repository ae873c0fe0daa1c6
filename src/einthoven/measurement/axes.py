"""Electrical axes in the frontal plane, from the limb leads together."""

from __future__ import annotations

import math

import numpy as np

from einthoven.ecg import Floats, Ints, Signal

DIRECTION = np.array(
    [
        (1.0, 0.0),
        (0.5, math.sqrt(0.75)),
        (-0.5, math.sqrt(0.75)),
        (-0.75, -math.sqrt(3) / 4),
        (0.75, -math.sqrt(3) / 4),
        (0.0, math.sqrt(0.75)),
    ]
)
"""What a unit vector to the left (x) and to the feet (y) gives in I, II, III, aVR, aVL and aVF."""
CLEAR = 0.1
"""Least net size of a wave, as a share of its whole size; below, the axis is indeterminate."""
FEW_LEADS = "Fewer than two limb leads are there."
UNCLEAR = "The axis is indeterminate: what points up and what points down cancel in the limb leads."


def qrs_axis(median: Signal, onset: int, offset: int) -> float | str:
    """The axis of the QRS in degrees, -180 to 180 (0 points to the left, 90 to the feet), or why there is none.

    By net amplitudes, the highest plus the (negative) deepest point of each limb lead. Net areas agree as well
    with the axes that PTB-XL states, except in right bundle branch block, where the late slow forces outweigh the
    rest: of normal axes there (folds 1-8), 62 of 62 come out normal by amplitudes, 20 by areas.

    Args:
        median: (12, samples) of the median beat. onset, offset: of the QRS; the level at its onset is zero.
    """
    there = _there(median)
    rows = median[there].astype(np.float64)
    wave = rows[:, onset : offset + 1] - rows[:, max(onset - 4, 0) : onset + 1].mean(axis=1, keepdims=True)
    return _angle(wave.max(axis=1) + wave.min(axis=1), there, float(np.ptp(wave, axis=1).max(initial=0)))


def wave_axis(median: Signal, first: int, last: int, level: tuple[int, int]) -> float | str:
    """The axis of a P or T wave, by net areas (Kligfield 2007, part I), as `qrs_axis` gives it.

    Args:
        median: (12, samples) of the median beat. first, last: the wave's samples.
        level: two samples on the baseline, through which the wave's own baseline is drawn.
    """
    there = _there(median)
    rows = median[there].astype(np.float64)
    left, right = (rows[:, max(at - 2, 0) : at + 3].mean(axis=1) for at in level)
    share = (np.arange(first, last + 1) - level[0]) / max(level[1] - level[0], 1)
    wave = rows[:, first : last + 1] - left[:, None] - np.outer(right - left, share)
    return _angle(wave.sum(axis=1), there, float(np.abs(wave).sum(axis=1).max(initial=0)))


def _there(median: Signal) -> Ints:
    return np.flatnonzero(np.isfinite(median[:6]).all(axis=1))


def _angle(net: Floats, there: Ints, whole: float) -> float | str:
    if np.linalg.matrix_rank(DIRECTION[there]) < 2:
        return FEW_LEADS
    (x, y), *_ = np.linalg.lstsq(DIRECTION[there], net, rcond=None)
    if math.hypot(x, y) <= CLEAR * whole:
        return UNCLEAR
    return math.degrees(math.atan2(y, x))
