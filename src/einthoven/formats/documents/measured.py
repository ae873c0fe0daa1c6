"""What a device says it measured; values that mean "not measured" are absent."""

from __future__ import annotations

from collections.abc import Iterable

from einthoven.ecg.measured import MEASURED_UNITS

# Also keeps out what devices write for "not measured": 0, -1, 999, 29999, 32767, -32768, 65535.
_LEAST_MOST = {"/min": (1.0, 600.0), "ms": (1.0, 2500.0), "°": (-360.0, 360.0)}
_LONGEST_RR = 20_000.0


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
