"""What a device says it measured; values that mean "not measured" are absent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from einthoven.ecg.measured import MEASURED_UNITS

# Also keeps out what devices write for "not measured": 0, -1, 999, 29999, 32767, -32768, 65535.
_LEAST_MOST = {"/min": (1.0, 600.0), "ms": (1.0, 2500.0), "°": (-360.0, 360.0)}
_LONGEST_RR = 20_000.0

LOINC: Mapping[str, str] = {
    "8867-4": "heart_rate",
    "8625-6": "pr",
    "8633-0": "qrs",
    "8634-8": "qt",
    "8636-3": "qtc",
    "8626-4": "p_axis",
    "8632-2": "qrs_axis",
    "8638-9": "t_axis",
}
"""Names by the codes of LOINC."""

_PER_MINUTE = ("/min", "1/min", "bpm", "{beat}/min", "{beats}/min", "{H.B.}/min", "{h.b.}/min")
_IN_OUR_UNIT = {
    "/min": {**dict.fromkeys(_PER_MINUTE, 1.0), "Hz": 60.0, "/s": 60.0},
    "ms": {"ms": 1.0, "s": 1e3, "us": 1e-3},
    "°": {"deg": 1.0, "rad": 180 / math.pi},
}


def measured_of(found: Iterable[tuple[str, float | None]]) -> dict[str, float]:
    """The first value of each name that can be one.

    >>> measured_of([("qrs", 29999.0), ("qrs", 92.0), ("pr", None), ("t_axis", 0.0), ("qt", 0.0)])
    {'qrs': 92.0, 't_axis': 0.0}
    """
    measured: dict[str, float] = {}
    for name, value in found:
        least, most = _LEAST_MOST[MEASURED_UNITS[name]]
        if value is not None and least <= value <= (_LONGEST_RR if name == "rr" else most):
            measured.setdefault(name, value)
    return measured


def in_own_unit(name: str, value: float, unit: str) -> float | None:
    """A measurement in the unit of its name; None where a file's unit (UCUM's) cannot be its.

    >>> in_own_unit("qrs", 0.092, "s"), in_own_unit("p_axis", 44.0, "ms")
    (92.0, None)
    """
    factor = _IN_OUR_UNIT[MEASURED_UNITS[name]].get(unit)
    return None if factor is None else value * factor
