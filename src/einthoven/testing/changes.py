"""What goes wrong with real recordings, done to any ECG on purpose: flat leads, noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from einthoven.ecg import ECG, LEADS, Floats, Signal, UsageError, derive_limb_leads
from einthoven.signal import highpass, lowpass

KINDS = ("white", "mains", "wander", "random_walk", "muscle")
ELECTRODES = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""Leads that no other lead tells: what the electrodes pick up is in these independently."""
MUSCLE_HZ, BURSTS_HZ, BURSTS = 20.0, 1.0, 0.8


def with_signal(ecg: ECG, signal: Signal) -> ECG:
    """The same recording with other samples (12, samples), as if the file had held those."""
    return ECG(signal, ecg.rate, calibrated=ecg.calibrated, patient=ecg.patient, format=ecg.format)


def flat(ecg: ECG, leads: Sequence[str] = LEADS, level: float = 0.0) -> ECG:
    """The ECG with some leads constant at `level` mV."""
    signal = ecg.signal.copy()
    signal[_rows(leads)] = level
    return with_signal(ecg, signal)


def add_noise(ecg: ECG, amplitude: float, kind: str = "white", leads: Sequence[str] = LEADS, seed: int = 0) -> ECG:
    """The ECG with noise of a standard deviation of `amplitude` mV, independent in each lead.

    Args:
        kind: "white", "mains" (50 Hz), "wander" (under 0.5 Hz), "random_walk", or "muscle" (over 20 Hz, in
            bursts of about a second).
    """
    if kind not in KINDS:
        raise UsageError(f"'{kind}' is no kind of noise.", f"Use one of {', '.join(KINDS)}.")
    rng = np.random.default_rng(seed)
    clock = np.arange(ecg.samples) / ecg.rate
    rows = _rows(leads)
    phase = rng.random((len(rows), 1)) * 2 * np.pi
    noise: Floats
    if kind == "white":
        noise = rng.standard_normal((len(rows), ecg.samples))
    elif kind == "mains":
        noise = np.sin(2 * np.pi * 50 * clock + phase)
    elif kind == "wander":
        noise = np.sin(2 * np.pi * 0.2 * clock + phase) + np.sin(2 * np.pi * 0.33 * clock + 2 * phase)
    elif kind == "muscle":
        noise = _muscle(rng, len(rows), ecg)
    else:
        noise = np.cumsum(rng.standard_normal((len(rows), ecg.samples)), axis=1)
    signal = ecg.signal.copy()
    signal[rows] += amplitude * noise / noise.std(axis=1, keepdims=True)
    return with_signal(ecg, signal)


def add_noise_at(ecg: ECG, decibels: float, kind: str = "white", seed: int = 0) -> ECG:
    """The ECG with noise as its electrodes pick it up: the limb leads still fit Einthoven's identities.

    Args:
        decibels: signal-to-noise ratio, ten times the logarithm of the mean power of I, II and V1-V6, as far as
            they are there, each about its own mean, over that of the noise in them.
        kind: as in `add_noise`.

    >>> from einthoven.testing import simulate
    >>> ecg = simulate()
    >>> noise = (add_noise_at(ecg, 20.0).signal - ecg.signal)[[0, 1, *range(6, 12)]]
    >>> round(float(10 * np.log10(ecg.signal[[0, 1, *range(6, 12)]].var(axis=1).mean() / noise.var(axis=1).mean())), 3)
    20.0
    """
    there = [lead for lead in LEADS if lead not in ecg.missing]
    judged = [lead for lead in there if lead in ELECTRODES] or there
    power = np.nanvar(ecg.signal[_rows(judged)].astype(np.float64), axis=1)
    amplitude = float(np.sqrt(power.mean())) * 10 ** (-decibels / 20)
    noise = add_noise(with_signal(ecg, np.zeros_like(ecg.signal)), amplitude, kind, ELECTRODES, seed).signal.copy()
    for lead, row in derive_limb_leads({lead: noise[LEADS.index(lead)] for lead in ELECTRODES}).items():
        noise[LEADS.index(lead)] = row
    return with_signal(ecg, ecg.signal + noise)


def _muscle(rng: np.random.Generator, leads: int, ecg: ECG) -> Floats:
    """White noise over 20 Hz, or over two fifths of the Nyquist frequency where that is lower, whose size varies."""
    edge = min(MUSCLE_HZ, ecg.rate / 5)
    fast = highpass(rng.standard_normal((leads, ecg.samples)), ecg.rate, edge, order=3)
    slow = lowpass(rng.standard_normal((leads, ecg.samples)), ecg.rate, BURSTS_HZ)
    size = slow / np.maximum(slow.std(axis=1, keepdims=True), 1e-9)
    return np.asarray(fast * np.exp(BURSTS * size), np.float64)


def _rows(leads: Sequence[str]) -> list[int]:
    return [LEADS.index(lead) for lead in leads]
