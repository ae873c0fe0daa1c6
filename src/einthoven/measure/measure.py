"""Measuring an ECG."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import ECG, Ints
from einthoven.measure.measurements import Measurements
from einthoven.signal import beat_similarity, find_beats

FEWEST_BEATS = 3
LEAST_SIMILARITY = 0.6
"""Below this the beats do not look like each other, as in noise; see `beat_similarity`."""


def measure(ecg: ECG) -> Measurements:
    """Heart rate, RR intervals and R peaks of an ECG.

    The heart rate is that of the whole recording, 60 s over the mean RR interval: what
    electrocardiographs state, and in atrial fibrillation up to 15 % below the rate that the
    median interval gives. Gain and missing leads do not matter.

    Args:
        ecg: any ECG, 50 Hz or more, calibrated or not.

    Returns:
        `Measurements`; with fewer than three beats, or nothing that looks like beats,
        every value is None and `reasons` says why.

    >>> from einthoven.testing import flat, simulate
    >>> round(measure(simulate(heart_rate=75)).heart_rate)
    75
    >>> measure(flat(simulate())).reasons["heart_rate"]
    'No QRS complex was found: the leads are flat.'
    """
    peaks = find_beats(ecg.signal, ecg.rate)
    reason = _refusal(ecg, peaks)
    if reason:
        names = ("heart_rate", "rr_median", "rr_spread")
        return Measurements(None, None, None, np.zeros(0, np.intp), dict.fromkeys(names, reason))
    rr = np.diff(peaks) * (1000 / ecg.rate)
    return Measurements(
        heart_rate=float(60_000 / rr.mean()),
        rr_median=float(np.median(rr)),
        rr_spread=float(rr.std()),
        r_peaks=peaks,
    )


def _refusal(ecg: ECG, peaks: Ints) -> str | None:
    if len(peaks) == 0:
        return "No QRS complex was found: the leads are flat."
    if len(peaks) < FEWEST_BEATS:
        found = "1 QRS complex" if len(peaks) == 1 else f"{len(peaks)} QRS complexes"
        return f"Only {found} in {ecg.seconds:.1f} s; at least {FEWEST_BEATS} are needed."
    if beat_similarity(ecg.signal, ecg.rate, peaks) < LEAST_SIMILARITY:
        return "No beats that look like each other were found: noise, or no organised rhythm."
    return None
