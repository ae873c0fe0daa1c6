"""Heart rate and regularity from the beats, or why they are not to be had."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Bools, Floats, Ints
from einthoven.signal import Beats
from einthoven.signal.beats import LEAST_SIMILARITY

FEWEST_BEATS = 3
REGULAR = 0.08
"""Largest standard deviation of RR, as a share of its median, of a rhythm that is called regular."""
CHANGING = 0.06
"""Median change of RR, as a share of its median, from which on P waves are doubted: 91% of AFIB, 8% of NORM."""


@dataclass(frozen=True)
class Rhythm:
    """Beats a minute over the whole recording, and RR intervals in ms: median, standard deviation, and median change.

    `rr_change` is how much most intervals differ from the one before: a few premature beats do not matter to it.
    `longest` is the longest stretch in ms without a QRS complex; what lies before the first and after the last counts.
    `unseen` is the same where what was not recorded counts as well: so long nothing tells of a QRS complex.
    `fastest` is the rate of the three beats in a row that follow each other soonest.
    """

    heart_rate: float
    rr_median: float
    rr_spread: float
    rr_change: float = 0.0
    longest: float = 0.0
    fastest: float = 0.0
    unseen: float = 0.0

    @property
    def regular(self) -> bool:
        """Whether the RR intervals hardly vary."""
        return self.rr_spread <= REGULAR * self.rr_median

    @property
    def always_changing(self) -> bool:
        """Whether most RR intervals differ from the one before, as in fibrillation."""
        return self.rr_change > CHANGING * self.rr_median


def rhythm(beats: Beats, rate: float, seconds: float, unrecorded: Bools | None = None) -> Rhythm | str:
    """Rate and regularity of the beats of a recording, or the reason why they cannot be trusted.

    Args:
        unrecorded: (samples,), where nothing was recorded: an interval across it is none.
    """
    found = len(beats.indices)
    if found == 0:
        return "No QRS complex was found: the leads are flat."
    if found < FEWEST_BEATS:
        return f"Too few QRS complexes: {found} in {seconds:.1f} s, {FEWEST_BEATS} are needed."
    if not beats.credible:
        if beats.similarity >= LEAST_SIMILARITY:
            return "No QRS complexes stand out from what is between them."
        return "No beats that look like each other were found: noise, or no organised rhythm."
    rr = rr_intervals(beats.indices, rate, unrecorded)
    rr = rr[np.isfinite(rr)]
    if rr.size < FEWEST_BEATS - 1:
        return f"Too few intervals between QRS complexes without a gap: {rr.size}, {FEWEST_BEATS - 1} are needed."
    change = float(np.median(np.abs(np.diff(rr))))
    longest = _longest(beats.indices, round(seconds * rate), unrecorded) * (1000 / rate)
    unseen = _longest(beats.indices, round(seconds * rate), None) * (1000 / rate)
    fastest = 120_000 / float((rr[1:] + rr[:-1]).min())
    return Rhythm(float(60_000 / rr.mean()), float(np.median(rr)), float(rr.std()), change, longest, fastest, unseen)


def rr_intervals(indices: Ints, rate: float, unrecorded: Bools | None = None) -> Floats:
    """(beats - 1,) from each beat to the next in ms; infinite across where nothing was recorded, which is none."""
    rr = np.diff(indices) * (1000 / rate)
    if unrecorded is not None:
        rr[np.diff(np.cumsum(unrecorded)[indices]) > 0] = np.inf
    return rr


def _longest(indices: Ints, samples: int, unrecorded: Bools | None) -> int:
    """Samples of the longest recorded stretch without a beat, the ends of the recording included."""
    off = np.zeros(samples, bool) if unrecorded is None else unrecorded
    edges = np.flatnonzero(np.diff(off.astype(np.int8))) + 1
    points = np.unique(np.concatenate([[0, samples], indices, edges]))
    recorded = ~off[points[:-1]]
    return int((np.diff(points) * recorded).max())
