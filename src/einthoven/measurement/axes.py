"""Electrical axes in the frontal plane, from the areas of a wave in the limb leads."""

from __future__ import annotations

import math

import numpy as np

from einthoven.ecg import Signal

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
"""Least share of a wave's whole area that its net area has; below, the axis is indeterminate."""


def axis(median: Signal, first: int, last: int, level: tuple[int, int]) -> float | str:
    """The axis of one wave in degrees, -180 to 180 (0 points to the left, 90 to the feet), or why there is none.

    Net areas, as devices use them (Kligfield 2007, part I), fitted over the limb leads that are there.

    Args:
        median: (12, samples) of the median beat. first, last: the wave's samples.
        level: two samples on the baseline, through which the wave's own baseline is drawn.
    """
    limb = median[:6]
    there = np.flatnonzero(~np.isnan(limb).any(axis=1))
    if np.linalg.matrix_rank(DIRECTION[there]) < 2:
        return "Fewer than two limb leads are there."
    rows = limb[there].astype(np.float64)
    left, right = (rows[:, max(at - 2, 0) : at + 3].mean(axis=1) for at in level)
    share = (np.arange(first, last + 1) - level[0]) / max(level[1] - level[0], 1)
    wave = rows[:, first : last + 1] - left[:, None] - np.outer(right - left, share)
    (x, y), *_ = np.linalg.lstsq(DIRECTION[there], wave.sum(axis=1), rcond=None)
    whole = float(np.abs(wave).sum(axis=1).max())
    if math.hypot(x, y) <= CLEAR * whole:
        return "The axis is indeterminate: upward and downward areas cancel in the limb leads."
    return math.degrees(math.atan2(y, x))
