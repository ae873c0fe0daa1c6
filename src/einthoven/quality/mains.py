"""Hum of the mains, 50 or 60 Hz: a tone that stands out of the noise around it, in the pauses between the beats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Bools, Floats, Signal
from einthoven.quality.findings import Finding, names

MAINS_HZ = (50.0, 60.0)
AROUND_HZ = (38.0, 74.0)
"""Where there is muscle noise and the flanks of QRS complexes, but no mains."""
BLOCK_S = 0.2
QUIET = 0.25
LEAST_RATE = 160.0
"""Hz; below it, 60 Hz lie where a recorder's own filters fade out."""
MAINS_RATIO = 0.05
"""Amplitude from which on hum is found, as a share of the QRS height: 0.1 mV from peak to peak where QRS is 1 mV."""


@dataclass(frozen=True, eq=False)
class Hum:
    """Amplitude of the mains' hum in each lead (12,), from zero to peak, as a share of the QRS height, and its Hz."""

    share: Floats
    hz: float


def mains(signal: Signal, rate: float, scale: Floats) -> Hum | None:
    """How strong the hum of the mains is.

    Of blocks of 0.2 s the amplitude at 50 and at 60 Hz is taken, the noise around it is taken off, and the quieter
    quarter counts, so that neither QRS complexes nor bursts of muscle noise do.

    Args:
        signal: (12, samples) in any unit; NaN counts as 0.
        scale: (12,), QRS heights in the same unit.

    Returns:
        None at rates below 160 Hz, which do not tell.
    """
    if rate < LEAST_RATE:
        return None
    size = round(BLOCK_S * rate)
    blocks = signal.shape[1] // size
    window = np.hanning(size)
    tones = np.array([hz for hz in (*MAINS_HZ, *AROUND_HZ) if hz < 0.45 * rate])
    waves = window[:, None] * np.exp(-2j * np.pi * np.outer(np.arange(size) / rate, tones)) * (2 / window.sum())
    cut = np.nan_to_num(signal[:, : blocks * size]).reshape(len(signal), blocks, size)
    centred = (cut - cut.mean(axis=2, keepdims=True)).astype(np.float32)
    size_of = np.abs(centred @ waves.astype(np.complex64))
    quiet = np.sort(size_of, axis=1)[:, int(QUIET * blocks)]
    noise = quiet[:, len(MAINS_HZ) :].max(axis=1, keepdims=True)
    tone = np.sqrt(np.maximum(np.square(quiet[:, : len(MAINS_HZ)]) - np.square(noise), 0))
    loudest = int(tone.sum(axis=0).argmax())
    return Hum(tone[:, loudest] / scale, MAINS_HZ[loudest])


def find_mains(found: Hum | None, live: Bools) -> list[Finding]:
    """A finding on the humming ones among the leads (12,) that are `live`: there, and not flat."""
    if found is None or not (humming := names(live & (found.share > MAINS_RATIO))):
        return []
    return [Finding("mains", humming, f"Hum of the mains ({found.hz:g} Hz) in {', '.join(humming)}.")]
