"""The P wave, in all leads together, and whether there is one that all beats share.

A matched filter (the signal less its mean 44 ms before and after) answers to bumps as wide as a P wave and not to
the T wave's slope under it. Its largest answer before the QRS is the P wave if each beat has it at the same place
with the same shape: fibrillation and noise do not. Where RR varies from beat to beat, as in fibrillation, the shape has
to be more alike, and every beat's own best place is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Floats
from einthoven.measurement.beats import AlignedBeats
from einthoven.measurement.shape import quiet_after, quiet_before, smooth, together

SMOOTH_FOUND, SMOOTH_BOUNDS = 8, 11
HALF = 22
"""Samples to either side that the matched filter compares with: 44 ms."""
EARLIEST, LATEST = 160, 8
"""Samples before the QRS between which the P wave's middle lies: a PR interval of up to about 0.4 s."""
UNSEEN = 3
"""Samples by which a QRS may begin before its slope is seen: no P wave reaches into them."""
ALIKE, AROUND = 0.55, 30
ALIKE_IRREGULAR = 0.7
WANDERS, REACH_PLACE = 3.5, 20
"""Standard deviation of the places of the beats' P waves from which on there is none, 7 ms; and where they are sought.

Both limits were set on PTB-XL's folds 5-8 and ECGs from elsewhere: of 13 labelled fibrillation that had a P wave they
leave 7, and they take it from 12 of 1,297 in sinus rhythm and 18 of 300 with sinus arrhythmia.
"""
SMALLEST = 0.01
"""Share of the QRS below which a bump is none."""
REACH = 60
LONGEST = 90
"""Samples of the longest P wave: 180 ms."""
STAY = 3
RISE, FALL = 0.30, 0.40
TAIL = 8


STANDS_OUT = "No P wave stands out before the QRS."
SHARED = "No P wave that the beats share was found before the QRS."
IN_PLACE = "The rhythm is irregular, and no P wave keeps its place before the QRS."
NO_P_WAVE = frozenset({STANDS_OUT, SHARED, IN_PLACE})
"""Reasons that say that there is none, and not that it cannot be told from something else."""


@dataclass(frozen=True)
class PWave:
    """Samples on the median beat."""

    onset: int
    peak: int
    offset: int


def p_wave(beats: AlignedBeats, qrs: tuple[int, int], previous_t: int, irregular: bool = False) -> PWave | str:
    """The P wave, or why none is measured.

    Args:
        irregular: whether RR varies from beat to beat, so that what seems a P wave may be fibrillation.
        qrs: first and last sample of the QRS on the median beat.
        previous_t: sample on the median beat (negative: before it) at which the T wave of the beat before ends.
    """
    onset = qrs[0] - UNSEEN
    first, last = max(2 * HALF + 16, previous_t, onset - EARLIEST), onset - LATEST
    if last - first < HALF:
        return "The rate is too high to tell a P wave from the T wave before it."
    leads, weights = beats.leads, beats.weights
    held = _held(beats.clear, onset)
    answer = _bumps(smooth(held, SMOOTH_FOUND))
    course = together(answer, weights)
    peak = first + int(np.argmax(course[first:last]))
    size = float(np.median(np.ptp(beats.median[leads, onset : qrs[1] + 1], axis=1)))
    if course[peak] < SMALLEST * size:
        return STANDS_OUT
    around = slice(max(first - HALF, peak - AROUND), min(onset, peak + AROUND))
    if _alike(beats, onset, around) < (ALIKE_IRREGULAR if irregular else ALIKE):
        return SHARED
    if irregular and _wandering(beats, onset, around) > WANDERS:
        return IN_PLACE
    found = PWave(*_bounds(smooth(held, SMOOTH_BOUNDS), weights, first, peak, onset))
    if found.offset - found.onset > LONGEST:
        return "The P wave cannot be told from the T wave before it."
    return found


def _held(rows: Floats, onset: int) -> Floats:
    """Rows whose QRS and all after it is replaced by the level just before it."""
    held = rows.copy()
    held[..., onset - 1 :] = rows[..., onset - 5 : onset - 1].mean(axis=-1, keepdims=True)
    return held


def _bumps(rows: Floats) -> Floats:
    answer = np.zeros_like(rows)
    answer[..., HALF:-HALF] = rows[..., HALF:-HALF] - (rows[..., : -2 * HALF] + rows[..., 2 * HALF :]) / 2
    return answer


def _alike(beats: AlignedBeats, onset: int, around: slice) -> float:
    """The median correlation of two beats' answers, over all leads at once."""
    reach = slice(around.start - HALF - SMOOTH_FOUND, onset + HALF + 1)
    each = _bumps(smooth(_held(np.nan_to_num(beats.cut[:, beats.leads, reach]), onset - reach.start), SMOOTH_FOUND))
    start = HALF + SMOOTH_FOUND
    each = each[:, :, start : start + around.stop - around.start] * beats.weights[:, None]
    flat = each.reshape(len(each), -1)
    flat = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-30)
    pairs = (flat @ flat.T)[np.triu_indices(len(flat), 1)]
    return float(np.median(pairs))


def _wandering(beats: AlignedBeats, onset: int, around: slice) -> float:
    """Standard deviation, in samples, of where each beat's answer is most like the median one."""
    cut = np.nan_to_num(beats.cut[:, beats.leads, : onset + HALF + 1])
    each = _bumps(smooth(_held(cut, onset), SMOOTH_FOUND)) * beats.weights[:, None]
    common = np.median(each, axis=0)[:, around].ravel()
    width, start = around.stop - around.start, around.start
    places = np.arange(max(-REACH_PLACE, -start), min(REACH_PLACE, each.shape[2] - around.stop) + 1, 2)
    windows = np.stack([each[:, :, start + at : start + at + width].reshape(len(each), -1) for at in places])
    sizes = np.maximum(np.linalg.norm(windows, axis=2), 1e-30)
    return float(np.std(places[np.argmax(windows @ common / sizes, axis=0)]))


def _bounds(rows: Floats, weights: Floats, first: int, peak: int, qrs: int) -> tuple[int, int, int]:
    """Onset by the slope over all leads, offset by the distance from the level between P and QRS."""
    slope = together(np.gradient(rows, axis=1), weights)
    left, right = max(first - HALF, peak - REACH, 0), min(qrs, peak + REACH + 15)
    steepest = left + int(np.argmax(slope[left : peak - 3]))
    onset = quiet_before(slope, steepest, RISE * float(slope[steepest]), STAY, max(left - 20, STAY))
    quiet = np.convolve(slope, np.ones(6), "same")[peak + 8 : right]
    level = peak + 8 + int(np.argmin(quiet)) if quiet.size else right - 1
    away = together(rows - rows[:, level, None], weights)
    offset = quiet_after(away, peak, FALL * float(away[peak : level + 1].max()), 0, level)
    return onset, peak, min(offset + TAIL, qrs - 1)
