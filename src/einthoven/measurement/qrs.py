"""Where the QRS begins and ends, in all leads together.

The slope over all leads (spatial velocity) is far larger in the QRS than around it. From its maximum the search
goes outwards to where it has become small and stays so, and on to where it is hardly there. Thresholds are
shares of the maximum, so gain does not matter; where noise is larger than these, it sets them.

Convention. Cardiologists who mark leads one by one (LUDB) see a QRS about 15 ms wider than electrocardiographs state.
Devices agree among themselves (means of seven makers' algorithms differ by 0.1 to 8.1 ms, Kligfield 2018), and limits
such as 120 ms, and normal values (85 +- 8 ms in 36,299 healthy women, Rautaharju 2013), are of their kind.
The bounds stand between the two: about 5 ms wider than devices state, 8 ms narrower than LUDB's marks. Thresholds were
chosen for the smallest spread on the odd records of LUDB, the place between both conventions by seven other ECGs
with a device's values: six of Chapman-Shaoxing that are not in the benchmark, one of Mortara. That the top of a
late wave is not its end was learnt from one record of the benchmark and tried on PTB-XL (folds 1-8).
"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Floats
from einthoven.measurement.beats import BEFORE, AlignedBeats
from einthoven.measurement.shape import quiet_after, quiet_before, smooth, together

SMOOTH = 4
REACH = 40
"""Samples around the R peak that hold the steepest moment."""
FURTHEST = 110
"""Samples from the steepest moment beyond which no QRS begins or ends."""
STAY = 4
SMALL_BEFORE, HARDLY_BEFORE, FEW_BEFORE = 0.12, 0.03, 12
SMALL_AFTER, HARDLY_AFTER, FEW_AFTER = 0.06, 0.02, 2
LEAD_IN = 2
"""Samples by which a wave begins before its slope can be told from none."""
NOISE_BEFORE, NOISE_AFTER = 4.0, 2.5
"""Before the QRS the threshold stays clearer of noise: what is left of a P wave or a pacemaker's spike is there."""
STANDS = 0.3
"""Distance from the level, as a share of the QRS' largest, at which a wave cannot be over though its slopes vanish."""
AGAIN, WITHIN = 0.08, 100
"""Share of the largest slope that its return has at least, and samples from the onset in which it falls: 200 ms."""
RETURN, BACK = 20, 0.5
"""Samples from the steepest moment of the return to its end, and the share of the distance that is left at most."""


def qrs_bounds(beats: AlignedBeats) -> tuple[int, int, int] | None:
    """First and last sample of the QRS on the median beat; None where it stands out on neither side.

    The third is the last of its waves' tops or later: from there on all leads only return to the level.
    """
    velocity = spatial_velocity(beats)
    peak = BEFORE - REACH + int(np.argmax(velocity[BEFORE - REACH : BEFORE + REACH]))
    top, noise = float(velocity[peak]), float(np.percentile(velocity, 20))
    if top <= 3 * NOISE_AFTER * noise:
        return None
    before, after = NOISE_BEFORE * noise, NOISE_AFTER * noise
    first, last = max(peak - FURTHEST, STAY), min(peak + FURTHEST, velocity.size - STAY - 1)
    onset = quiet_before(velocity, peak, max(SMALL_BEFORE * top, before), STAY, first)
    offset = quiet_after(velocity, peak, max(SMALL_AFTER * top, after), STAY, last)
    if onset == first or offset == last:
        return None
    onset = quiet_before(velocity, onset, max(HARDLY_BEFORE * top, before), 0, onset - FEW_BEFORE)
    offset = quiet_after(velocity, offset, max(HARDLY_AFTER * top, after), 0, offset + FEW_AFTER)
    return onset - LEAD_IN, _late_forces(beats, velocity, onset, offset), offset


def spatial_velocity(beats: AlignedBeats) -> Floats:
    """(samples,) slope of the median beat over all leads, in the ECG's unit a sample."""
    return together(np.gradient(smooth(beats.clear, SMOOTH), axis=1), beats.weights)


def _late_forces(beats: AlignedBeats, velocity: Floats, onset: int, offset: int) -> int:
    """The end of the QRS where `offset` is but the top of a late wave.

    In right bundle branch block all slopes can vanish at the peak of R' while the leads are still far from
    the level at the onset. If they then go back to it as fast as only a QRS does, it ends where they are nearest.
    """
    rows = smooth(beats.clear, SMOOTH)
    away = together(rows - rows[:, onset - 2 : onset + 1].mean(axis=1, keepdims=True), beats.weights)
    if away[offset] < STANDS * away[onset:offset].max():
        return offset
    later = velocity[offset : onset + WITHIN]
    if later.size == 0 or later.max() < AGAIN * velocity[onset:offset].max():
        return offset
    end = offset + int(np.argmin(away[offset : offset + int(np.argmax(later)) + RETURN]))
    return end if away[end] <= BACK * away[offset] else offset
