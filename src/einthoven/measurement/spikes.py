"""Pacemaker spikes on a beat: found by how narrow they are, and bridged before waves are looked for."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.ecg import Bools, Floats, Signal

WINDOW = 9
"""Samples (18 ms) whose median a spike of a few stands out of; no wave of the heart is that narrow."""
NARROW, SKIRT = 3, 0.3
"""Samples for which a spike is higher than this share of its height, at most: 6 ms."""
SIZE = 0.05
"""Least height as a share of the QRS."""
AROUND = 4


def without_spikes(rows: Signal) -> Signal:
    """(leads, samples) at 500 Hz with straight lines in place of spikes; as it was where there is none."""
    half = WINDOW // 2
    smooth = np.median(sliding_window_view(np.pad(rows, ((0, 0), (half, half)), mode="edge"), WINDOW, axis=1), axis=2)
    course: Floats = np.sqrt(np.square(rows - smooth).mean(axis=0, dtype=np.float64))
    least = SIZE * float(np.sqrt(np.square(np.ptp(rows, axis=1)).mean(dtype=np.float64)))
    spiky: Bools = np.zeros(rows.shape[1], np.bool_)
    for peak in np.flatnonzero((course[1:-1] >= course[:-2]) & (course[1:-1] > course[2:])) + 1:
        high = course[max(peak - WINDOW, 0) : peak + WINDOW + 1] > SKIRT * course[peak]
        if course[peak] > least and high.sum() <= NARROW:
            spiky[max(peak - AROUND, 0) : peak + AROUND + 1] = True
    if not spiky.any() or spiky.all():
        return rows
    clean, index = rows.copy(), np.arange(rows.shape[1])
    for row in clean:
        row[spiky] = np.interp(index[spiky], index[~spiky], row[~spiky])
    return clean
