"""Where the QRS complexes are: all leads together, any rate, any gain.

The classical chain (band-pass, slope, energy, moving integration, adaptive threshold,
refractory period, search-back; Pan and Tompkins 1985), on 100 Hz, with leads weighted by how
far their steep moments stand out, so that a noisy lead does not drown the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.ecg import Floats, Ints, Signal
from einthoven.signal.similarity import beat_similarity
from einthoven.signal.spectral import bandpass, resample

RATE = 100
BAND = (6.0, 20.0)
INTEGRATION = 9
"""Samples of the moving integration: 90 ms, about one QRS."""
REFRACTORY = 20
"""Samples in which no second QRS can follow: 200 ms."""
T_WAVE = 36
"""Samples in which a much flatter peak is the T wave of the beat before."""
BLOCK = 150
"""Samples of which each should hold at least one QRS at 40 beats a minute."""
THRESHOLD = 0.45
SEARCH_BACK = 1.66
REFINE_S = 0.06
SNAP_S = 0.008
LEAST_PROMINENCE = 1.6
LEAST_SIMILARITY = 0.6


@dataclass(frozen=True, eq=False)
class Beats:
    """The QRS complexes of an ECG, and two signs that they are QRS complexes.

    `indices`: ascending sample indices of the R (or S) peaks. `prominence`: how many times
    steeper the signal is there than at most times; above 4 in nearly all ECGs, above 1.8 at
    240 beats a minute, about 1.1 in noise and sine waves. `similarity`: see `beat_similarity`.
    """

    indices: Ints
    prominence: float
    similarity: float

    @property
    def credible(self) -> bool:
        """Whether these are beats, and not what the search finds in noise as well."""
        return self.prominence >= LEAST_PROMINENCE and self.similarity >= LEAST_SIMILARITY


def find_beats(signal: Signal, rate: float) -> Beats:
    """Find the QRS complexes.

    Args:
        signal: (leads, samples) in any unit; rows of NaN and constant rows are left out.
        rate: samples a second.

    Returns:
        `Beats`; without any index when no lead holds anything between 6 and 20 Hz. Noise
        gives indices too, but they are not `credible`.

    >>> from einthoven.testing import simulate
    >>> beats = find_beats(simulate(heart_rate=60, rate=500).signal, 500)
    >>> beats.indices[:3].tolist(), beats.credible
    ([225, 725, 1225], True)
    """
    slow = resample(signal, rate, RATE)
    if slow.shape[1] < REFRACTORY:
        return Beats(np.zeros(0, np.intp), 0.0, 0.0)
    envelope, weights = _envelope(slow)
    peaks = _search_back(envelope, _accept(envelope))
    if not peaks:
        return Beats(np.zeros(0, np.intp), 0.0, 0.0)
    prominence = float(np.median(envelope[peaks]) / max(float(np.median(envelope)), 1e-9))
    indices = _refine(signal, rate, peaks, weights)
    return Beats(indices, prominence, beat_similarity(slow, RATE, np.rint(indices * (RATE / rate)).astype(int)))


def _envelope(slow: Signal) -> tuple[Floats, Floats]:
    """Combined slope energy of a signal at 100 Hz, about 1 at a typical QRS, and each lead's weight."""
    band = bandpass(slow, RATE, *BAND)
    np.nan_to_num(band, copy=False)
    slope = np.zeros_like(band)
    slope[:, 1:-1] = np.square(band[:, 2:] - band[:, :-2])
    total = np.zeros((band.shape[0], band.shape[1] + INTEGRATION), np.float64)
    half = INTEGRATION // 2
    np.cumsum(slope, axis=1, out=total[:, half + 1 : half + 1 + band.shape[1]])
    total[:, half + 1 + band.shape[1] :] = total[:, [half + band.shape[1]]]
    energy = np.sqrt(np.maximum(total[:, INTEGRATION:] - total[:, :-INTEGRATION], 0))
    ranked = np.sort(energy, axis=1)
    typical, high = ranked[:, band.shape[1] // 2], ranked[:, int(band.shape[1] * 0.97)]
    floor = np.fmax.reduce(np.abs(slow), axis=1, initial=0) * 1e-5
    live = high > floor
    weights = np.divide(1, np.maximum(typical, high / 50), out=np.zeros_like(high), where=live)
    return (weights @ energy) / max(float(weights @ high), 1e-12), weights


def _accept(envelope: Floats) -> list[int]:
    """Peaks over an adaptive threshold, T waves left out."""
    candidates = _local_maxima(envelope)
    threshold = THRESHOLD * _level(envelope)
    kept: list[int] = []
    for peak in candidates[envelope[candidates] > threshold[candidates]].tolist():
        if kept and peak - kept[-1] < T_WAVE and envelope[peak] < 0.5 * envelope[kept[-1]]:
            continue
        kept.append(peak)
    return kept


def _search_back(envelope: Floats, peaks: list[int]) -> list[int]:
    """Peaks of half the size, where a gap is much longer than the usual interval."""
    if len(peaks) < 3:
        return peaks
    usual = float(np.median(np.diff(peaks)))
    candidates = _local_maxima(envelope)
    threshold = 0.5 * THRESHOLD * _level(envelope)
    found = []
    for before, after in pairwise(peaks):
        if after - before <= SEARCH_BACK * usual:
            continue
        between = candidates[(candidates > before + T_WAVE) & (candidates < after - T_WAVE)]
        between = between[envelope[between] > threshold[between]]
        if between.size:
            found.append(int(between[np.argmax(envelope[between])]))
    return sorted(peaks + found)


def _local_maxima(envelope: Floats) -> Ints:
    """Samples that are the largest within a refractory period on both sides."""
    padded = np.pad(envelope, REFRACTORY)
    top = sliding_window_view(padded, 2 * REFRACTORY + 1).max(axis=-1)
    first = np.diff(envelope, prepend=-1.0) > 0  # one sample of a plateau
    return np.flatnonzero((envelope == top) & (envelope > 0) & first)


def _level(envelope: Floats) -> Floats:
    """How high a QRS stands around each sample: the median of the blocks' maxima nearby."""
    blocks = max(1, envelope.size // BLOCK)
    edges = np.linspace(0, envelope.size, blocks + 1).astype(int)
    tops = np.maximum.reduceat(envelope, edges[:-1])
    near = np.pad(tops, 3, mode="reflect") if blocks > 3 else np.full(blocks + 6, np.median(tops))
    local = np.median(sliding_window_view(near, 7), axis=-1)
    local = np.maximum(local, 0.4 * np.median(tops))  # a pause must not lower the bar to its noise
    return np.repeat(local, np.diff(edges))


def _refine(signal: Signal, rate: float, peaks: list[int], weights: Floats) -> Ints:
    """From the envelope's peaks to one and the same point of every beat, in the signal's own samples.

    A wide or split QRS has several deflections of about one size; taking the largest in each
    beat would hop between them. So beats are first aligned to their common profile.
    """
    if not peaks:
        return np.zeros(0, np.intp)
    reach = max(1, round(REFINE_S * rate))
    centre = np.rint(np.asarray(peaks) * (rate / RATE)).astype(np.intp)
    around = np.arange(-2 * reach, 2 * reach + 1)
    index = np.clip(centre[:, None] + around, 0, signal.shape[1] - 1)
    live = np.flatnonzero(weights)
    cut = np.nan_to_num(signal[live][:, index])
    level = (cut[..., :1] + cut[..., -1:]) / 2
    profile = np.tensordot(weights[live].astype(np.float32), np.abs(cut - level), axes=1)
    windows = sliding_window_view(profile, 2 * reach + 1, axis=1)  # (beats, shifts, window)
    energy = np.sqrt(np.maximum(np.square(windows).sum(axis=2), 1e-30))
    shift = np.full(len(peaks), reach)
    beats = np.arange(len(peaks))
    for _ in range(2):
        common = np.median(windows[beats, shift], axis=0)
        shift = np.argmax(windows @ common / energy, axis=1)
    point = shift + int(np.argmax(np.median(windows[beats, shift], axis=0)))
    near = max(1, round(SNAP_S * rate))
    snap = np.clip(point[:, None] + np.arange(-near, near + 1), 0, around.size - 1)
    point = snap[beats, np.argmax(np.take_along_axis(profile, snap, axis=1), axis=1)]
    return np.unique(index[beats, point])
