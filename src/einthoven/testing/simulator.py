"""A deterministic ECG simulator for tests: what goes in (rate, intervals, axis) is known exactly.

Each wave is a Gaussian in time times a dipole vector in the body's frame (x to the left arm,
y to the feet, z to the front); a lead is the dipole's projection. The limb leads come from
two of them by Einthoven's and Goldberger's identities, so these hold exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, LEADS, UsageError, derive_limb_leads

Floats64 = NDArray[np.float64]

PRECORDIAL_DIRECTIONS: dict[str, tuple[float, float, float]] = {
    "V1": (-0.42, 0.05, 0.90),
    "V2": (-0.05, 0.05, 1.10),
    "V3": (0.45, 0.10, 1.00),
    "V4": (0.85, 0.15, 0.75),
    "V5": (1.00, 0.15, 0.35),
    "V6": (0.95, 0.15, 0.05),
}
FIRST_BEAT_S = 0.45
RHYTHMS = ("sinus", "af", "ventricular")


@dataclass(frozen=True)
class Wave:
    """One Gaussian wave: its peak's time after the R peak (s), its width (s, one sigma), its dipole (mV)."""

    name: str
    at: float
    width: float
    dipole: tuple[float, float, float]


def simulate(
    heart_rate: float = 70.0,
    seconds: float = 10.0,
    rate: float = 500.0,
    leads: Sequence[str] = LEADS,
    noise: float = 0.0,
    seed: int = 0,
    rhythm: str = "sinus",
    pr_ms: float = 160.0,
    qrs_ms: float = 90.0,
    qt_ms: float = 400.0,
    axis: float = 50.0,
    calibrated: bool = True,
) -> ECG:
    """A simulated 12-lead ECG.

    Args:
        heart_rate: beats a minute; the mean over the recording for "af".
        seconds, rate: length, and samples a second.
        leads: which leads to record; the others are missing (or derived, if they follow).
        noise: standard deviation of white noise in mV, added to the electrodes' leads I, II
            and V1-V6 alike, so that the identities still hold.
        seed: equal seeds give equal ECGs.
        rhythm: "sinus", "af" (irregular, no P waves, fibrillatory waves), or "ventricular" (regular, no P waves).
        pr_ms, qrs_ms, qt_ms: intervals; QT is not adapted to the rate.
        axis: of the QRS in the frontal plane, in degrees.

    Raises:
        UsageError: a rhythm that is not known, or a rate or length that gives no beat.

    >>> ecg = simulate(heart_rate=60, seconds=5)
    >>> ecg.signal.shape, len(beat_times(60, 5))
    ((12, 2500), 5)
    """
    times = beat_times(heart_rate, seconds, rhythm, seed)
    clock = np.arange(round(seconds * rate)) / rate
    dipole = np.zeros((3, clock.size))
    for wave in _waves(pr_ms / 1000, qrs_ms / 1000, qt_ms / 1000, axis, rhythm):
        course = sum(np.exp(-0.5 * np.square((clock - beat - wave.at) / wave.width)) for beat in times)
        dipole += np.outer(wave.dipole, course)
    rng = np.random.default_rng(seed)
    if rhythm == "af":
        dipole += _fibrillation(clock, rng)
    rows = _project(dipole, noise, rng)
    chosen = [lead for lead in LEADS if lead in leads]
    return ECG(np.stack([rows[lead] for lead in chosen]), rate, chosen, calibrated=calibrated)


def beat_times(heart_rate: float = 70.0, seconds: float = 10.0, rhythm: str = "sinus", seed: int = 0) -> Floats64:
    """When the R peaks of `simulate` with the same arguments are, in seconds."""
    if rhythm not in RHYTHMS:
        raise UsageError(f"'{rhythm}' is not a rhythm that can be simulated.", f"Use one of {', '.join(RHYTHMS)}.")
    if not (heart_rate > 0 and seconds * heart_rate / 60 >= 1):
        raise UsageError(f"At {heart_rate} beats a minute, {seconds} s hold no beat.", "Simulate longer or faster.")
    interval = 60 / heart_rate
    count = math.ceil(seconds / interval) + 1
    intervals = np.full(count, interval)
    if rhythm == "af":
        spread = np.random.default_rng(seed + 1).uniform(-0.3, 0.3, count)
        intervals *= 1 + spread - spread.mean()
    times = FIRST_BEAT_S + np.concatenate([[0], np.cumsum(intervals)])
    kept: Floats64 = times[times < seconds]
    return kept


def _waves(pr: float, qrs: float, qt: float, axis: float, rhythm: str) -> list[Wave]:
    """P, Q, R, S and T. Onsets and ends lie 2.5 sigma from the outer waves' peaks."""
    frontal = (math.cos(math.radians(axis)), math.sin(math.radians(axis)))
    onset = -0.5 * qrs
    sigma = qrs / 9
    p_width, t_width = 0.022, 0.045
    waves = [
        Wave("Q", onset + 2.5 * sigma, sigma, (-0.12, 0.02, 0.30)),
        Wave("R", 0.0, 1.1 * sigma, (1.2 * frontal[0], 1.2 * frontal[1], -0.35)),
        Wave("S", -onset - 2.5 * sigma, sigma, (-0.10, -0.12, -0.45)),
        Wave("T", onset + qt - 2.5 * t_width, t_width, (0.22, 0.18, 0.20)),
    ]
    if rhythm == "sinus":
        waves.append(Wave("P", onset - pr + 2.5 * p_width, p_width, (0.08, 0.11, 0.03)))
    return waves


def _fibrillation(clock: Floats64, rng: np.random.Generator) -> Floats64:
    waves = np.zeros((3, clock.size))
    for hertz in rng.uniform(4.5, 8.0, 4):
        direction = rng.normal(0, 1, 3) * (0.010, 0.015, 0.025)
        waves += np.outer(direction, np.sin(2 * np.pi * (hertz * clock + rng.random())))
    return waves


def _project(dipole: Floats64, noise: float, rng: np.random.Generator) -> dict[str, NDArray[np.float32]]:
    directions = {"I": (1.0, 0.0, 0.0), "II": (0.5, math.sqrt(0.75), 0.0), **PRECORDIAL_DIRECTIONS}
    rows = {}
    for lead, direction in directions.items():
        row = np.asarray(direction) @ dipole + noise * rng.standard_normal(dipole.shape[1])
        rows[lead] = row.astype(np.float32)
    return rows | derive_limb_leads(rows)
