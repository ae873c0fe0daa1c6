"""What an ECG shows by itself: quality and measurements, before any archive is asked."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import ECG
from einthoven.measurement import Measurements, measure
from einthoven.quality import Quality, assess
from einthoven.signal import find_beats


@dataclass(frozen=True)
class Look:
    """What an ECG shows by itself."""

    quality: Quality
    measured: Measurements


def look(ecg: ECG) -> Look:
    """Assesses and measures an ECG; for whoever drafts it more than once."""
    beats = find_beats(ecg.signal, ecg.rate)
    return Look(assess(ecg, beats), measure(ecg, beats))
