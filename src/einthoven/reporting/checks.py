"""Measurements against statements: what a heart rate supports and rules out, what intervals and ST speak against."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import Patient
from einthoven.measurement import NO_P_WAVE, Measurements, pause
from einthoven.reporting.draft import MeasurementEvidence
from einthoven.reporting.limits import NOBODY, st_deviation


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


@dataclass(frozen=True)
class IntervalRule:
    """An interval in ms that rules out a normal ECG where it is `least` or longer, or asks a draft to account for it.

    Args:
        limit: from where on it is abnormal; what lies between is the measurement's error (mean absolute error of QRS
            16 ms, of QT 18 ms).
        text: what is said, with a place for the value.
        explained: codes of a draft that account for it; None where it rules out a normal ECG instead.
    """

    least: float
    limit: float
    text: str
    explained: frozenset[str] | None = None


# QRS: 120 ms is wide (AHA/ACC/HRS 2009, part III). QTc: 460 ms is long in women (part IV), 480 in anybody. PR: 220 ms
# leaves no doubt. Each `least` is as much more that at most 2% of PTB-XL's ECGs with NORM (700 of folds 1-8) reach it.
INTERVAL_RULES = {
    "qrs": IntervalRule(128, 120, "the measured QRS of {:.0f} ms is too wide for a normal ECG"),
    "pr": IntervalRule(
        236,
        220,
        "the measured PR of {:.0f} ms is long, and no AV block is stated",
        frozenset({"1AVB", "LPR", "2AVB", "3AVB", "AFIB", "AFLT", "SVTAC", "PSVT", "PACE"}),
    ),
    "qtc_fridericia": IntervalRule(480, 460, "the measured QTc (Fridericia) of {:.0f} ms is too long for a normal ECG"),
}
LONGEST_QTC = IntervalRule(
    500,
    500,
    "the measured QTc (Fridericia) of {:.0f} ms is very long, and no statement accounts for it",
    frozenset({"LNGQT", "PACE", "CLBBB", "CRBBB", "IVCD", "WPW"}),
)
"""From 500 ms on torsades are to be feared (AHA/ACCF 2010), whatever else is stated; a wide QRS makes it long, too. Of
1,449 plain drafts of PTB-XL's fold 9 15 become caution for it."""
FIRST_DEGREE = frozenset({"1AVB", "LPR"})
SHORT_PR = 160.0
"""ms below which PR rules out that it is long: 200 less its error. Of 303 ECGs with 1AVB or LPR (PTB-XL's folds 7-9) 3
measure shorter, and in 29 no P wave is found; both are then named as left out, and why."""
FASTEST_SINUS = 150.0  # bpm; beyond, sinus tachycardia cannot be told from others by the rate and shape alone
REGULAR = 0.02  # RR standard deviation over the median RR, below which atrial fibrillation is unlikely
IRREGULAR = 0.1  # the same, from which on a draft of sinus rhythm has to say why; 2.6% of NORM (PTB-XL's folds 1-7)
SINUS = frozenset({"NORM", "SR", "SBRAD", "STACH"})
EXPLAINS_IRREGULAR = frozenset(
    {"SARRH", "SVARR", "AFIB", "AFLT", "PAC", "PVC", "PRC(S)", "BIGU", "TRIGU", "2AVB", "3AVB", "PACE", "SVTAC", "PSVT"}
)
EXPLAINS_RATE = (frozenset(RATE_RULES) - {"NORM"}) | frozenset({"AFIB", "AFLT", "SVARR", "PACE", "3AVB", "2AVB"})
UNREMARKABLE = (45.0, 120.0)
PASSING = ("fast-run", "pause")


def supporting(code: str, measured: Measurements) -> tuple[MeasurementEvidence, ...]:
    """The measurements that support a statement."""
    rule, rate = RATE_RULES.get(code), measured.heart_rate
    if rule is None or rule.supports is None or rate is None or not rule.supports[0] <= rate <= rule.supports[1]:
        return ()
    return (MeasurementEvidence("heart_rate", rate, "bpm"),)


def contradiction(code: str, measured: Measurements, patient: Patient = NOBODY) -> str | None:
    """Why a measurement rules a statement out, or None; limits of ST depend on the patient's sex and age."""
    if code == "NORM":
        long = next((text for rule, text in _reached(measured) if rule.explained is None), None)
        if said := long or st_deviation(measured, patient) or _passing(measured):
            return said
    if code in FIRST_DEGREE and (no_block := _no_first_degree(measured)):
        return no_block
    rule, rate = RATE_RULES.get(code), measured.heart_rate
    if rule is None or rate is None or rule.allows[0] <= rate <= rule.allows[1]:
        return None
    return f"the measured heart rate of {rate:.0f} bpm contradicts it"


def _no_first_degree(measured: Measurements) -> str | None:
    """Why PR cannot be long: it is short, or there is no P wave that it could begin with."""
    if measured.pr is None:
        return "no P wave was found before the QRS" if measured.reasons.get("pr") in NO_P_WAVE else None
    return f"the measured PR of {measured.pr:.0f} ms is not long" if measured.pr < SHORT_PR else None


def unexplained_rate(codes: set[str], measured: Measurements) -> str | None:
    """A heart rate that none of the drafted statements accounts for, or None."""
    rate = measured.heart_rate
    if rate is None or UNREMARKABLE[0] <= rate <= UNREMARKABLE[1] or codes & EXPLAINS_RATE:
        return None
    return f"The measured heart rate of {rate:.0f} bpm is explained by no statement."


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
    if codes & SINUS and spread > IRREGULAR * median and not codes & EXPLAINS_IRREGULAR:
        doubts.append(
            f"The rhythm is irregular (RR interval {median:.0f} ms, varies by {spread:.0f} ms), "
            "and no statement accounts for it."
        )
    return doubts


def passing_doubts(measured: Measurements) -> list[str]:
    """What happened for some beats only, a fast run or a pause: no mean or median shows it."""
    return [alarm.text for alarm in measured.alarms if alarm.kind in PASSING]


def _passing(measured: Measurements) -> str | None:
    """Why a normal ECG is ruled out by what happened for some beats only."""
    if run := measured.run:
        return f"{run.beats} beats of another shape in a row follow at {run.rate:.0f} bpm"
    return f"no QRS complex was found for {(measured.longest or 0) / 1000:.1f} s" if pause(measured) else None


def interval_doubts(codes: set[str], measured: Measurements) -> list[str]:
    """What intervals say against a draft that does not account for them; they add no statement to it."""
    longest, qtc = LONGEST_QTC, measured.qtc.get("fridericia")
    beyond = [(longest, longest.text.format(qtc))] if qtc is not None and qtc >= longest.least else []
    return [
        f"{text[0].upper()}{text[1:]}."
        for rule, text in (*_reached(measured), *beyond)
        if rule.explained is not None and not codes & rule.explained
    ]


def _reached(measured: Measurements) -> list[tuple[IntervalRule, str]]:
    """The rules whose interval is as long, with what they say."""
    values = {"qrs": measured.qrs, "pr": measured.pr, "qtc_fridericia": measured.qtc.get("fridericia")}
    return [
        (rule, rule.text.format(value))
        for name, rule in INTERVAL_RULES.items()
        if (value := values[name]) is not None and value >= rule.least
    ]
