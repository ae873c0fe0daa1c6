"""Where the QRS begins and ends, in all leads together.

The slope over all leads (spatial velocity) is far larger in the QRS than around it. From its maximum the search
goes outwards to where it has become small and stays so, and on to where it is hardly there. Thresholds are
shares of the maximum, so gain does not matter; where noise is larger than these, it sets them. They were chosen
on the odd records of LUDB (`benchmarks/measure.py`).
"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Floats
from einthoven.measurement.beats import BEFORE, AlignedBeats
from einthoven.measurement.shape import quiet_after, quiet_before, smooth, together

SMOOTH = 5
REACH = 40
"""Samples around the R peak that hold the steepest moment."""
FURTHEST = 110
"""Samples from the steepest moment beyond which no QRS begins or ends."""
STAY = 4
SMALL_BEFORE, HARDLY_BEFORE, FEW_BEFORE = 0.10, 0.03, 8
SMALL_AFTER, HARDLY_AFTER, FEW_AFTER = 0.06, 0.02, 3
LEAD_IN = 3
"""Samples by which a wave begins before its slope can be told from none."""
NOISE = 2.5


def qrs_bounds(beats: AlignedBeats) -> tuple[int, int] | None:
    """First and last sample of the QRS on the median beat; None where it stands out on neither side."""
    velocity = spatial_velocity(beats)
    peak = BEFORE - REACH + int(np.argmax(velocity[BEFORE - REACH : BEFORE + REACH]))
    top, floor = float(velocity[peak]), NOISE * float(np.percentile(velocity, 20))
    if top <= 3 * floor:
        return None
    first, last = max(peak - FURTHEST, STAY), min(peak + FURTHEST, velocity.size - STAY - 1)
    onset = quiet_before(velocity, peak, max(SMALL_BEFORE * top, floor), STAY, first)
    offset = quiet_after(velocity, peak, max(SMALL_AFTER * top, floor), STAY, last)
    if onset == first or offset == last:
        return None
    onset = quiet_before(velocity, onset, max(HARDLY_BEFORE * top, floor), 0, onset - FEW_BEFORE)
    offset = quiet_after(velocity, offset, max(HARDLY_AFTER * top, floor), 0, offset + FEW_AFTER)
    return onset - LEAD_IN, offset


def spatial_velocity(beats: AlignedBeats) -> Floats:
    """(samples,) slope of the median beat over all leads, in the ECG's unit a sample."""
    return together(np.gradient(smooth(beats.clear, SMOOTH), axis=1), beats.weights)
