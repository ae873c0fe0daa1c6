"""What an ECG shows by itself: quality, measurements and what they give to doubt, before any archive is asked."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import ECG
from einthoven.measurement import Measurements, measure
from einthoven.quality import Quality, assess
from einthoven.reporting.broad import BroadTachycardia
from einthoven.reporting.checks import passing_doubts
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


def own_doubts(seen: Look, fast: BroadTachycardia | None) -> list[str]:
    """What an ECG shows that asks for caution whatever is concluded from it, the most serious first, each once.

    Args:
        fast: what `broad_tachycardia` says of it.
    """
    first = [fast.text] if fast else []
    return list(dict.fromkeys([*first, *passing_doubts(seen.measured), *seen.quality.reasons]))
