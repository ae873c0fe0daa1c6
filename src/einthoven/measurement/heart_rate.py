"""Measuring an ECG."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import ECG
from einthoven.measurement.measurements import Measurements
from einthoven.signal import Beats, find_beats

FEWEST_BEATS = 3


def measure(ecg: ECG, beats: Beats | None = None) -> Measurements:
    """Heart rate, RR intervals and R peaks of an ECG.

    The heart rate is that of the whole recording, 60 s over the mean RR interval: what
    electrocardiographs state, and in atrial fibrillation up to 15 % below the rate that the
    median interval gives. Gain and missing leads do not matter.

    Args:
        ecg: any ECG, 50 Hz or more, calibrated or not.
        beats: its beats, if they are known already (`find_beats(ecg.signal, ecg.rate)`).

    Returns:
        `Measurements`; with fewer than three beats, or nothing that looks like beats,
        every value is None and `reasons` says why.

    >>> from einthoven.testing import flat, simulate
    >>> round(measure(simulate(heart_rate=75)).heart_rate)
    75
    >>> measure(flat(simulate())).reasons["heart_rate"]
    'No QRS complex was found: the leads are flat.'
    """
    beats = beats or find_beats(ecg.signal, ecg.rate)
    reason = _refusal(ecg, beats)
    if reason:
        names = ("heart_rate", "rr_median", "rr_spread")
        return Measurements(None, None, None, np.zeros(0, np.intp), dict.fromkeys(names, reason))
    rr = np.diff(beats.indices) * (1000 / ecg.rate)
    return Measurements(
        heart_rate=float(60_000 / rr.mean()),
        rr_median=float(np.median(rr)),
        rr_spread=float(rr.std()),
        r_peaks=beats.indices,
    )


def _refusal(ecg: ECG, beats: Beats) -> str | None:
    found = len(beats.indices)
    if found == 0:
        return "No QRS complex was found: the leads are flat."
    if found < FEWEST_BEATS:
        return f"Too few QRS complexes: {found} in {ecg.seconds:.1f} s, {FEWEST_BEATS} are needed."
    if not beats.credible:
        return "No beats that look like each other were found: noise, or no organised rhythm."
    return None
