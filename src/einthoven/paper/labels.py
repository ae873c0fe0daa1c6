"""Where the name of each lead stands: at the start of its trace, and where it can on no trace at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from einthoven.ecg import ECG
from einthoven.paper import words
from einthoven.paper.page import Sheet
from einthoven.paper.style import Style
from einthoven.paper.svg import mm
from einthoven.paper.traces import Trace

CAP = 0.74
"""Height of a capital letter as a share of the font size."""
WIDE = 0.7
"""Width of a bold letter as a share of the font size."""
AIR = 0.4
"""Millimetres that stay free around a label."""
INSET = 1.0
"""From the start of a trace to its label."""
LEAST_RISE = 0.36
"""A label's height above the baseline, as a share of the distance of two rows; but at most 10 mm."""


def labels(ecg: ECG, sheet: Sheet, style: Style, traces: Sequence[Trace]) -> str:
    """The names of the leads, each on a little white of its own for where no place is free.

    Args:
        ecg: says which leads are derived and which are missing.
        traces: all that is on the sheet; labels keep off them.
    """
    size = sheet.page.label
    found = []
    for cell in sheet.layout.cells():
        mark = words.DERIVED_MARK if cell.lead in ecg.derived else ""
        lost = f'<tspan font-weight="400" fill="{style.quiet}"> missing</tspan>' if cell.lead in ecg.missing else ""
        letters = len(cell.name + mark) + (len(" missing") if lost else 0)
        places = _places(sheet, cell.at, cell.row)
        wide, high = letters * WIDE * size, CAP * size
        x, y = next((place for place in places if _free(traces, *place, wide, high)), places[0])
        found.append(f'<text data-label="{cell.name}" x="{mm(x)}" y="{mm(y)}">{cell.name}{mark}{lost}</text>')
    return (
        f'<g font-size="{size:g}" font-weight="600" fill="{style.text}" '
        f'stroke="{style.paper}" stroke-width=".7" stroke-linejoin="round" paint-order="stroke">'
        + "".join(found)
        + "</g>"
    )


def _places(sheet: Sheet, at: float, row: int) -> list[tuple[float, float]]:
    """Where a label may stand (left end and foot), best first: above the start of its trace, nearer to it than to
    the row above; then a little higher, lower or farther right, and at last below."""
    pitch = sheet.layout.pitch
    rise = min(10.0, LEAST_RISE * pitch)
    x, baseline = sheet.x(at) + INSET, sheet.baseline(row)
    lifts = [lift for lift in (rise, rise + 2, rise + 4, rise - 2) if lift <= max(rise, 0.42 * pitch) and lift >= 4]
    lifts += [-rise - CAP * sheet.page.label] if pitch > 20 else []
    return [(x + right, baseline - lift) for lift in lifts for right in (0.0, 2.0, 4.0, 6.0)]


def _free(traces: Iterable[Trace], x: float, y: float, wide: float, high: float) -> bool:
    """Whether no line crosses a label's box."""
    left, right = x - AIR, x + wide + AIR
    top, bottom = y - high - AIR, y + AIR
    for trace in traces:
        first, last = np.searchsorted(trace.x, (left, right))
        near = trace.y[max(0, first - 1) : last + 1]
        if last + 1 <= first or not len(near):
            continue
        highest, lowest = np.fmin(near[:-1], near[1:]), np.fmax(near[:-1], near[1:])
        if ((lowest >= top) & (highest <= bottom)).any():
            return False
    return True
