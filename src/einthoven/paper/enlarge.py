"""A drawing on a larger page, with more beside it."""

from __future__ import annotations

from einthoven.ecg import UsageError
from einthoven.paper.drawing import Drawing
from einthoven.paper.png import size_of
from einthoven.paper.style import FONT, STYLES
from einthoven.paper.svg import mm


def enlarge(drawing: Drawing, more: str, width: float, height: float) -> Drawing:
    """The same drawing at the top left of a page of other sizes, in millimetres; 1 user unit stays 1 mm.

    Args:
        drawing: what `draw` returned.
        more: SVG paths, texts and groups of them, in millimetres of the new page, already harmless.

    Raises:
        UsageError: the page is smaller than the drawing.
    """
    least = size_of(drawing)
    if width < least[0] or height < least[1]:
        raise UsageError(
            f"A page of {width:g} x {height:g} mm is smaller than the drawing of {least[0]:g} x {least[1]:g} mm.",
            "Choose a larger one.",
        )
    inner = drawing[drawing.index(">") + 1 : -len("</svg>")]
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{mm(width)}mm" height="{mm(height)}mm" '
        f'viewBox="0 0 {mm(width)} {mm(height)}" role="img" aria-label="ECG" font-family="{FONT}">'
        f'<path data-part="page" fill="{STYLES["colour"].paper}" d="M0 0h{mm(width)}v{mm(height)}h-{mm(width)}z"/>'
        f"{inner}{more}</svg>",
        drawing.partly,
    )
