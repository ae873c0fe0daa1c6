"""Resampling and zero-phase filtering in one Fourier round trip."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Signal, UsageError
from einthoven.signal.gaps import bridge, spread
from einthoven.signal.plan import Plan, plan

BLOCK = 32_768
"""Samples transformed at once: more of them leave the processor's cache and take longer each."""


def resample_and_filter(
    signal: ArrayLike,
    rate: float,
    to: float,
    low: float | None = None,
    high: float | None = None,
    order: int = 2,
) -> Signal:
    """Resample a signal and keep a band of it, both without shifting it in time.

    The frequency response is the squared magnitude of an analogue Butterworth filter, what
    running one forth and back gives, so the same edges mean the same at every rate. A change
    of rate leaves everything up to 90 % of the lower Nyquist frequency as it is and fades
    out the rest. The ends are mirrored: on ECGs that distorts the first and last half second
    less than half as much as the odd extension that is customary elsewhere.

    Args:
        signal: (..., samples); several leads or ECGs along the leading axes.
        rate: samples a second of `signal`. to: samples a second of the result.
        low: edge in Hz under which everything is removed, or None. high: likewise above.
        order: of the Butterworth filter, before it is squared.

    Returns:
        (..., round(samples * to / rate)) float32. Samples within one sample (of the lower
        rate) of a NaN are NaN, so a gap stays a gap and a missing lead stays missing; the
        rest is computed as if a straight line bridged the gap.

    Raises:
        UsageError: no samples, or rates or edges that cannot be meant.

    >>> wave = np.sin(2 * np.pi * 7 * np.arange(5000) / 500)
    >>> found = resample_and_filter(wave + 3.0, 500, 100, low=0.5)
    >>> found.shape, bool(np.allclose(found[200:-200], wave[1000:-1000:5], atol=1e-3))
    ((1000,), True)
    """
    given = np.asarray(signal, np.float32)
    if given.ndim == 0 or given.shape[-1] == 0:
        raise UsageError("There are no samples to resample or filter.", "Pass (..., samples).")
    p = plan(given.shape[-1], float(rate), float(to), low, high, order)
    if rate == to and low is None and high is None:
        return given.copy()
    rows = given.reshape(-1, p.samples)
    bad = np.isnan(rows)
    gaps = bool(bad.any())
    out = np.empty((rows.shape[0], p.out_samples), np.float32)
    block = max(1, BLOCK * p.gains.shape[0] // p.padded)
    for start in range(0, rows.shape[0], block):
        part = slice(start, start + block)
        out[part] = _round_trip(bridge(rows[part], bad[part]) if gaps else rows[part], p)
    if gaps:
        out[spread(bad, rate, to, p.out_samples)] = np.nan
    return out.reshape(*given.shape[:-1], p.out_samples)


def resample(signal: ArrayLike, rate: float, to: float) -> Signal:
    """A signal at another sampling rate, band-limited; see `resample_and_filter`.

    >>> resample(np.ones((12, 2570)), 257, 100).shape
    (12, 1000)
    """
    return resample_and_filter(signal, rate, to)


def highpass(signal: ArrayLike, rate: float, hz: float, order: int = 2) -> Signal:
    """A signal without what is slower than `hz`, zero phase; see `resample_and_filter`.

    >>> bool(abs(highpass(np.full((1, 1000), 5.0), 100, 0.5)).max() < 1e-4)
    True
    """
    return resample_and_filter(signal, rate, rate, low=hz, order=order)


def lowpass(signal: ArrayLike, rate: float, hz: float, order: int = 2) -> Signal:
    """A signal without what is faster than `hz`, zero phase; see `resample_and_filter`."""
    return resample_and_filter(signal, rate, rate, high=hz, order=order)


def bandpass(signal: ArrayLike, rate: float, low: float, high: float, order: int = 2) -> Signal:
    """What lies between `low` and `high` Hz of a signal, zero phase; see `resample_and_filter`."""
    return resample_and_filter(signal, rate, rate, low=low, high=high, order=order)


def _round_trip(rows: Signal, p: Plan) -> Signal:
    circle = np.empty((rows.shape[0], p.padded), np.float32)
    circle[:, : p.samples] = rows
    after, before = p.mirror
    left = rows[:, before]
    circle[:, p.samples :] = left + p.fade * (rows[:, after] - left)
    phases, bins = p.gains.shape
    spectrum = np.fft.rfft(circle[:, ::phases])[:, :bins]
    spectrum *= p.gains[0]
    for phase in range(1, phases):
        part = np.fft.rfft(circle[:, phase::phases])[:, :bins]
        part *= p.gains[phase]
        spectrum += part
    return np.fft.irfft(spectrum, p.out_padded)[:, : p.out_samples].astype(np.float32, copy=False)
