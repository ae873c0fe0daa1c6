"""Millimetre paper: 1 mm and 5 mm lines, and the calibration pulse of each row."""

from __future__ import annotations

import math

import numpy as np

from einthoven.paper.page import BIG_SQUARE, PULSE_MV, PULSE_S, Sheet
from einthoven.paper.polyline import path
from einthoven.paper.style import Style
from einthoven.paper.svg import mm

FOOT = 2.0
"""Millimetres of baseline drawn on either side of a pulse."""


def grid(sheet: Sheet, style: Style) -> str:
    """The lines of the paper: a path for the fine ones and a path for the bold ones.

    Plain lines, not an SVG pattern: a pattern is blurred where its tile is drawn as a
    small bitmap (Chromium), needs an identifier that must be unique in a page with
    several drawings, and would save only a few kilobytes.
    """
    page = sheet.page
    fine = _lines(sheet, bold=False)
    bold = _lines(sheet, bold=True)
    return (
        f'<g data-part="grid" fill="none"><path data-pitch="1" stroke="{style.fine}" '
        f'stroke-width="{page.fine:g}" d="{fine}"/><path data-pitch="{BIG_SQUARE}" '
        f'stroke="{style.bold}" stroke-width="{page.bold:g}" d="{bold}"/></g>'
    )


def _lines(sheet: Sheet, bold: bool) -> str:
    width, height = round(sheet.grid_width), round(sheet.grid_height)
    left, top = sheet.left, sheet.top
    down = [f"M{mm(left + k)} {mm(top)}v{height}" for k in range(width + 1) if (k % BIG_SQUARE == 0) == bold]
    across = [f"M{mm(left)} {mm(top + k)}h{width}" for k in range(height + 1) if (k % BIG_SQUARE == 0) == bold]
    return "".join(down + across)


def pulses(sheet: Sheet) -> str:
    """The calibration pulse, 1 mV high and 0.2 s wide, at the left of the rows; cut off where traces are."""
    width, height = PULSE_S * sheet.speed, PULSE_MV * sheet.gain
    x = sheet.pulse_left + np.array([-FOOT, 0, 0, width, width, width + FOOT])
    up = np.array([0, 0, height, height, 0, 0])
    paths = (path(x, sheet.baseline(row) - up, 0.0, sheet.height)[0] for row in pulse_rows(sheet))
    return "".join(f'<path data-part="calibration" d="{d}"/>' for d in paths)


def pulse_rows(sheet: Sheet) -> range:
    """Rows with a pulse: all, or the last and every so many above it, so that no pulse stands in another."""
    every = math.ceil((PULSE_MV * sheet.gain + FOOT) / sheet.layout.pitch)
    return range((sheet.layout.rows - 1) % every, sheet.layout.rows, every)
