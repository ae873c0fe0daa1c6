"""Whether two ECGs can be compared at all: one person's, in which order, and not one recording twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from einthoven.ecg import ECG, EinthovenError

YEAR = 365.25
OLDER_BY = 1.5
"""Years by which stated ages may be off what the dates say: ages are rounded down, birthdays are between."""


class PatientError(EinthovenError):
    """Two ECGs of which the files say that they are of different patients."""

    kind = "patient"


@dataclass(frozen=True)
class Order:
    """Two ECGs by time.

    Args:
        reversed: they were named the other way round. days: between them; None where a date is missing.
        same_recording: both are the very same samples.
        doubts: keys of `words.Words.doubts`, what speaks against one person or is not known.
    """

    earlier: ECG
    later: ECG
    reversed: bool
    days: float | None
    same_recording: bool
    doubts: tuple[str, ...]


def in_order(ecg: ECG, earlier: ECG, anyway: bool = False) -> Order:
    """Both ECGs, the earlier one by date first.

    Args:
        anyway: compare them although their patient ids differ.

    Raises:
        PatientError: the ids differ. Neither is shown: error messages are logged and passed on.
    """
    first, second = ecg.patient.id, earlier.patient.id
    doubts = []
    if first is None or second is None:
        doubts.append("no-id")
    elif first.strip() != second.strip():
        if not anyway:
            raise PatientError(
                "The two files state different patients.",
                "Name two ECGs of one person; if they are, and only the ids differ, add --anyway (anyway=True).",
            )
        doubts.append("other-id")
    apart = days_between(ecg.time, earlier.time)
    if apart is None:
        doubts.append("no-date")
    if apart is not None and apart < 0:
        ecg, earlier, apart, turned = earlier, ecg, -apart, True
    else:
        turned = False
    doubts += _persons(ecg, earlier, apart)
    return Order(earlier, ecg, turned, apart, ecg.sha256 == earlier.sha256, tuple(doubts))


def days_between(later: datetime | None, earlier: datetime | None) -> float | None:
    """Days between two moments; by the clocks on the wall where one of them states no offset from UTC."""
    if later is None or earlier is None:
        return None
    if later.tzinfo is None or earlier.tzinfo is None:
        later, earlier = later.replace(tzinfo=None), earlier.replace(tzinfo=None)
    return (later - earlier).total_seconds() / 86_400


def _persons(later: ECG, earlier: ECG, days: float | None) -> list[str]:
    """What age and sex say against one person."""
    found = []
    if later.patient.sex and earlier.patient.sex and later.patient.sex != earlier.patient.sex:
        found.append("other-sex")
    if later.patient.age is not None and earlier.patient.age is not None:
        grown = later.patient.age - earlier.patient.age
        expected = 0.0 if days is None else days / YEAR
        if grown < expected - OLDER_BY or (days is not None and grown > expected + OLDER_BY):
            found.append("other-age")
    return found
