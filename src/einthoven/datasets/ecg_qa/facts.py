"""What is known of an ECG without looking at it; None, where nobody says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from einthoven.ecg import UsageError

RANGES: Mapping[str, tuple[float, float]] = {
    "rr interval": (600.0, 1000.0),
    "p duration": (0.0, 120.0),
    "pr interval": (120.0, 200.0),
    "qrs duration": (60.0, 110.0),
    "qt interval": (330.0, 430.0),
    "qt corrected": (330.0, 555.1),
}
"""ECG-QA's normal ranges in ms, both ends normal; its corrected QT is 330 / sqrt(1.0 s) to 430 / sqrt(0.6 s)."""


@dataclass(frozen=True)
class Marks:
    """Where one kind of interference was marked.

    Args:
        there: it was marked at all; None where the mark cannot be read.
        leads: those that are named.
        complete: no other lead has it; False where a mark names no lead, or something that cannot be read.
    """

    there: bool | None = False
    leads: frozenset[str] = frozenset()
    complete: bool = True


@dataclass(frozen=True)
class Facts:
    """One ECG, by what people and tables say of it.

    Args:
        statements: SCP codes with their likelihood in percent, None where none is stated.
        forms: leads by SCP code of a wave shape, for those whose leads are told.
        noise: marks by kind (`names("noise")`).
        stage: of an infarct: "1", "2", "3", "none" or "unknown".
        extra: kinds of extra beats, of "ES", "VES" and "SVES".
        axis: "normal", "left", "right" or "extreme".
        levels: "below", "within" or "above" by measured value (`RANGES`), for those that are known.
    """

    record: str
    patient: str
    time: datetime | None = None
    statements: Mapping[str, float | None] | None = None
    forms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    noise: Mapping[str, Marks] | None = None
    stage: str | None = None
    extra: frozenset[str] | None = None
    axis: str | None = None
    levels: Mapping[str, str] = field(default_factory=dict)


def levels_of(measured: Mapping[str, float]) -> dict[str, str]:
    """Levels of measured values in ms.

    Raises:
        UsageError: a value that has no range here.

    >>> levels_of({"rr interval": 540.0, "pr interval": 200.0})
    {'rr interval': 'below', 'pr interval': 'within'}
    """
    if strange := [name for name in measured if name not in RANGES]:
        raise UsageError(f"'{strange[0]}' has no normal range.", f"Known: {', '.join(RANGES)}.")
    return {
        name: "below" if value < RANGES[name][0] else "above" if value > RANGES[name][1] else "within"
        for name, value in measured.items()
    }
