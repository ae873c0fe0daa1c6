"""Voltages beyond published limits of a normal ECG: deviations of ST rule one out, tall QRS casts doubt on it.

ST: the limits of the fourth universal definition of myocardial infarction (Thygesen 2018), in two contiguous leads.
QRS: Sokolow and Lyon 1949 from the age of 35 on, as voltages of the young are higher (AHA/ACC/HRS 2009, part V), and
Casale 1985 (Cornell). Without a known gain nothing is judged, for then nothing of this is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from einthoven.ecg import Patient
from einthoven.measurement import LeadAmplitudes, Measurements
from einthoven.statements import VOCABULARY

CONTIGUOUS = (
    ("I", "aVL"),
    ("II", "aVF"),
    ("aVF", "III"),
    ("II", "III"),
    *((f"V{lead}", f"V{lead + 1}") for lead in range(1, 6)),
)
ELEVATION, DEPRESSION = 0.1, 0.05
"""mV at the J point; V2 and V3 have their own limits of elevation."""
V2_V3_WOMEN, V2_V3_MEN, V2_V3_YOUNG_MEN = 0.15, 0.2, 0.25
YOUNG_MAN = 40.0
SOKOLOW_LYON, ADULT = 3.5, 35.0
CORNELL_WOMEN, CORNELL_MEN = 2.0, 2.8
NOBODY = Patient()
EXPLAINS_ELEVATION = frozenset({"PACE", "CLBBB", "WPW", "STE_", "INJAS", "INJAL", "INJLA", "INJIN", "INJIL"})
"""Codes that account for a raised ST: it follows their QRS, or they say it. No code says that an infarct is acute."""
EXPLAINS_DEPRESSION = frozenset({"PACE", "CLBBB", "CRBBB", "IVCD", "WPW", "LVH", "RVH", "DIG", "STD_", "NST_"}) | {
    code for code in VOCABULARY if code.startswith(("ISC", "INJ"))
}
"""Codes that account for a depressed ST. Of 1,449 plain drafts of PTB-XL's fold 9 130 measure one, 50 of them without
such a code, and become caution; 24 of these are coded with STD_, ischaemia or injury, as 10% of all plain ones are. So
the limit of a normal ECG stands here, too: at 0.1 mV hardly any would be left."""


def st_deviation(measured: Measurements, patient: Patient = NOBODY) -> str | None:
    """The two contiguous leads whose ST segments are furthest beyond the limits, in words; None where none are."""
    for name, pair in (("elevation", raised(measured, patient)), ("depression", lowered(measured))):
        if pair is not None:
            return f"the measured ST {name} in {shown(measured, pair)} is beyond the limits of a normal ECG"
    return None


def elevation_doubts(codes: set[str], measured: Measurements, patient: Patient = NOBODY) -> list[str]:
    """What a raised ST says against a draft that neither names it nor has a QRS that brings it along."""
    pair = raised(measured, patient)
    if pair is None or codes & EXPLAINS_ELEVATION:
        return []
    where = shown(measured, pair)
    return [f"The measured ST elevation in {where} is beyond the limits, and no statement accounts for it."]


def depression_doubts(codes: set[str], measured: Measurements) -> list[str]:
    """The same of a depressed ST."""
    pair = lowered(measured)
    if pair is None or codes & EXPLAINS_DEPRESSION:
        return []
    where = shown(measured, pair)
    return [f"The measured ST depression in {where} is beyond the limits, and no statement accounts for it."]


def raised(measured: Measurements, patient: Patient = NOBODY, short: float = 0.0) -> tuple[str, str] | None:
    """The two contiguous leads whose ST is furthest above the limits of elevation; None where none are.

    Where sex or age is not known the limits of V2 and V3 are those of a man over 40.

    Args:
        short: mV by which it may fall short of them.
    """
    limit = _v2_v3(patient)

    def beyond(lead: str, of: LeadAmplitudes) -> float:
        return of.st_j - (limit if lead in ("V2", "V3") else ELEVATION) + short

    return _worst(measured.leads, beyond)


def lowered(measured: Measurements, short: float = 0.0) -> tuple[str, str] | None:
    """The two contiguous leads whose ST is furthest below the limit of depression; None where none are.

    Depressed counts what is so at the J point and 60 ms later: what rises at once is not horizontal.

    Args:
        short: mV by which it may fall short of it.
    """
    return _worst(measured.leads, lambda lead, of: -max(of.st_j, of.st_j60) - DEPRESSION + short)


def shown(measured: Measurements, pair: tuple[str, str]) -> str:
    """Two leads with the height of ST at their J points."""
    return " and ".join(f"{lead} ({abs(measured.leads[lead].st_j):.2f} mV)" for lead in pair)


def _worst(
    leads: Mapping[str, LeadAmplitudes], beyond: Callable[[str, LeadAmplitudes], float]
) -> tuple[str, str] | None:
    """The pair of contiguous leads that are both at or beyond their limits, and the further the better."""
    least = {pair: min(beyond(lead, leads[lead]) for lead in pair) for pair in CONTIGUOUS if set(pair) <= set(leads)}
    pair = max(least, key=lambda each: least[each], default=None)
    return pair if pair is not None and least[pair] >= 0 else None


def voltage_doubts(codes: set[str], measured: Measurements, patient: Patient = NOBODY) -> list[str]:
    """What the height of the QRS says against a draft that calls the ECG normal; it adds no statement to it."""
    if "NORM" not in codes:
        return []
    found = []
    sokolow, cornell = measured.sokolow_lyon, measured.cornell
    if sokolow is not None and sokolow >= SOKOLOW_LYON and (patient.age is None or patient.age >= ADULT):
        found.append(
            f"The measured voltage of S in V1 and R in V5 or V6 is {sokolow:.1f} mV (Sokolow-Lyon; "
            f"from {SOKOLOW_LYON:g} mV on a sign of left ventricular hypertrophy), and the ECG is called normal."
        )
    limit = CORNELL_WOMEN if patient.sex == "female" else CORNELL_MEN
    if cornell is not None and cornell > limit:
        found.append(
            f"The measured voltage of R in aVL and S in V3 is {cornell:.1f} mV (Cornell; over {limit:g} mV a sign of "
            "left ventricular hypertrophy), and the ECG is called normal."
        )
    return found


def _v2_v3(patient: Patient) -> float:
    if patient.sex == "female":
        return V2_V3_WOMEN
    young = patient.sex == "male" and patient.age is not None and patient.age < YOUNG_MAN
    return V2_V3_YOUNG_MEN if young else V2_V3_MEN
