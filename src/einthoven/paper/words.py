"""What stands above and below the grid, and how it is broken into lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from einthoven.ecg import ECG, LEADS, Patient
from einthoven.paper.page import PULSE_MV, Sheet
from einthoven.paper.svg import clean, mm
from einthoven.paper.traces import Trace

DISCLAIMER = "Research use only. Not for diagnosis."
UNKNOWN_GAIN = "gain unknown: amplitudes not to scale"
DERIVED_MARK = "*"
LETTER = 0.56
"""Width of a letter as a share of the font size: a little above the mean of Helvetica."""
GAP = 1.3
"""Space between two items, as a share of the font size."""


@dataclass(frozen=True)
class Item:
    """A few words, already harmless in SVG; `alert` marks what the eye must not miss."""

    text: str
    alert: bool = False


def heading(ecg: ECG, show_id: bool, room: float, size: float) -> str:
    """The first line: the patient's id if asked for, else what this is; at most `room` mm wide."""
    if show_id and ecg.patient.id:
        return f"ID {clean(ecg.patient.id, max(8, int(room / (size * LETTER)) - 3))}"
    return "12-lead ECG"


def particulars(ecg: ECG) -> list[Item]:
    """Age, sex, date and time, device: what the recording says of them."""
    found = [_age(ecg.patient), clean(ecg.patient.sex or "", 12)]
    if ecg.time is not None:
        found.append(f"{ecg.time:%Y-%m-%d %H:%M:%S}")
    found.append(clean(ecg.device or ""))
    return [Item(text) for text in found if text]


def _age(patient: Patient) -> str:
    age = patient.age
    if age is None or not math.isfinite(age):
        return ""
    return f"{math.floor(age)} years" if age >= 2 else f"{math.floor(age * 12)} months"


def settings(ecg: ECG, sheet: Sheet, filter: str) -> list[Item]:
    """How the traces are drawn: speed, gain, filter, recording rate, columns, stretch of time."""
    layout = sheet.layout
    found = [
        Item(f"{sheet.speed:g} mm/s"),
        Item(f"{sheet.gain:g} mm/mV") if ecg.calibrated else Item(UNKNOWN_GAIN, alert=True),
        Item(f"filter: {clean(filter)}"),
        Item(f"{ecg.rate:g} Hz"),
    ]
    if ecg.seconds > layout.seconds + 1 / ecg.rate:
        found.append(Item(f"0-{layout.seconds:g} s of {_tenths(ecg.seconds)} s"))
    elif ecg.seconds < layout.seconds - 1 / ecg.rate:
        found.append(Item(f"recording of {_tenths(ecg.seconds)} s"))
    if len(layout.columns) > 1:
        found.append(Item("sequential columns" if layout.sequential else "simultaneous columns"))
    elif layout.rows > 1:
        found.append(Item("simultaneous leads"))
    return found


def _tenths(seconds: float) -> str:
    return f"{seconds:.1f}".removesuffix(".0")


def remarks(ecg: ECG, sheet: Sheet, traces: Sequence[Trace]) -> list[Item]:
    """Leads cut off at the page's edge, gaps, and the legend of the mark on derived leads."""
    found = []
    cut = _ordered(trace.cell.lead for trace in traces if trace.cut)
    if ecg.calibrated and sheet.baseline(0) < PULSE_MV * sheet.gain:
        cut = f"calibration {cut}".strip()
    gaps = _ordered(trace.cell.lead for trace in traces if trace.gaps)
    if cut:
        found.append(Item(f"clipped: {cut}", alert=True))
    if gaps:
        found.append(Item(f"gaps: {gaps}", alert=True))
    if {trace.cell.lead for trace in traces} & set(ecg.derived):
        found.append(Item(f"{DERIVED_MARK} derived from other limb leads"))
    return found


def _ordered(leads: Iterable[str]) -> str:
    those = set(leads)
    return " ".join(lead for lead in LEADS if lead in those)


def lines(items: Sequence[Item], width: float, size: float) -> list[list[Item]]:
    """The items broken into lines of at most `width` mm, as far as letters can be estimated.

    >>> [[i.text for i in line] for line in lines([Item("25 mm/s"), Item("500 Hz"), Item("V1")], 28, 3)]
    [['25 mm/s', '500 Hz'], ['V1']]
    """
    found: list[list[Item]] = []
    used = 0.0
    for item in items:
        needs = len(item.text) * LETTER * size
        if found and used + GAP * size + needs <= width:
            found[-1].append(item)
            used += GAP * size + needs
        else:
            found.append([item])
            used = needs
    return found


def text(items: Sequence[Item], x: float, y: float, size: float, alert: str) -> str:
    """One line of items as a text element; those that alert in that colour and bold."""
    spans: list[str] = []
    for item in items:
        gap = f' dx="{mm(GAP * size)}"' if spans else ""
        look = f' fill="{alert}" font-weight="700"' if item.alert else ""
        spans.append(f"<tspan{gap}{look}>{item.text}</tspan>")
    return f'<text x="{mm(x)}" y="{mm(y)}">{" ".join(spans)}</text>'
