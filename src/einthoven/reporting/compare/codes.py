"""Comparison codes 400 to 406 of the AHA/ACC/HRS statement on ECG terminology (Mason 2007, part II, table 4).

The rules are the standard's: 401 a rhythm statement new or gone, or a rate that changed by more than 20 bpm and is
below 50 or above 100; 402 an infarct or ischaemia new or surer, or ST deviation worse; 403 a conduction statement
new; 404 a QT or other ST-T statement new or gone, or QTc changed by more than 60 ms; 405 axis, voltage or hypertrophy
new or gone; 400 nothing of this, and PR, QRS and QTc normal or within 10% of an earlier abnormal value; 406
statements that differ although the tracing does not. What is the standard's "worsened ST deviation" in numbers is
ours: two contiguous leads deviate by 0.1 mV or more, and by more than two normal ECGs of one person differ.
"""

from __future__ import annotations

import csv
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from einthoven.reporting.compare.changes import Change
from einthoven.reporting.compare.stated import StatedChange
from einthoven.reporting.limits import CONTIGUOUS
from einthoven.statements import VOCABULARY, Language

Axis = Literal["normal", "left", "right", "northwest"]
RATE_CHANGE, SLOW, FAST = 20.0, 50.0, 100.0
QTC_CHANGE = 60.0
WITHIN = 0.1
ST_MV = 0.1
UPPER = {"pr": 200.0, "qrs": 119.9, "qtc_fridericia": 449.9}
"""ms up to which an interval is normal (AHA/ACC/HRS 2009, parts III and IV; PR 200); women's QTc below 460."""
QTC_WOMEN = 459.9
RHYTHM = frozenset({"rhythm", "pacing", "ectopy"})
AXIS = {"normal": (-30.0, 90.0), "left": (-90.0, -30.0), "right": (90.0, 180.0)}
"""Degrees of the QRS axis (AHA/ACC/HRS 2009, part III); the rest is northwest."""


@dataclass(frozen=True)
class Coded:
    """A comparison code and what it rests on: changes of statements, of measurements, or of the axis' class."""

    code: int
    because: tuple[StatedChange | Change, ...] = ()

    def text(self, language: Language) -> str:
        """What the code means."""
        return _texts()[self.code]["english" if language == "en" else "german"]


def aha_codes(
    changes: Sequence[Change], stated: Sequence[StatedChange] | None, same_tracing: bool, sex: str | None
) -> tuple[Coded, ...]:
    """The codes that hold, in their order; none where the standard's rules leave the pair without one.

    Args:
        stated: changes of statements; None where nothing was drafted: 400 and 406 are then not given.
        same_tracing: no measurement changed beyond its error and the median beats are alike. What then differs in
            statements alone is 406, unless it is critical.
    """
    by_name = {change.name: change for change in changes}
    news = [one for one in stated or () if one.kind in ("new", "gone", "surer")]
    disputed = [one for one in news if same_tracing and not one.critical and one.kind in ("new", "gone")]
    real = [one for one in news if one not in disputed]
    found: dict[int, list[StatedChange | Change]] = {code: [] for code in range(401, 406)}
    for one in real:
        code = _code(one)
        if code is not None:
            found[code].append(one)
    found[401] += _rate(by_name["heart_rate"])
    found[402] += [] if _wide(by_name["qrs"]) else _st(by_name)
    found[404] += [
        one for one in (by_name["qtc_fridericia"],) if _beyond(one) and abs(one.difference or 0) > QTC_CHANGE
    ]
    found[405] += [one for one in (by_name["qrs_axis"],) if _beyond(one) and _turned(one)]
    codes = [Coded(code, tuple(because)) for code, because in found.items() if because]
    if disputed:
        codes.append(Coded(406, tuple(disputed)))
    if not codes and stated is not None and not news and all(_steady(by_name[name], sex) for name in UPPER):
        codes.append(Coded(400))
    return tuple(codes)


def _code(change: StatedChange) -> int | None:
    """Which code a change of a statement falls under."""
    term = VOCABULARY[change.code]
    ischaemic = change.code in ("STE_", "STD_", "ISC_") or "ISC_" in VOCABULARY.ancestors(change.code)
    if term.group == "infarction" or ischaemic or change.code == "ANEUR":
        if change.kind != "gone":
            return 402
        return 404 if term.group == "st-t" else None
    if change.kind == "surer":
        return 403 if term.group == "conduction" else None
    if term.group in RHYTHM:
        return 401
    if term.group == "conduction":
        return 403 if change.kind == "new" else None
    if term.group == "st-t":
        return 404
    return 405 if term.group == "hypertrophy" or change.code in ("LVOLT", "QWAVE") else None


def axis_class(degrees: float) -> Axis:
    """Normal, left, right or northwest."""
    low, high = AXIS["normal"]
    if low <= degrees <= high:
        return "normal"
    if AXIS["left"][0] <= degrees < low:
        return "left"
    return "right" if degrees > high else "northwest"


def _turned(change: Change) -> bool:
    return (
        change.earlier is not None
        and change.later is not None
        and axis_class(change.earlier) != axis_class(change.later)
    )


def _beyond(change: Change) -> bool:
    return change.size not in (None, "error")


def _rate(change: Change) -> list[Change]:
    apart, now = change.difference, change.later
    if apart is None or now is None or abs(apart) <= RATE_CHANGE:
        return []
    return [change] if now < SLOW or now > FAST else []


def _st(by_name: Mapping[str, Change]) -> list[Change]:
    """The contiguous leads whose ST deviates more than before, both upwards or both downwards."""
    for pair in CONTIGUOUS:
        both = [by_name[f"st_{lead}"] for lead in pair]
        signs = {_worse(one) for one in both}
        if signs in ({1}, {-1}):
            return both
    return []


def _wide(qrs: Change) -> bool:
    """Whether ST follows from the QRS, as it does where that is wide or has become wider than is usual."""
    return qrs.later is None or qrs.later > UPPER["qrs"] or qrs.size == "more"


def _worse(change: Change) -> int:
    if change.earlier is None or change.later is None or change.size != "more":
        return 0
    sign = 1 if change.later > 0 else -1
    return sign if abs(change.later) >= ST_MV and sign * (change.later - change.earlier) > 0 else 0


def _steady(change: Change, sex: str | None) -> bool:
    """Whether an interval is normal in both ECGs, or within a tenth of an earlier abnormal value."""
    if change.earlier is None and change.later is None:
        return True
    if change.earlier is None or change.later is None:
        return False
    upper = QTC_WOMEN if change.name.startswith("qtc") and sex == "female" else UPPER[change.name]
    if change.earlier <= upper:
        return change.later <= upper
    return abs(change.later - change.earlier) <= WITHIN * change.earlier


def of(codes: Iterable[Coded]) -> list[int]:
    """The bare numbers."""
    return [one.code for one in codes]


@cache
def _texts() -> Mapping[int, Mapping[str, str]]:
    data = pkgutil.get_data("einthoven.reporting", "tables/comparison.csv")
    if data is None:
        raise FileNotFoundError("einthoven/reporting/tables/comparison.csv")
    return {int(row["code"]): row for row in csv.DictReader(data.decode("utf-8").splitlines())}
