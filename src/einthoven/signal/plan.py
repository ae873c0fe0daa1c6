"""What a resampling or filtering run needs besides the samples: lengths, indices, gains. Cached."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Ints, Signal, UsageError

PAD_S = 0.5
DRIFT = 0.02
"""Output samples by which a rate that is no simple fraction may drift over the whole signal."""
TAPER = 0.9
"""Share of the lower Nyquist frequency up to which resampling leaves a signal untouched."""


@dataclass(frozen=True, eq=False)
class Plan:
    """How `samples` at one rate become `out_samples` at another in one Fourier round trip.

    `mirror` and `fade` build the padding that closes the signal to a circle of `padded`
    samples. The forward transform runs over `gains.shape[0]` interleaved phases, because
    for a lower rate only the low bins are wanted; `gains` (phases, bins) holds each phase's
    twiddle factors times the frequency response.
    """

    samples: int
    padded: int
    out_samples: int
    out_padded: int
    mirror: tuple[Ints, Ints]
    fade: Signal
    gains: NDArray[np.complex64]


@lru_cache(maxsize=64)
def plan(samples: int, rate: float, to: float, low: float | None, high: float | None, order: int) -> Plan:
    """The plan for one signal length, pair of rates and pass band (Hz); see `resample_and_filter`."""
    _check(rate, to, low, high, order)
    ratio = _ratio(to / rate, samples)
    phases = max(1, int(1 / ratio))  # of the ratio that is taken, which may lie beside to / rate
    pad_s = max(PAD_S, 0.5 / low) if low else PAD_S
    step = math.lcm(ratio.denominator, phases)
    padded = step * _fast(samples + math.ceil(pad_s * rate), step, ratio, phases)
    out_padded = int(padded * ratio)
    bins = min(padded, out_padded) // 2 + 1
    response = _response(np.arange(bins, dtype=np.float64) * (rate / padded), rate, to, low, high, order)
    angle = np.outer(np.arange(phases), np.arange(bins)) * (-2j * np.pi / padded)
    pad = padded - samples
    away = np.arange(pad)
    return Plan(
        samples=samples,
        padded=padded,
        out_samples=max(1, int(samples * to / rate + 0.5)),
        out_padded=out_padded,
        mirror=(_reflect(samples + away, samples), _reflect(away - pad, samples)),
        fade=(0.5 + 0.5 * np.cos(np.pi * (away + 0.5) / pad)).astype(np.float32),
        gains=(np.exp(angle) * response * (out_padded / padded)).astype(np.complex64),
    )


def _response(
    hz: NDArray[np.float64], rate: float, to: float, low: float | None, high: float | None, order: int
) -> NDArray[np.float64]:
    """Squared Butterworth magnitudes (a filter run forth and back), and the anti-alias taper."""
    gain = np.ones_like(hz)
    if low:
        with np.errstate(divide="ignore"):  # 0 Hz: an infinite ratio is a gain of exactly 0
            gain /= 1 + np.divide(low, hz) ** (2 * order)
    if high:
        gain /= 1 + (hz / high) ** (2 * order)
    if rate != to:
        nyquist = min(rate, to) / 2
        over = np.clip((hz / nyquist - TAPER) / (1 - TAPER), 0, 1)
        gain *= 0.5 + 0.5 * np.cos(np.pi * over)
    return gain


def _ratio(exact: float, samples: int) -> Fraction:
    limit = 16
    while True:
        ratio = Fraction(exact).limit_denominator(limit)
        if ratio > 0 and abs(float(ratio) - exact) * samples <= DRIFT:
            return ratio
        limit *= 4


def _fast(at_least: int, step: int, ratio: Fraction, phases: int) -> int:
    """How many steps make the cheapest transform of at least so many samples, within a tenth more."""
    first = max(1, math.ceil(at_least / step))

    def cost(steps: int) -> float:
        sizes = (steps * step // phases, int(steps * step * ratio))
        return sum(size * _factor_sum(size) for size in sizes)

    return min(range(first, first + max(2, first // 10)), key=cost)


def _factor_sum(number: int) -> int:
    total, factor = 0, 2
    while factor * factor <= number:
        while number % factor == 0:
            total, number = total + factor, number // factor
        factor += 1
    return total + (number if number > 1 else 0)


def _reflect(index: Ints, samples: int) -> Ints:
    """Indices before or after a signal, folded back into it, its end samples not repeated."""
    if samples == 1:
        return np.zeros_like(index)
    folded = np.abs(index) % (2 * (samples - 1))
    inside: Ints = np.minimum(folded, 2 * (samples - 1) - folded)
    return inside


def _check(rate: float, to: float, low: float | None, high: float | None, order: int) -> None:
    if not (0 < rate < math.inf and 0 < to < math.inf):
        raise UsageError(f"Rates of {rate} and {to} Hz cannot be meant.", "Give positive rates in Hz.")
    if order < 1:
        raise UsageError(f"A filter of order {order} filters nothing.", "Use an order of 1 or more.")
    edges = [edge for edge in (low, high) if edge is not None]
    if any(not 0 < edge < math.inf for edge in edges) or (low and high and low >= high):
        raise UsageError(
            f"A pass band from {low} to {high} Hz cannot be meant.",
            "Give positive edges, the lower one first, and None for an edge that is not wanted.",
        )
    if low and low >= min(rate, to) / 2:
        raise UsageError(
            f"A high-pass at {low} Hz leaves nothing at {min(rate, to):g} samples a second.",
            "Choose an edge below half the sampling rate.",
        )
