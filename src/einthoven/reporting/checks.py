"""Measurements against statements: what a heart rate supports, and what it rules out."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.measurement import Measurements
from einthoven.reporting.draft import MeasurementEvidence


@dataclass(frozen=True)
class RateRule:
    """Heart rates in bpm that go with a statement: it is supported inside `supports`, ruled out outside `allows`."""

    supports: tuple[float, float] | None
    allows: tuple[float, float]


# The definitions are those of the AHA/ACC/HRS recommendations (sinus bradycardia < 60,
# tachycardia > 100 bpm); the margin between "supports" and "allows" is measurement error.
RATE_RULES = {
    "SBRAD": RateRule((0, 60), (0, 66)),
    "STACH": RateRule((100, 150), (94, 180)),
    "SVTAC": RateRule((100, 400), (94, 400)),
    "PSVT": RateRule((100, 400), (94, 400)),
    "NORM": RateRule(None, (30, 150)),
}
FASTEST_SINUS = 150.0  # bpm; beyond, sinus tachycardia cannot be told from others by the rate and shape alone
REGULAR = 0.02  # RR standard deviation over the median RR, below which atrial fibrillation is unlikely
EXPLAINS_RATE = (frozenset(RATE_RULES) - {"NORM"}) | frozenset({"AFIB", "AFLT", "SVARR", "PACE", "3AVB", "2AVB"})
UNREMARKABLE = (45.0, 120.0)


def supporting(code: str, measured: Measurements) -> tuple[MeasurementEvidence, ...]:
    """The measurements that support a statement."""
    rule, rate = RATE_RULES.get(code), measured.heart_rate
    if rule is None or rule.supports is None or rate is None or not rule.supports[0] <= rate <= rule.supports[1]:
        return ()
    return (MeasurementEvidence("heart_rate", rate, "bpm"),)


def contradiction(code: str, measured: Measurements) -> str | None:
    """Why a measurement rules a statement out, or None."""
    rule, rate = RATE_RULES.get(code), measured.heart_rate
    if rule is None or rate is None or rule.allows[0] <= rate <= rule.allows[1]:
        return None
    return f"the measured heart rate of {rate:.0f} bpm contradicts it"


def unexplained_rate(codes: set[str], measured: Measurements) -> str | None:
    """A heart rate that none of the drafted statements accounts for, or None."""
    rate = measured.heart_rate
    if rate is None or UNREMARKABLE[0] <= rate <= UNREMARKABLE[1] or codes & EXPLAINS_RATE:
        return None
    return f"The measured heart rate of {rate:.0f} bpm is explained by no statement of the draft."


def rhythm_doubts(codes: set[str], measured: Measurements) -> list[str]:
    """What rate and regularity say against the rhythm that a draft states, without ruling it out."""
    rate, spread, median = measured.heart_rate, measured.rr_spread, measured.rr_median
    if rate is None or spread is None or median is None:
        return []
    doubts = []
    if rate > FASTEST_SINUS:
        doubts.append(f"At {rate:.0f} bpm sinus tachycardia cannot be told from other tachycardias here.")
    if "AFIB" in codes and spread < REGULAR * median:
        doubts.append(
            f"Atrial fibrillation is stated, but the rhythm is regular (RR interval varies by {spread:.0f} ms)."
        )
    return doubts
