"""What drawing gives: the text of an SVG file, and which leads are not whole on its grid."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Partly:
    """Leads of one ECG that lie partly elsewhere: cut off at the page's edge, or on the page but beyond its grid.

    Among the `clipped` may be "calibration", its pulse.
    """

    clipped: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()


class Drawing(str):
    """The text of an SVG file; `partly` has one entry for each ECG in it."""

    partly: tuple[Partly, ...]

    def __new__(cls, svg: str, partly: Iterable[Partly] = ()) -> Drawing:
        """The text with what is to be known of it."""
        drawing = super().__new__(cls, svg)
        drawing.partly = tuple(partly)
        return drawing
