"""What an ECG shows by itself: quality, measurements and what they give to doubt, before any archive is asked."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import ECG, Patient
from einthoven.measurement import Measurements, measure
from einthoven.quality import Quality, assess
from einthoven.reporting.broad import BroadTachycardia
from einthoven.reporting.checks import passing_doubts
from einthoven.reporting.limits import NOBODY
from einthoven.signal import find_beats

CHILD = 16.0
"""Years under which the ECG of a healthy heart is another one (AHA/ACC/HRS 2007, part I); of PTB-XL's 21,748 ECGs with
an age 64 are of patients that young."""


@dataclass(frozen=True)
class Look:
    """What an ECG shows by itself, and whose it is."""

    quality: Quality
    measured: Measurements
    patient: Patient = NOBODY


def look(ecg: ECG) -> Look:
    """Assesses and measures an ECG; for whoever drafts it more than once."""
    beats = find_beats(ecg.signal, ecg.rate)
    return Look(assess(ecg, beats), measure(ecg, beats), ecg.patient)


def own_doubts(seen: Look, fast: BroadTachycardia | None) -> list[str]:
    """What an ECG shows that asks for caution whatever is concluded from it, the most serious first, each once.

    Args:
        fast: what `broad_tachycardia` says of it.
    """
    first = [fast.text] if fast else []
    return list(dict.fromkeys([*first, *passing_doubts(seen.measured), *child_doubt(seen), *seen.quality.reasons]))


def child_doubt(seen: Look) -> list[str]:
    """That what is known here is of adults, where the patient is a child."""
    age = seen.patient.age
    if age is None or age >= CHILD:
        return []
    return [f"The patient is a child (age {age:.0f}): the model, the archive and all limits are those of adults."]
