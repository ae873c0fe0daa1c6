"""What goes wrong with real recordings, done to any ECG on purpose: swaps, flat leads, noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from einthoven.ecg import ECG, LEADS, Signal, UsageError

KINDS = ("white", "mains", "wander", "random_walk")


def with_signal(ecg: ECG, signal: Signal) -> ECG:
    """The same recording with other samples (12, samples), as if the file had held those."""
    return ECG(signal, ecg.rate, calibrated=ecg.calibrated, patient=ecg.patient, format=ecg.format)


def swap_arms(ecg: ECG) -> ECG:
    """The ECG that the same heart gives with the left and right arm electrodes exchanged.

    Lead I is inverted, II and III change places, aVR and aVL too; aVF and V1-V6 stay.

    >>> from einthoven.testing import simulate
    >>> ecg = simulate(seconds=3)
    >>> bool((swap_arms(ecg).lead("III") == ecg.lead("II")).all())
    True
    """
    signal = ecg.signal[[0, 2, 1, 4, 3, *range(5, 12)]].copy()
    signal[0] *= -1
    return with_signal(ecg, signal)


def flat(ecg: ECG, leads: Sequence[str] = LEADS, level: float = 0.0) -> ECG:
    """The ECG with some leads constant at `level` mV."""
    signal = ecg.signal.copy()
    signal[_rows(leads)] = level
    return with_signal(ecg, signal)


def add_noise(ecg: ECG, amplitude: float, kind: str = "white", leads: Sequence[str] = LEADS, seed: int = 0) -> ECG:
    """The ECG with noise of a standard deviation of `amplitude` mV, independent in each lead.

    Args:
        kind: "white", "mains" (50 Hz), "wander" (under 0.5 Hz) or "random_walk".
    """
    if kind not in KINDS:
        raise UsageError(f"'{kind}' is no kind of noise.", f"Use one of {', '.join(KINDS)}.")
    rng = np.random.default_rng(seed)
    clock = np.arange(ecg.samples) / ecg.rate
    rows = _rows(leads)
    phase = rng.random((len(rows), 1)) * 2 * np.pi
    if kind == "white":
        noise = rng.standard_normal((len(rows), ecg.samples))
    elif kind == "mains":
        noise = np.sin(2 * np.pi * 50 * clock + phase)
    elif kind == "wander":
        noise = np.sin(2 * np.pi * 0.2 * clock + phase) + np.sin(2 * np.pi * 0.33 * clock + 2 * phase)
    else:
        noise = np.cumsum(rng.standard_normal((len(rows), ecg.samples)), axis=1)
    signal = ecg.signal.copy()
    signal[rows] += amplitude * noise / noise.std(axis=1, keepdims=True)
    return with_signal(ecg, signal)


def _rows(leads: Sequence[str]) -> list[int]:
    return [LEADS.index(lead) for lead in leads]
