"""What changed between two ECGs in numbers, and which of it is more than the measurement's own error.

Limits are ours, measured (`reporting/tables/retest.csv`, by `benchmarks/retest.py`): the 95th percentile of how far two
halves of one recording differ (*error*), and the 97.5th of how far two normal ECGs of one
person within a year (*usual*).
"""

from __future__ import annotations

import csv
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from einthoven.ecg import LEADS
from einthoven.measurement import Measurements

Size = Literal["error", "usual", "more"]
"""Within measurement error; beyond it, yet as two normal ECGs of one person differ; more than that."""

Value = Callable[[Measurements], float | None]


def _st_of(lead: str) -> Value:
    return lambda found: found.leads[lead].st_j if lead in found.leads else None


QUANTITIES: Mapping[str, tuple[str, Value]] = {
    "heart_rate": ("bpm", lambda found: found.heart_rate),
    "pr": ("ms", lambda found: found.pr),
    "qrs": ("ms", lambda found: found.qrs),
    "qt": ("ms", lambda found: found.qt),
    "qtc_fridericia": ("ms", lambda found: found.qtc.get("fridericia")),
    "qtc_bazett": ("ms", lambda found: found.qtc.get("bazett")),
    "p_axis": ("°", lambda found: found.p_axis),
    "qrs_axis": ("°", lambda found: found.qrs_axis),
    "t_axis": ("°", lambda found: found.t_axis),
    **{f"st_{lead}": ("mV", _st_of(lead)) for lead in LEADS},
}
"""Unit and value by name, in the order in which they are told; `st_V2` is ST at the J point in V2."""


@dataclass(frozen=True)
class Limit:
    """How large a difference of one quantity is without any change of the heart.

    Args:
        error: between two halves of one recording. usual: between two normal ECGs of one person.
    """

    name: str
    unit: str
    error: float
    usual: float

    def size(self, difference: float) -> Size:
        """What a difference amounts to."""
        apart = abs(difference)
        return "error" if apart <= self.error else "usual" if apart <= max(self.usual, self.error) else "more"


@dataclass(frozen=True)
class Change:
    """One quantity in both ECGs; None where it was not measured, and then without a difference.

    `limit` is None where differences are not to be judged: nothing may be concluded from one of the two.
    """

    name: str
    unit: str
    earlier: float | None
    later: float | None
    limit: Limit | None = None

    @property
    def difference(self) -> float | None:
        """Later minus earlier; of axes the shorter way round, -180 to 180."""
        if self.earlier is None or self.later is None:
            return None
        return difference(self.name, self.earlier, self.later)

    @property
    def size(self) -> Size | None:
        """What the difference amounts to."""
        apart = self.difference
        return None if apart is None or self.limit is None else self.limit.size(apart)

    def to_dict(self) -> dict[str, Any]:
        """As JSON, rounded to a tenth, mV to a thousandth."""
        digits = 3 if self.unit == "mV" else 1
        shown = {"earlier": self.earlier, "later": self.later, "difference": self.difference}
        return {
            "unit": self.unit,
            **{name: None if value is None else round(value, digits) for name, value in shown.items()},
            "error": None if self.limit is None else self.limit.error,
            "usual": None if self.limit is None else self.limit.usual,
            "beyond_error": None if self.size is None else self.size != "error",
            "beyond_usual": None if self.size is None else self.size == "more",
        }


def difference(name: str, earlier: float, later: float) -> float:
    """Later minus earlier, of axes the shorter way round.

    >>> difference("qrs_axis", 170, -170), difference("pr", 160, 200)
    (20, 40)
    """
    apart = later - earlier
    return (apart + 180) % 360 - 180 if name.endswith("_axis") else apart


def changes(earlier: Measurements, later: Measurements, judged: bool = True) -> tuple[Change, ...]:
    """All quantities in both, in the order of `QUANTITIES`; with the limits that they are judged by, if they may be."""
    known = limits() if judged else {}
    return tuple(Change(name, unit, of(earlier), of(later), known.get(name)) for name, (unit, of) in QUANTITIES.items())


@cache
def limits() -> Mapping[str, Limit]:
    """The limits that ship, by quantity.

    Raises:
        FileNotFoundError: the table is not in the package.
    """
    data = pkgutil.get_data("einthoven.reporting", "tables/retest.csv")
    if data is None:
        raise FileNotFoundError("einthoven/reporting/tables/retest.csv")
    rows = csv.DictReader(data.decode("utf-8").splitlines())
    return {row["name"]: Limit(row["name"], row["unit"], float(row["halves"]), float(row["pairs"])) for row in rows}
