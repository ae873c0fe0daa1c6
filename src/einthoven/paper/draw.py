"""An ECG on millimetre paper, as SVG in exact millimetres."""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.ecg import ECG
from einthoven.paper import layout as layouts
from einthoven.paper import style as styles
from einthoven.paper import words
from einthoven.paper.grid import grid, pulses
from einthoven.paper.layout import Layout
from einthoven.paper.page import Page, Sheet
from einthoven.paper.style import FONT, Style
from einthoven.paper.svg import mm
from einthoven.paper.traces import Trace, find_scale, trace

LEADING = 1.5
"""From one line of the footer to the next, in font sizes."""
SEPARATOR = (4.0, 8.0)
"""A lead separator's ends, in millimetres above and below the baseline."""


def draw(
    ecg: ECG,
    layout: str | Layout = "3x4+1",
    *,
    speed: float = 25,
    gain: float = 10,
    style: str = "colour",
    header: bool = True,
    show_id: bool = False,
    filter: str = "none",
    page: Page | None = None,
) -> str:
    """The ECG as a cardiologist expects it, as the text of an SVG file; 1 user unit is 1 mm.

    Nothing is filtered, stretched or rescaled. What would leave the page is cut off and
    named in the footer; a recording shorter than the paper leaves the rest empty; of a
    longer one the beginning is drawn. An ECG whose gain is unknown is drawn without
    calibration pulses, on an arbitrary scale, and the footer says so.

    Args:
        ecg: the recording, drawn from its start.
        layout: a name in `LAYOUTS`, or a `Layout`.
        speed: mm/s, 5 to 200.
        gain: mm/mV, 1 to 50.
        style: "colour" or "mono".
        header: False leaves the band above the grid out.
        show_id: True prints the patient's id in the header.
        filter: words for the footer on what was done to the signal before; drawing does nothing.
        page: other sizes than those of A4.

    Returns:
        One `<svg>` element without external references, identifiers or scripts, so that
        it can be a file or stand in a page, several times.

    Raises:
        UsageError: an unknown layout or style; a speed or gain out of range.

    >>> import numpy as np
    >>> ecg = ECG(np.zeros((12, 5000)), rate=500)
    >>> draw(ecg).startswith('<svg xmlns="http://www.w3.org/2000/svg" width="297mm" height="210mm"')
    True
    """
    sheet = Sheet(layouts.find(layout), speed, gain, header, page or Page())
    colours = styles.find(style)
    scale = find_scale(ecg, sheet)
    traces = [trace(ecg, cell, sheet, scale) for cell in sheet.layout.cells()]
    footer, height = _footer(ecg, sheet, colours, filter, traces)
    size = f"{mm(sheet.width)} {mm(height)}"
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{mm(sheet.width)}mm" height="{mm(height)}mm" '
            f'viewBox="0 0 {size}" role="img" aria-label="ECG" font-family="{FONT}">',
            f'<path data-part="paper" fill="{colours.paper}" '
            f'd="M0 0h{mm(sheet.width)}v{mm(height)}h-{mm(sheet.width)}z"/>',
            grid(sheet, colours),
            _labels(ecg, sheet, colours),
            _separators(sheet, colours),
            f'<g fill="none" stroke="{colours.trace}" stroke-width="{sheet.page.trace:g}" '
            'stroke-linejoin="round" stroke-linecap="round">',
            pulses(sheet) if ecg.calibrated else "",
            *(_path(trace) for trace in traces if trace.d),
            "</g>",
            _header(ecg, sheet, colours, show_id) if header else "",
            footer,
            "</svg>",
        ]
    )


def strip(
    ecg: ECG,
    leads: str | Sequence[str] = ("II", "V1", "V5"),
    seconds: float = 3,
    *,
    speed: float = 25,
    gain: float = 10,
    style: str = "colour",
) -> str:
    """A small picture: a few leads, one below the other, without a header; otherwise as `draw`.

    >>> import numpy as np
    >>> strip(ECG(np.zeros((12, 5000)), rate=500))[40:68]
    'width="95mm" height="77.1mm"'
    """
    names = (leads,) if isinstance(leads, str) else tuple(leads)
    small = Layout((names,), seconds, above=15, pitch=20, below=10)
    return draw(ecg, small, speed=speed, gain=gain, style=style, header=False, page=SMALL)


SMALL = Page(margin=0, bare=0, footer=10, text=2.2, label=3.2)
"""The page of a `strip`: no paper around the grid, a smaller footer."""


def _labels(ecg: ECG, sheet: Sheet, style: Style) -> str:
    """Lead names at the start of each cell, under the traces, on a little white of their own."""
    rise = min(10.0, 0.36 * sheet.layout.pitch)
    found = []
    for cell in sheet.layout.cells():
        mark = words.DERIVED_MARK if cell.lead in ecg.derived else ""
        lost = f'<tspan font-weight="400" fill="{style.quiet}"> missing</tspan>' if cell.lead in ecg.missing else ""
        found.append(
            f'<text data-label="{cell.name}" x="{mm(sheet.x(cell.at) + 1)}" '
            f'y="{mm(sheet.baseline(cell.row) - rise)}">{cell.name}{mark}{lost}</text>'
        )
    return (
        f'<g font-size="{sheet.page.label:g}" font-weight="600" fill="{style.text}" '
        f'stroke="{style.paper}" stroke-width=".7" stroke-linejoin="round" paint-order="stroke">'
        + "".join(found)
        + "</g>"
    )


def _separators(sheet: Sheet, style: Style) -> str:
    """Short bars above and below the baseline where one column ends and the next begins."""
    near, far = SEPARATOR
    bar = mm(far - near)
    found = []
    for cell in sheet.layout.cells():
        if cell.at > 0:
            x, y = mm(sheet.x(cell.at)), sheet.baseline(cell.row)
            found.append(f'<path data-part="separator" d="M{x} {mm(y - far)}v{bar}M{x} {mm(y + near)}v{bar}"/>')
    return f'<g fill="none" stroke="{style.quiet}" stroke-width="{sheet.page.bold:g}">{"".join(found)}</g>'


def _path(trace: Trace) -> str:
    cell = trace.cell
    return f'<path data-lead="{cell.name}" data-start="{cell.start:g}" d="{trace.d}"/>'


def _header(ecg: ECG, sheet: Sheet, style: Style, show_id: bool) -> str:
    page = sheet.page
    right = sheet.left + sheet.grid_width
    first, second = sheet.top - 9.6, sheet.top - 4.4
    reserved = len(words.DISCLAIMER) * page.text * words.LETTER + page.heading
    title = words.heading(ecg, show_id, sheet.grid_width - reserved, page.heading)
    return (
        f'<g data-part="header" fill="{style.text}" font-size="{page.text:g}">'
        f'<text x="{mm(sheet.left)}" y="{mm(first)}" font-size="{page.heading:g}" '
        f'font-weight="600">{title}</text>'
        f'<text x="{mm(right)}" y="{mm(first)}" text-anchor="end">{words.DISCLAIMER}</text>'
        + words.text(words.particulars(ecg), sheet.left, second, page.text, style.alert)
        + "</g>"
    )


def _footer(ecg: ECG, sheet: Sheet, style: Style, filter: str, traces: Sequence[Trace]) -> tuple[str, float]:
    """The lines below the grid, and the height of the page: more than planned if they need it."""
    size = sheet.page.text
    indent = 0.0 if sheet.left else size / 2
    width = sheet.grid_width - 2 * indent
    below = words.remarks(ecg, sheet, traces) + ([] if sheet.header else [words.Item(words.DISCLAIMER)])
    lines = words.lines(words.settings(ecg, sheet, filter), width, size) + words.lines(below, width, size)
    y = sheet.top + sheet.grid_height
    drawn = []
    for items in lines:
        y += LEADING * size
        drawn.append(words.text(items, sheet.left + indent, y, size, style.alert))
    joined = "".join(drawn)
    return (
        f'<g data-part="footer" fill="{style.text}" font-size="{size:g}">{joined}</g>',
        max(sheet.height, y + size),
    )
