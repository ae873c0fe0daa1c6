"""Amplitudes of the QRS and the ST segment in each lead, and the voltages that hypertrophy is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import LEADS, Floats, Signal

LEVEL = 8
"""Samples before the QRS whose mean is zero: 16 ms (Kligfield 2007, part I: the level at QRS onset)."""
LEAST_MV = 0.02
"""A deflection of less is none (IEC 60601-2-51: 20 microvolt)."""
J60, J80 = 30, 40


@dataclass(frozen=True)
class LeadAmplitudes:
    """One lead's amplitudes in mV, relative to the level at QRS onset, with their sign.

    `q` before the first upward deflection, `r` the highest, `s` the deepest after the first upward one; 0 where
    there is none. A QRS without any upward deflection (QS) is all `s`,
    and so is one that only rises into a raised ST. `st_j` at the end of the QRS over all
    leads, `st_j60` and `st_j80` 60 and 80 ms after it.
    """

    q: float
    r: float
    s: float
    st_j: float
    st_j60: float
    st_j80: float

    def to_dict(self) -> dict[str, float]:
        """mV, rounded to a microvolt."""
        return {f"{name}_mv": round(value, 3) for name, value in vars(self).items()}


def amplitudes(median: Signal, qrs: tuple[int, int]) -> dict[str, LeadAmplitudes]:
    """Lead name to amplitudes, of the leads that are there; `median` (12, samples) in mV at 500 Hz."""
    found = {}
    for lead, row in zip(LEADS, median.astype(np.float64), strict=True):
        if not np.isnan(row).any():
            zeroed = row - row[qrs[0] - LEVEL : qrs[0]].mean()
            q, r, s = _deflections(zeroed[qrs[0] : qrs[1] + 1])
            st = (float(zeroed[min(qrs[1] + after, zeroed.size - 1)]) for after in (0, J60, J80))
            found[lead] = LeadAmplitudes(q, r, s, *st)
    return found


def _deflections(course: Floats) -> tuple[float, float, float]:
    """Q, R and S of one lead's QRS."""
    up = np.flatnonzero(course >= LEAST_MV)
    if up.size == 0:
        return 0.0, 0.0, _below(course)
    # The first upward deflection; what lies before it is Q, what goes down after it is S.
    first = int(up[0])
    if _below(course[:first]) and course.max() - course[-1] < LEAST_MV:  # it does not come down: a raised ST, no R
        return 0.0, 0.0, _below(course)
    return _below(course[:first]), float(course.max()), _below(course[first:])


def _below(course: Floats) -> float:
    depth = float(course.min(initial=0.0))
    return depth if depth <= -LEAST_MV else 0.0


def sokolow_lyon(leads: Mapping[str, LeadAmplitudes]) -> float | None:
    """S in V1 plus the larger R of V5 and V6, mV (Sokolow and Lyon 1949); None without V1 or both of these."""
    if "V1" not in leads or not {"V5", "V6"} & set(leads):
        return None
    return max(leads[lead].r for lead in ("V5", "V6") if lead in leads) - leads["V1"].s


def cornell(leads: Mapping[str, LeadAmplitudes]) -> float | None:
    """R in aVL plus S in V3, mV (Casale 1985); None without one of these."""
    if not {"aVL", "V3"} <= set(leads):
        return None
    return leads["aVL"].r - leads["V3"].s
