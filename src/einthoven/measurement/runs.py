"""Runs: three beats or more in a row that are fast and of another shape than the patient's others.

A ventricular tachycardia that does not last is one (three beats and more at over 100 bpm; AHA/ACC/HRS 2007, statement
76); means and medians of a recording do not show it. Beats that are fast and look like the others are none: they came
the usual way.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Bools, Floats, Ints, Signal
from einthoven.measurement.alarms import FAST
from einthoven.measurement.beats import DRIFT_HZ, independent
from einthoven.measurement.heart_rate import rr_intervals
from einthoven.signal import Beats, resample_and_filter

RATE = 100.0
"""Samples a second that shapes are compared at."""
FAST_RR = 60_000 / FAST
"""ms, longest interval within a run. At 100 bpm it would be no faster than many a rhythm that is irregular."""
LEAST = 3
"""Beats of a run at least, and no fewer of the others than `OTHERS`: what all are like is nobody's exception."""
OTHERS = 2
LIKE = 0.85
"""Correlation of two QRS complexes above which they have one shape."""
FEWEST_LEADS = 3
"""With more of them, the one that fits least does not count."""
REACH, SHIFT = 12, 5
"""Samples on both sides of an R peak that are compared, 120 ms; by how many they may be moved against each other."""


@dataclass(frozen=True)
class FastRun:
    """How many beats follow each other, how fast in bpm, and which is the first, an index into the R peaks."""

    beats: int
    rate: float
    first: int

    def to_dict(self) -> dict[str, object]:
        """The JSON document."""
        return {"beats": self.beats, "rate_bpm": round(self.rate, 1), "first_beat": self.first}


def fast_run(signal: Signal, rate: float, beats: Beats, unrecorded: Bools | None = None) -> FastRun | None:
    """The longest run of a recording, the faster of two that are as long; None where there is none.

    The others' shape is the median of the beats that nothing comes shortly before.

    Args:
        signal: (12, samples) in any unit. rate: samples a second.
        unrecorded: (samples,), where nothing was recorded: beats on both sides of it do not follow each other.

    >>> from einthoven.signal import find_beats
    >>> from einthoven.testing import simulate
    >>> ecg = simulate(heart_rate=150)
    >>> fast_run(ecg.signal, ecg.rate, find_beats(ecg.signal, ecg.rate)) is None  # all alike: this is its rhythm
    True
    """
    intervals = rr_intervals(beats.indices, rate, unrecorded)
    soon = intervals <= FAST_RR
    own = np.flatnonzero(~soon) + 1
    if not beats.credible or own.size < OTHERS or not (soon[1:] & soon[:-1]).any():
        return None
    unlike = likeness(signal, rate, beats.indices, own) < LIKE
    found = [
        FastRun(last - first + 1, 60_000 * (last - first) / float(intervals[first:last].sum()), first)
        for first, last in _stretches(unlike, soon)
        if last - first + 1 >= LEAST
    ]
    return max(found, key=lambda run: (run.beats, run.rate), default=None)


def _stretches(unlike: Bools, soon: Bools) -> list[tuple[int, int]]:
    """First and last beat of every stretch of beats that are unlike the others and follow each other soon."""
    found = []
    first: int | None = None
    for beat in range(unlike.size):
        if unlike[beat] and first is None:
            first = beat
        if first is not None and (beat + 1 == unlike.size or not soon[beat] or not unlike[beat + 1]):
            found.append((first, beat))
            first = None
    return found


def likeness(signal: Signal, rate: float, peaks: Ints, own: Ints) -> Floats:
    """(beats,) the best correlation of each QRS with the median of those of the beats `own`."""
    even = resample_and_filter(signal, rate, RATE, low=DRIFT_HZ)
    live = [row for row in range(len(even)) if not np.isnan(even[row]).all()]
    even = np.nan_to_num(even[independent(live)])
    wide = REACH + SHIFT
    centre = np.rint(peaks * (RATE / rate)).astype(np.intp) + wide
    padded = np.pad(even, ((0, 0), (wide, wide)), mode="edge")
    cut = padded[:, centre[:, None] + np.arange(-wide, wide)].swapaxes(0, 1)  # (beats, leads, samples)
    usual = _level(np.median(cut[own], axis=0)[None, :, SHIFT:-SHIFT])
    moved = [_correlation(_level(cut[:, :, shift : shift + 2 * REACH]), usual) for shift in range(2 * SHIFT + 1)]
    best: Floats = np.max(moved, axis=0)
    return best


def _level(cut: Signal) -> Floats:
    """(beats, leads, samples), each lead of each beat around its mean."""
    around: Floats = cut.astype(np.float64) - cut.mean(axis=2, keepdims=True)
    return around


def _correlation(one: Floats, other: Floats) -> Floats:
    """(beats,) over all leads together but the one that lowers it most: an electrode may come off for some beats."""
    shared, mine, its = (part.sum(axis=2) for part in (one * other, one * one, other * other))
    left_out = shared.shape[1] > FEWEST_LEADS
    shared, mine, its = (part.sum(axis=1, keepdims=True) - left_out * part for part in (shared, mine, its))
    best: Floats = (shared / np.sqrt(np.maximum(mine * its, 1e-30))).max(axis=1)
    return best
