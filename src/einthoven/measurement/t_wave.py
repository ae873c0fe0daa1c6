"""Where the T wave ends, in all leads together.

In each lead, and in the root mean square over the leads, the tangent to the steepest part of the last descent
meets the level after the wave (Lepeschkin and Surawicz 1952). The leads' late ends and that of the whole are
averaged: neither one lead's U wave nor a lead without a T wave decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Floats
from einthoven.measurement.beats import RATE, AlignedBeats
from einthoven.measurement.shape import smooth, together

SMOOTH = 6
LATEST_QTC_S = 0.60
"""The end is sought up to a QT of 0.60 s times the root of RR (Bazett), and before the next beat's first wave."""
AFTER_QRS, SHORTEST = 20, 40
"""Samples after the QRS where the search begins, and the shortest stretch that is searched."""
TAIL, TAIL_LEVEL = 90, 20
"""Samples before the end of the search in which the quietest so many give the level after the wave."""
LAST = 0.5
"""A later maximum is the wave's own if it has this share of the largest."""
DESCENT, FOOT = 75, 80
ROOM = 20
"""Samples before the search's end in which a lead's last maximum leaves no room for a descent: it is no T wave."""
LEAD_SIZE = 0.25
LATE = 0.7
BEYOND = 12
"""Samples by which cardiologists mark the end after the tangent's foot (LUDB, odd records)."""
OVER = 7
"""Samples by which the end may lie after the search's end: then it still lies before the next wave itself."""
FLAT = 0.02
"""Share of the QRS below which a T wave is too flat to have an end; in mV about 0.03."""


@dataclass(frozen=True)
class TWave:
    """Samples on the median beat: the peak over all leads together, and the end."""

    peak: int
    offset: int


def t_wave(beats: AlignedBeats, qrs: tuple[int, int], rr_s: float, next_wave: int) -> TWave | str:
    """The T wave, or why it has no end that can be measured.

    Args:
        qrs: first and last sample of the QRS on the median beat. rr_s: usual RR interval in seconds.
        next_wave: sample on the median beat at which the next beat's P wave, or QRS if it has none, begins.
    """
    median = beats.median
    first = qrs[1] + AFTER_QRS
    last = min(median.shape[1] - 2, next_wave, qrs[0] + round(LATEST_QTC_S * rr_s**0.5 * RATE))
    if last - first < SHORTEST:
        return "The T wave runs into the next beat."
    live = np.flatnonzero(~np.isnan(median).any(axis=1))
    rows = smooth(median[live], SMOOTH)
    rows -= _level_after(rows, max(last - TAIL, (first + last) // 2), last)
    whole = together(rows[np.searchsorted(live, beats.leads)], beats.weights)
    size = np.abs(rows[:, first:last]).max(axis=1)
    qrs_size = np.ptp(median[live, qrs[0] : qrs[1] + 1], axis=1)
    if np.median(size) < FLAT * np.median(qrs_size):
        return "The T wave is flat."
    large = np.sort(size)[-min(3, size.size)]
    peak, end = _foot(whole, first, last)
    feet = [_foot(np.abs(row), first, last) for row in rows[size > LEAD_SIZE * large]]
    ends = [foot for top, foot in feet if top <= last - ROOM] or [end]
    offset = round((float(np.quantile(ends, LATE)) + end) / 2) + BEYOND
    if offset > min(next_wave + OVER, median.shape[1] - 1):
        return "The T wave runs into the next beat."
    return TWave(peak, offset)


def _level_after(rows: Floats, start: int, last: int) -> Floats:
    """(leads, 1) level where the leads together move least between `start` and `last`."""
    moves = np.abs(np.diff(rows[:, start:last], axis=1)).mean(axis=0)
    at = start + int(np.argmin(np.convolve(moves, np.ones(TAIL_LEVEL), "valid")))
    level: Floats = rows[:, at : at + TAIL_LEVEL].mean(axis=1, keepdims=True)
    return level


def _foot(course: Floats, first: int, last: int) -> tuple[int, float]:
    """The last peak of a course that is never negative, and where the tangent to its descent meets the bottom."""
    part = course[first:last]
    peaks = np.flatnonzero((part[1:-1] >= part[:-2]) & (part[1:-1] > part[2:])) + 1
    peaks = peaks if peaks.size else np.array([int(np.argmax(part))])
    peak = first + int(peaks[part[peaks] >= LAST * part[peaks].max()][-1])
    fall = -np.diff(course[peak : min(last, peak + DESCENT) + 1])
    if fall.size == 0 or fall.max() <= 0:
        return peak, float(peak)
    steep = peak + int(np.argmax(fall))
    bottom = float(course[steep : steep + FOOT].min())
    return peak, min(steep + (float(course[steep]) - bottom) / float(fall.max()), float(steep + FOOT))
