"""The dominant beats of an ECG, cut out and brought into line, and their median in each lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.ecg import Bools, Floats, Ints, Signal
from einthoven.measurement.spikes import without_spikes
from einthoven.signal import resample_and_filter

RATE = 500.0
"""Samples a second of cut beats, whatever the recording's rate: one sample is 2 ms."""
BEFORE, AFTER = 250, 400
"""Samples that are cut before and after the R peak."""
DRIFT_HZ = 0.4
"""What is slower is baseline wander; the filter has no phase, so the ST segment stays (Kligfield 2007, part I)."""
QRS_BEFORE, QRS_AFTER = 40, 60
LIKE = 0.9
"""Least correlation of the QRS, over all leads together, of two beats of one kind."""
PREMATURE = 0.8
"""Share of the usual interval below which a beat came early: it has another P wave, or none."""
SLACK = 12
"""Samples by which beats are shifted at most to bring them into line."""
FEWEST = 2
MOST = 100
"""Beats that are used at most, evenly spread over the recording: more change nothing and take long."""
INDEPENDENT = (0, 1, 6, 7, 8, 9, 10, 11)
"""Rows of I, II, V1 to V6: the other limb leads follow from I and II and would count these twice."""


@dataclass(frozen=True, eq=False)
class AlignedBeats:
    """Beats of one kind. `cut`: (beats, 12, samples) at `RATE`, in the ECG's unit, missing leads NaN, R peak at
    sample `BEFORE`; `at`: (beats,) where that is in the recording, in samples at `RATE`; `which`: (beats,)
    their indices among all beats.
    """

    cut: Signal
    at: Ints
    which: Ints

    @cached_property
    def median(self) -> Signal:
        """(12, samples), the median over the beats; in a lead with gaps over those without, if these are half."""
        gaps: Bools = np.asarray(np.isnan(self.cut).any(axis=2))
        middle: Signal = np.median(np.where(gaps[:, :, None], np.float32(0), self.cut), axis=0)
        for lead in np.flatnonzero(gaps.any(axis=0)):
            whole = ~gaps[:, lead]
            middle[lead] = np.median(self.cut[whole, lead], axis=0) if 2 * whole.sum() >= whole.size else np.nan
        return middle

    @cached_property
    def clear(self) -> Signal:
        """(leads, samples), `median` of `leads` without pacemaker spikes: what waves are looked for on."""
        return without_spikes(self.median[self.leads])

    @cached_property
    def leads(self) -> Ints:
        """Rows that carry information of their own: independent and not missing."""
        return np.array(independent(np.flatnonzero(np.isfinite(self.median).all(axis=1)).tolist()), np.intp)

    @cached_property
    def weights(self) -> Floats:
        """(leads,), 1 for most leads, less for one whose beats differ from each other far more than others' do."""
        apart = np.diff(self.cut[:, self.leads], axis=2) - np.diff(self.median[self.leads], axis=1)
        noise = np.nanmean(np.abs(apart), axis=(0, 2), dtype=np.float64)
        usual = float(np.median(noise))
        return np.minimum(1.0, 3 * usual / np.maximum(noise, 1e-30)) if usual > 0 else np.ones(noise.size)


def independent(live: Sequence[int]) -> Sequence[int]:
    """Of the rows of leads that are there, those that do not follow from others; all, where none is such."""
    return [row for row in live if row in INDEPENDENT] or live


def aligned_beats(signal: Signal, rate: float, peaks: Ints) -> AlignedBeats | None:
    """The beats of the most common kind that came in time, those of other kinds left out.

    Args:
        signal: (12, samples). rate: samples a second. peaks: (beats,) ascending sample indices of the R peaks.

    Returns:
        None when fewer than two such beats lie wholly inside the recording.
    """
    even = resample_and_filter(signal, rate, RATE, low=DRIFT_HZ)
    centre = np.rint(np.asarray(peaks) * (RATE / rate)).astype(np.intp)
    before, after = BEFORE + SLACK, AFTER + SLACK
    inside = np.flatnonzero((centre >= before) & (centre + after <= even.shape[1]))
    if inside.size > MOST:
        inside = inside[np.linspace(0, inside.size - 1, MOST).astype(int)]
    if inside.size < FEWEST:
        return None
    cut = even[:, centre[inside, None] + np.arange(-before, after)].swapaxes(0, 1)
    weights = _steadiness(cut)
    kind = _common_kind(cut, weights, np.diff(centre), inside)
    cut, which = cut[kind], inside[kind]
    if which.size < FEWEST:
        return None
    shift = _shifts(cut, weights)
    index = (np.arange(BEFORE + AFTER) + SLACK + shift[:, None])[:, None, :]
    return AlignedBeats(np.take_along_axis(cut, index, axis=2), centre[which] + shift, which)


def _steadiness(cut: Signal) -> Signal:
    """(leads, 1) 0 to 1: how much of a lead's QRS most beats share; little where a lead is noisy."""
    middle = BEFORE + SLACK
    qrs = np.nan_to_num(cut[:, :, middle - QRS_BEFORE : middle + QRS_AFTER : 4])
    qrs = qrs - qrs.mean(axis=2, keepdims=True)
    common = np.median(qrs, axis=0)
    shared = np.square(common).mean(axis=1)
    apart = np.median(np.square(qrs - common).mean(axis=2), axis=0)
    weights: Signal = (shared / np.maximum(shared + apart, 1e-12))[:, None]
    return weights


def _common_kind(cut: Signal, weights: Signal, intervals: Ints, inside: Ints) -> Ints:
    """Which of the cut beats look like most others and came in time."""
    middle = BEFORE + SLACK
    qrs = np.nan_to_num(cut[:, :, middle - QRS_BEFORE : middle + QRS_AFTER : 4])
    flat = (weights * (qrs - qrs.mean(axis=2, keepdims=True))).reshape(len(cut), -1)
    flat /= np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-30)
    alike = flat @ flat.T
    like = alike >= LIKE
    usual = max(float(np.median(intervals)), 1.0) if intervals.size else 1.0
    waited = (np.concatenate([[usual], intervals]) / usual)[inside]
    # Of two kinds that are as common, the one that waited longer is the patient's own rhythm.
    score = like.sum(axis=1) + 0.2 * np.minimum(waited, 1.2) + 0.1 * alike.mean(axis=1)
    kind = np.flatnonzero(like[int(np.argmax(score))])
    timely = kind[waited[kind] >= PREMATURE * np.median(waited[kind])]
    return timely if timely.size >= max(FEWEST + 1, 0.6 * kind.size) else kind


def _shifts(cut: Signal, weights: Signal) -> Ints:
    """(beats,) samples to move each beat by, so that its QRS lies on the others'."""
    middle = BEFORE + SLACK
    rise = np.nan_to_num(np.diff(cut[:, :, middle - QRS_BEFORE - SLACK : middle + QRS_AFTER + SLACK + 1], axis=2))
    windows = sliding_window_view(rise, QRS_BEFORE + QRS_AFTER, axis=2)  # (beats, leads, shifts, samples)
    shift = np.full(len(cut), SLACK)
    for _ in range(2):
        common = weights * np.median(windows[np.arange(len(cut)), :, shift], axis=0)
        shift = np.einsum("blst,lt->bs", windows, common, optimize=True).argmax(axis=1)
    return shift - SLACK
