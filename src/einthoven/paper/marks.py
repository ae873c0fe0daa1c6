"""Lines where waves begin and end, and brackets that name the intervals between them."""

from __future__ import annotations

from collections.abc import Mapping

from einthoven.paper.page import Sheet
from einthoven.paper.style import DASH, Style
from einthoven.paper.svg import mm

LINE = 0.16
"""Millimetres of stroke."""
SIZE = 2.6
"""Font size of an interval's name."""
LEVELS = {"P": 2, "QRS": 1, "PR": 0, "QT": 0}
"""Rows of brackets, from the grid's edge inwards: neighbours whose names could touch stand in different ones."""
EDGE, STEP = 3.6, 4.0
"""Millimetres from the grid's edge to the outermost brackets, and from row to row."""


def marks(
    sheet: Sheet,
    style: Style,
    before: float,
    points: Mapping[str, float],
    intervals: Mapping[str, tuple[float, float]],
    second: bool,
) -> str:
    """The lines of one beat in every column of the sheet, over the whole height of the grid.

    Args:
        before: seconds from the left end of a column to the beats' R.
        points: seconds from R, by name.
        intervals: start and stop in seconds from R, by the names of `LEVELS`.
        second: those of the second of two beats are dashed, and their brackets stand at the bottom.
    """
    columns = sorted({cell.at for cell in sheet.layout.cells()})
    top, height = sheet.top, sheet.grid_height
    lines, brackets, names = [], [], []
    for at in columns:
        zero = at + before
        for name, seconds in points.items():
            x = mm(sheet.x(zero + seconds))
            lines.append(f'<path data-mark="{name}" d="M{x} {mm(top)}v{mm(height)}"/>')
        for name, (start, stop) in intervals.items():
            left, right = sheet.x(zero + start), sheet.x(zero + stop)
            deep = EDGE + STEP * LEVELS[name]
            y = top + height - deep + SIZE if second else top + deep
            brackets.append(f"M{mm(left)} {mm(y)}h{mm(right - left)}")
            names.append(f'<text x="{mm((left + right) / 2)}" y="{mm(y - 0.5)}">{name}</text>')
    colour = style.second_mark if second else style.mark
    dash = f' stroke-dasharray="{DASH}"' if second else ""
    part = "second-marks" if second else "marks"
    return (
        f'<g data-part="{part}"><g fill="none" stroke="{colour}" stroke-width="{LINE:g}"{dash}>{"".join(lines)}</g>'
        f'<path fill="none" stroke="{colour}" stroke-width="{2 * LINE:g}" d="{"".join(brackets)}"/>'
        f'<g font-size="{SIZE:g}" text-anchor="middle" fill="{colour}" stroke="{style.paper}" stroke-width=".7" '
        f'stroke-linejoin="round" paint-order="stroke">{"".join(names)}</g></g>'
    )
