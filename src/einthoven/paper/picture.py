"""One sheet put together: paper, grid, marks, traces, labels and words, as one SVG element."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from einthoven.ecg import UsageError
from einthoven.paper import words
from einthoven.paper.drawing import Drawing
from einthoven.paper.grid import grid, pulses
from einthoven.paper.labels import labels
from einthoven.paper.page import Sheet
from einthoven.paper.style import DASH, FONT, Style
from einthoven.paper.svg import clean, mm
from einthoven.paper.traces import Subject, Trace, traces

LEADING = 1.5
"""From one line of the footer to the next, in font sizes."""
SEPARATOR = (4.0, 8.0)
"""A lead separator's ends, in millimetres above and below the baseline."""
SWATCH = 10.0
"""Millimetres of line in a legend."""
WARNING = 400
"""Characters of a warning that are shown."""


def picture(
    subjects: Sequence[Subject],
    sheet: Sheet,
    style: Style,
    settings: Sequence[words.Item],
    *,
    what: str = "12-lead ECG",
    show_id: bool = False,
    under: str = "",
    notes: Sequence[words.Item] = (),
    warnings: Sequence[str] = (),
) -> Drawing:
    """The text of an SVG file; 1 user unit is 1 mm.

    Args:
        subjects: one ECG, or two that lie over each other; the first is on top.
        settings: how it is drawn, for the footer.
        what: what this is, for the header.
        under: shapes between the grid and the traces.
        notes: more to say below the settings.
        warnings: what speaks against the recordings; said above the settings.

    Raises:
        UsageError: two ECGs of which one has no known gain.
    """
    first = subjects[0]
    if len(subjects) > 1 and not all(subject.ecg.calibrated for subject in subjects):
        raise UsageError(
            "An ECG of unknown gain cannot be laid over another: they have no common scale.",
            "Draw them one by one.",
        )
    drawn = [traces(subject, sheet) for subject in subjects]
    partly = words.partly_drawn(subjects, sheet, drawn)
    below = [*words.remarks(subjects, sheet, drawn, partly), *notes]
    above = [words.Item(clean(text, WARNING), alert=True) for text in warnings]
    footer, height = _footer(subjects, sheet, style, show_id, above, settings, below)
    size = f"{mm(sheet.width)} {mm(height)}"
    svg = "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{mm(sheet.width)}mm" height="{mm(height)}mm" '
            f'viewBox="0 0 {size}" role="img" aria-label="ECG" font-family="{FONT}">',
            f'<path data-part="paper" fill="{style.paper}" '
            f'd="M0 0h{mm(sheet.width)}v{mm(height)}h-{mm(sheet.width)}z"/>',
            grid(sheet, style),
            under,
            labels(first.ecg, sheet, style, list(chain.from_iterable(drawn))),
            _separators(sheet, style),
            *(_second(found, sheet, style) for found in drawn[1:]),
            f'<g fill="none" stroke="{style.trace}" stroke-width="{sheet.page.trace:g}" '
            'stroke-linejoin="round" stroke-linecap="round">',
            pulses(sheet) if first.ecg.calibrated else "",
            *(_path(trace, "lead") for trace in drawn[0] if trace.d),
            "</g>",
            _header(subjects, sheet, style, what, show_id) if sheet.header else "",
            footer,
            "</svg>",
        ]
    )
    return Drawing(svg, partly)


def _second(found: Sequence[Trace], sheet: Sheet, style: Style) -> str:
    return (
        f'<g data-part="second" fill="none" stroke="{style.second}" stroke-width="{sheet.page.trace:g}" '
        f'stroke-linejoin="round" stroke-dasharray="{DASH}">'
        + "".join(_path(trace, "over") for trace in found if trace.d)
        + "</g>"
    )


def _path(trace: Trace, role: str) -> str:
    cell = trace.cell
    return f'<path data-{role}="{cell.name}" data-start="{cell.start:g}" d="{trace.d}"/>'


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


def _header(subjects: Sequence[Subject], sheet: Sheet, style: Style, what: str, show_id: bool) -> str:
    page = sheet.page
    right = sheet.left + sheet.grid_width
    first, second = sheet.top - 9.6, sheet.top - 4.4
    room = sheet.grid_width - len(words.DISCLAIMER) * page.text * words.LETTER - page.heading
    if len(subjects) > 1:
        said = _legend(subjects, sheet, style, show_id, sheet.left, first, second - first, room)
    else:
        ecg = subjects[0].ecg
        items = words.particulars(ecg, sheet.grid_width, page.text)
        said = (
            f'<text x="{mm(sheet.left)}" y="{mm(first)}" font-size="{page.heading:g}" '
            f'font-weight="600">{words.heading(ecg, what, show_id, room, page.heading)}</text>'
            + words.text(items, sheet.left, second, page.text, style.alert)
        )
    return (
        f'<g data-part="header" fill="{style.text}" font-size="{page.text:g}">{said}'
        f'<text x="{mm(right)}" y="{mm(first)}" text-anchor="end">{words.DISCLAIMER}</text></g>'
    )


def _legend(
    subjects: Sequence[Subject],
    sheet: Sheet,
    style: Style,
    show_id: bool,
    x: float,
    y: float,
    leading: float,
    room: float,
) -> str:
    """A piece of line and the name of each ECG, one below the other."""
    size, line = sheet.page.text, f'fill="none" stroke-width="{2 * sheet.page.trace:g}"'
    found = []
    for number, subject in enumerate(subjects):
        foot = y + number * leading
        stroke = f'stroke="{style.second}" stroke-dasharray="{DASH}"' if number else f'stroke="{style.trace}"'
        found.append(f'<path data-part="swatch" {line} {stroke} d="M{mm(x)} {mm(foot - size / 3)}h{mm(SWATCH)}"/>')
        beside = SWATCH + size
        items = words.identity(subject, show_id, room - beside, size)
        found.append(words.text(items, x + beside, foot, size, style.alert))
    return "".join(found)


def _footer(
    subjects: Sequence[Subject],
    sheet: Sheet,
    style: Style,
    show_id: bool,
    above: Sequence[words.Item],
    settings: Sequence[words.Item],
    below: Sequence[words.Item],
) -> tuple[str, float]:
    """The lines below the grid, and the height of the page: more than planned if they need it.

    Without a header, the legend and the disclaimer stand here.
    """
    size = sheet.page.text
    indent = 0.0 if sheet.left else size / 2
    left, width = sheet.left + indent, sheet.grid_width - 2 * indent
    y = sheet.top + sheet.grid_height
    drawn = []
    if not sheet.header:
        below = [*below, words.Item(words.DISCLAIMER)]
        if len(subjects) > 1:
            leading = LEADING * size
            drawn.append(_legend(subjects, sheet, style, show_id, left, y + leading, leading, width))
            y += leading * len(subjects)
    for items in chain.from_iterable(words.lines(part, width, size) for part in (above, settings, below)):
        y += LEADING * size
        drawn.append(words.text(items, left, y, size, style.alert))
    joined = "".join(drawn)
    return (
        f'<g data-part="footer" fill="{style.text}" font-size="{size:g}">{joined}</g>',
        max(sheet.height, y + size),
    )
