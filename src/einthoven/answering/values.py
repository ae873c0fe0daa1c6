"""Measured values that questions ask for; how likely a level or an axis is, given the error of measuring."""

from __future__ import annotations

import math
from collections.abc import Mapping

from einthoven.answering.ground import Ground
from einthoven.answering.view import View
from einthoven.datasets.ecg_qa.facts import RANGES
from einthoven.datasets.ecg_qa.tables import names
from einthoven.measurement import Measurements

HEART_RATE = "heart rate"
LIMITS: Mapping[str, tuple[float, float]] = {**RANGES, HEART_RATE: (60.0, 100.0)}
UNITS: Mapping[str, str] = {**dict.fromkeys(RANGES, "ms"), HEART_RATE: "bpm", "axis": "degrees"}
ERRORS: Mapping[str, float] = {
    "rr interval": 10.0, "p duration": 18.0, "pr interval": 16.0, "qrs duration": 16.0, "qt interval": 20.0,
    "qt corrected": 22.0, HEART_RATE: 2.0, "axis": 10.0,
}  # fmt: skip
"""Standard errors of measuring, rounded up from the mean absolute errors of `docs/results.md` (QRS 16, QT 18 ms)."""
AXES: Mapping[str, tuple[tuple[float, float], ...]] = {
    "normal": ((-30.0, 90.0),),
    "left": ((-90.0, -30.0),),
    "right": ((90.0, 180.0),),
    "extreme": ((-180.0, -90.0), (180.0, 270.0)),
}
"""Degrees of the frontal QRS axis (AHA/ACC/HRS 2009, part III)."""


def intervals(found: Measurements) -> dict[str, float | None]:
    """Measured intervals in ms by ECG-QA's names; its corrected QT is Bazett's."""
    return {
        "rr interval": 60_000 / found.heart_rate if found.heart_rate else None,
        "p duration": found.p,
        "pr interval": found.pr,
        "qrs duration": found.qrs,
        "qt interval": found.qt,
        "qt corrected": found.qtc.get("bazett"),
    }


def value_of(view: View, feature: str) -> float | None:
    """A measured value in its unit (`UNITS`); None where not measured. The corrected QT is Bazett's."""
    found = view.measured
    value = {HEART_RATE: found.heart_rate, "axis": found.qrs_axis, **intervals(found)}[feature]
    return None if value is None else float(value)


def why_not(view: View, feature: str) -> str:
    """Why a value was not measured."""
    name = {HEART_RATE: "heart_rate", "rr interval": "heart_rate", "p duration": "p", "pr interval": "pr"}
    name |= {"qrs duration": "qrs", "qt interval": "qt", "qt corrected": "qt", "axis": "qrs_axis"}
    reason = view.measured.reasons.get(name[feature], "it could not be measured")
    return f"The {feature} was not measured: {reason}"


def level_chances(view: View, feature: str) -> dict[str, float] | None:
    """Probability of each level (by its name in answers), for an error of measuring that is normal; None unmeasured."""
    value = value_of(view, feature)
    if value is None:
        return None
    low, high = LIMITS[feature]
    below, above = _below(low, value, ERRORS[feature]), 1 - _below(high, value, ERRORS[feature])
    each = {"below": below, "within": max(0.0, 1 - below - above), "above": above}
    return {names("level")[level]: chance for level, chance in each.items()}


def axis_chances(view: View) -> dict[str, float] | None:
    """Probability of each axis by its name in answers; None where the axis was not measured."""
    value = value_of(view, "axis")
    if value is None:
        return None
    error = ERRORS["axis"]
    each = {
        axis: sum(
            _below(high, turned, error) - _below(low, turned, error)
            for low, high in ranges
            for turned in ((value, value + 360) if axis == "extreme" else (value,))
        )
        for axis, ranges in AXES.items()
    }
    whole = sum(each.values())
    return {names("axis")[axis]: chance / whole for axis, chance in each.items()}


def measured_ground(view: View, feature: str) -> Ground:
    """The measured value in words, with the range that is called normal."""
    value = value_of(view, feature)
    if value is None:
        return Ground(why_not(view, feature))
    unit = UNITS[feature]
    normal = AXES["normal"][0] if feature == "axis" else LIMITS[feature]
    limits = f"normal range {normal[0]:.0f} to {normal[1]:.0f}"
    if feature == "qt corrected":  # 555 ms by Bazett is nobody's limit but that of ECG-QA's questions
        limits = (
            f"by Bazett; ECG-QA's questions count {normal[0]:.0f} to {normal[1]:.0f} as normal, which is far too wide"
        )
    return Ground(
        f"measured {feature} {value:.0f} {unit} ({limits}; error of measuring about {ERRORS[feature]:.0f})"
        f"{_corrected(view) if feature == 'qt interval' else ''}",
        (),
        ((feature, value),),
    )


def _corrected(view: View) -> str:
    """QTc by Fridericia: a QT within its range can be long for the rate."""
    qtc = view.measured.qtc.get("fridericia")
    return "" if qtc is None else f"; corrected for the rate {qtc:.0f} ms (Fridericia)"


def _below(limit: float, value: float, error: float) -> float:
    return 0.5 * (1 + math.erf((limit - value) / (error * math.sqrt(2))))
