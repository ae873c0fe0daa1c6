"""What is done to a batch of prepared signals before the network sees it, from a seeded generator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import UsageError
from einthoven.models.settings import check_choices


@dataclass(frozen=True)
class Augmentation:
    """Which disturbances, and how strong.

    Args:
        crop_seconds: length of the random cut that is trained on; None keeps the whole window.
        gain: standard deviation of the log of one common amplitude factor.
        lead_drop: probability with which each lead of a record is set to zero (missing).
        noise: standard deviation of white noise, in units of the prepared signal.
        wander: standard deviation of a slow sine (0.1 to 0.6 Hz) in each lead, in units of the prepared signal.
        mixup: alpha of the Beta distribution; 0 mixes nothing. The second half of a batch is mixed
            with the first, which stays clean for the contrast with text.
        mixing: "blend" adds two ECGs (mixup, Zhang 2018), "cut" puts a piece of one into the other (CutMix, Yun 2019).
    """

    crop_seconds: float | None = 7.68
    gain: float = 0.1
    lead_drop: float = 0.03
    noise: float = 0.02
    wander: float = 0.0
    mixup: float = 0.4
    mixing: Literal["blend", "cut"] = "blend"

    def __post_init__(self) -> None:
        check_choices(self)
        if not all(0 <= value < math.inf for value in (self.gain, self.noise, self.wander, self.mixup)):
            raise UsageError("gain, noise, wander and mixup are not negative.", "Correct the augmentation.")
        if not 0 <= self.lead_drop < 1:
            raise UsageError(f"lead_drop {self.lead_drop} is no probability.", "Choose 0 <= lead_drop < 1.")
        if self.crop_seconds is not None and not 0 < self.crop_seconds < math.inf:
            raise UsageError(f"A crop of {self.crop_seconds} s holds nothing.", "Choose a positive length, or null.")


def augment(
    signal: NDArray[np.floating[Any]],
    target: NDArray[np.float32],
    rate: float,
    how: Augmentation,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Signals (batch, 12, samples) and targets (batch, codes) in, disturbed copies out; the samples may be fewer."""
    batch, leads, samples = signal.shape
    length = samples if how.crop_seconds is None else min(samples, round(how.crop_seconds * rate))
    starts = rng.integers(0, samples - length + 1, batch)
    x = np.stack([row[:, at : at + length] for row, at in zip(signal, starts, strict=True)]).astype(np.float32)
    factor = np.exp(rng.normal(0, how.gain, (batch, 1, 1)))
    kept = rng.random((batch, leads, 1)) >= how.lead_drop
    x *= factor.astype(np.float32)
    if how.noise:
        x += how.noise * rng.standard_normal(x.shape, np.float32)
    if how.wander:
        x += _wander(x.shape, rate, how.wander, rng)
    x *= kept  # last: a lead that is missing is silent
    return _mix(x, target, how, rng)


def _wander(shape: tuple[int, ...], rate: float, size: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Slow sines, one frequency a record, an amplitude and a phase of their own in each lead."""
    records, leads, samples = shape
    turns = rng.uniform(0.1, 0.6, (records, 1, 1)) * np.arange(samples) / rate + rng.random((records, leads, 1))
    amplitude = rng.normal(0, size * math.sqrt(2), (records, leads, 1))
    return np.asarray(amplitude * np.sin(2 * np.pi * turns), np.float32)


def _mix(
    x: NDArray[np.float32], target: NDArray[np.float32], how: Augmentation, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    half = len(x) // 2
    if how.mixup == 0 or half == 0:
        return x, target
    mixed = slice(len(x) - half, len(x))
    share = rng.beta(how.mixup, how.mixup, half).astype(np.float32)
    share = np.maximum(share, 1 - share)
    if how.mixing == "cut":
        share = _paste(x[mixed], x[:half], share, rng)
    else:
        x[mixed] = share[:, None, None] * x[mixed] + (1 - share)[:, None, None] * x[:half]
    y = target.copy()
    y[mixed] = share[:, None] * y[mixed] + (1 - share)[:, None] * y[:half]
    return x, y


def _paste(
    into: NDArray[np.float32], source: NDArray[np.float32], share: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Replaces, in place, a piece of each record by the same instants of another; returns the share that is left."""
    samples = into.shape[-1]
    lengths = np.round((1 - share) * samples).astype(int)
    for row, length in enumerate(lengths):
        start = rng.integers(0, samples - length + 1)
        into[row, :, start : start + length] = source[row, :, start : start + length]
    return np.asarray(1 - lengths / samples, np.float32)
