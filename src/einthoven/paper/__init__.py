"""Floor 2: an ECG on millimetre paper, as SVG in exact millimetres."""

from einthoven.paper.draw import draw, strip
from einthoven.paper.layout import LAYOUTS, Layout
from einthoven.paper.page import Page

__all__ = ["LAYOUTS", "Layout", "Page", "draw", "strip"]
