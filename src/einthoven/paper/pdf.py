"""A drawing as PDF: vectors, in true size, with its font inside."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from einthoven.ecg import UsageError
from einthoven.paper.fonts import BOLD, REGULAR, font_files
from einthoven.paper.png import size_of

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

POINT = 72 / 25.4
"""PDF's points in a millimetre."""
_TOKEN = re.compile(r"[A-Za-z]|-?(?:\d+\.?\d*|\.\d+)")
_CAPS = {"butt": 0, "round": 1, "square": 2}
_FILLED, _OUTLINED = 0, 1  # PDF's text rendering modes
_INHERITED = {
    *("fill", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray"),
    *("font-size", "font-weight", "text-anchor", "paint-order"),
}

Look = dict[str, str]


def to_pdf(svg: str) -> bytes:
    """A drawing of this package as a PDF file of one page, as large as the drawing says.

    The same drawing gives the same bytes. Letters that the font (Vera: Latin) lacks are boxes.

    Args:
        svg: what `draw`, `strip` or `draw_beats` returned.

    Raises:
        MissingPackageError: reportlab is not installed.
        UsageError: another SVG, with shapes that these drawings do not have.
    """
    font_files()
    from reportlab.pdfgen.canvas import Canvas

    width, height = size_of(svg)
    file = BytesIO()
    size = (width * POINT, height * POINT)
    canvas = Canvas(file, pagesize=size, pageCompression=1, invariant=1, initialFontName=REGULAR)
    canvas.setTitle("ECG")
    canvas.scale(POINT, POINT)  # from here on all is in millimetres, y upwards
    for element, look in _elements(ET.fromstring(svg), {}):
        if element.tag.endswith("}path"):
            _path(canvas, element, look, height)
        else:
            _text(canvas, element, look, height)
    canvas.save()
    return file.getvalue()


def _elements(element: ET.Element, outer: Look) -> Iterator[tuple[ET.Element, Look]]:
    """Paths and texts in the order of drawing, each with what it inherits."""
    look = _look(element, outer)
    kind = element.tag.rpartition("}")[2]
    if kind in ("path", "text"):
        yield element, look
    elif kind in ("svg", "g"):
        for child in element:
            yield from _elements(child, look)
    else:
        raise UsageError(f"An SVG with <{kind}> is no drawing of an ECG.", "Pass what draw returned.")


def _look(element: ET.Element, outer: Look) -> Look:
    return outer | {name: value for name, value in element.attrib.items() if name in _INHERITED}


def _pen(canvas: Canvas, look: Look) -> None:
    canvas.setStrokeColor(look["stroke"])
    canvas.setLineWidth(float(look["stroke-width"]))
    canvas.setLineCap(_CAPS[look.get("stroke-linecap", "butt")])
    canvas.setLineJoin(1 if look.get("stroke-linejoin") == "round" else 0)
    canvas.setDash([float(length) for length in look.get("stroke-dasharray", "").split()])


def _path(canvas: Canvas, element: ET.Element, look: Look, height: float) -> None:
    stroked, filled = look.get("stroke", "none") != "none", look.get("fill", "#000000") != "none"
    if stroked:
        _pen(canvas, look)
    if filled:
        canvas.setFillColor(look.get("fill", "#000000"))
    path = canvas.beginPath()
    x = y = 0.0
    tokens = iter(_TOKEN.findall(element.get("d", "")))
    command = ""
    for token in tokens:
        if token.isalpha():
            command, number = token, ""
        else:
            number = token
        if command == "z":
            path.close()
            continue
        number = number or next(tokens)
        if command == "M":
            x, y = float(number), float(next(tokens))
            path.moveTo(x, height - y)
            continue
        if command == "l":
            x, y = x + float(number), y + float(next(tokens))
        elif command == "h":
            x += float(number)
        elif command == "v":
            y += float(number)
        else:
            raise UsageError(f"A path with '{command}' is of no drawing of an ECG.", "Pass what draw returned.")
        path.lineTo(x, height - y)
    canvas.drawPath(path, stroke=int(stroked), fill=int(filled))


def _text(canvas: Canvas, element: ET.Element, look: Look, height: float) -> None:
    """A line of text: all its outlines, where it has any, below all its letters."""
    runs = list(_runs(element, look))
    width = sum(gap + canvas.stringWidth(words, *_font(each)) for words, gap, each in runs)
    left = float(element.get("x", "0")) - width * {"end": 1.0, "middle": 0.5}.get(look.get("text-anchor", ""), 0.0)
    y = height - float(element.get("y", "0"))
    if look.get("paint-order") == "stroke" and look.get("stroke", "none") != "none":
        canvas.saveState()  # a rendering mode would outlast its text
        _pen(canvas, look)
        _line(canvas, runs, left, y, _OUTLINED)
        canvas.restoreState()
    _line(canvas, runs, left, y, _FILLED)


def _line(canvas: Canvas, runs: Sequence[tuple[str, float, Look]], x: float, y: float, mode: int) -> None:
    for words, gap, look in runs:
        x += gap
        line = canvas.beginText(x, y)
        line.setTextRenderMode(mode)
        line.setFont(*_font(look))
        line.setFillColor(look["fill"])
        line.textOut(words)
        canvas.drawText(line)
        x += canvas.stringWidth(words, *_font(look))


def _runs(element: ET.Element, look: Look) -> Iterator[tuple[str, float, Look]]:
    """Pieces of a line: words, the gap before them in mm, how they look."""
    if element.text:
        yield element.text, 0.0, look
    for child in element:
        if child.text:
            yield child.text, float(child.get("dx", "0")), _look(child, look)
        if child.tail:
            yield child.tail, 0.0, look


def _font(look: Look) -> tuple[str, Any]:
    return BOLD if int(look.get("font-weight", "400")) >= 600 else REGULAR, float(look["font-size"])
