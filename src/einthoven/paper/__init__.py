"""Floor 2: an ECG on millimetre paper, as SVG, PDF or PNG in exact millimetres."""

from einthoven.paper.beats import Beat, draw_beats
from einthoven.paper.draw import COLUMNS, Columns, draw, strip
from einthoven.paper.drawing import Drawing
from einthoven.paper.enlarge import enlarge
from einthoven.paper.layout import LAYOUTS, Layout
from einthoven.paper.page import Page
from einthoven.paper.pdf import to_pdf
from einthoven.paper.png import to_png

__all__ = [
    "COLUMNS",
    "LAYOUTS",
    "Beat",
    "Columns",
    "Drawing",
    "Layout",
    "Page",
    "draw",
    "draw_beats",
    "enlarge",
    "strip",
    "to_pdf",
    "to_png",
]
