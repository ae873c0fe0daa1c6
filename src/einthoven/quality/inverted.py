"""Upside down, or a grave ECG that looks so: what decides whether an ECG that seems inverted is refused."""

from __future__ import annotations

from dataclasses import replace

from einthoven.ecg import ECG
from einthoven.measurement import measure
from einthoven.quality.findings import Finding
from einthoven.signal import Beats

NARROW_MS, TACHYCARDIA = 110.0, 100.0
"""A QRS below the first is normal in adults (AHA/ACC/HRS 2009, part III), a rate over the second is a tachycardia."""


def weighed(finding: Finding, ecg: ECG, beats: Beats) -> Finding:
    """A finding that all leads are inverted: refused with a narrow QRS at no high rate, a caution otherwise.

    Ventricular rhythms, pacing and large infarcts look inverted too. To refuse one of them is worse than to draft an
    ECG that is upside down, with the caution that says so; and among real recordings they are the more frequent.
    """
    measured = measure(ecg, beats)
    narrow = measured.qrs is not None and measured.qrs < NARROW_MS
    slow = measured.heart_rate is not None and measured.heart_rate <= TACHYCARDIA
    return finding if narrow and slow else replace(finding, level="caution")
