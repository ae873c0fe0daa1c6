"""How large a heart's signal is: what tells one unit of voltage from another where a file leaves it open."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Floats

HEART_MV = (0.05, 20.0)
"""How far a usual lead goes up and down within a second, in mV: from half a small square to what no heart reaches."""


def swing(values: Floats, rate: float) -> float:
    """How far the signal goes up and down in a usual second of a usual channel, in its own unit.

    Args:
        values: (channels, samples); channels or seconds that are flat or hold no number do not count.
        rate: samples a second.

    Returns:
        The median; 0 where nothing counts.
    """
    width = max(min(int(rate), values.shape[1]), 1)
    whole = values.shape[1] // width
    blocks = values[:, : whole * width].reshape(len(values), whole, width)
    with np.errstate(invalid="ignore"):
        spans = blocks.max(axis=2) - blocks.min(axis=2)
    spans = spans[np.isfinite(spans) & (spans > 0)]
    return float(np.median(spans)) if spans.size else 0.0


def is_microvolt(values: Floats, rate: float) -> bool:
    """Whether microvolt is the one unit (of nV, uV, mV, V) in which the numbers have a heart's size."""
    found = swing(values, rate)
    # 1000 times smaller (nV) or larger (mV, V) they would be none: the range spans less than that.
    return 1000 * HEART_MV[0] < found < 1000 * HEART_MV[1]
