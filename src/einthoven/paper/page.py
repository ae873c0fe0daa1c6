"""The geometry of a page, in millimetres."""

from __future__ import annotations

import math
from dataclasses import dataclass

from einthoven.ecg import UsageError
from einthoven.paper.layout import Layout

SPEEDS = (5.0, 200.0)
GAINS = (1.0, 50.0)
PULSE_MV = 1.0
PULSE_S = 0.2
BIG_SQUARE = 5
NARROWEST = 200.0
"""Least width of the grid below a header, whose words need it."""
A4 = (297.0, 210.0)
"""Width and height of A4 across, in millimetres."""


@dataclass(frozen=True)
class Page:
    """Sizes around and on the grid, all in millimetres.

    The defaults give A4 across (297 x 210) with every built-in layout at 25 mm/s.
    """

    margin: float = 13.5
    """White paper left and right of the grid."""
    header: float = 20.0
    """Height of the band above the grid that holds the header."""
    bare: float = 5.0
    """Height of that band when there is no header."""
    footer: float = 15.0
    """Height of the band below the grid."""
    shoulder: float = 5.0
    """Grid before and after the calibration pulse."""
    tail: float = 5.0
    """Grid after the last sample."""
    text: float = 3.0
    """Font size of header and footer."""
    heading: float = 4.4
    """Font size of the first header line."""
    label: float = 3.6
    """Font size of lead labels."""
    trace: float = 0.3
    """Stroke of traces and calibration pulses."""
    fine: float = 0.09
    """Stroke of the 1 mm lines."""
    bold: float = 0.16
    """Stroke of the 5 mm lines."""


@dataclass(frozen=True)
class Sheet:
    """One page for one layout at one speed and gain: where everything lies, in millimetres.

    The origin is the top left corner of the page, y points down.

    Raises:
        UsageError: a speed outside 5-200 mm/s or a gain outside 1-50 mm/mV.
    """

    layout: Layout
    speed: float
    gain: float
    header: bool
    page: Page = Page()

    def __post_init__(self) -> None:
        for name, value, (least, most), unit in (
            ("speed", self.speed, SPEEDS, "mm/s"),
            ("gain", self.gain, GAINS, "mm/mV"),
        ):
            if not least <= value <= most:  # also refuses NaN
                raise UsageError(
                    f"A {name} of {value} {unit} is not drawn.",
                    f"Use {least:g} to {most:g} {unit}; usual are 25 or 50 mm/s and 5, 10 or 20 mm/mV.",
                )

    @property
    def left(self) -> float:
        """x of the left edge of the grid."""
        return self.page.margin

    @property
    def top(self) -> float:
        """y of the upper edge of the grid."""
        return self.page.header if self.header else self.page.bare

    @property
    def pulse_left(self) -> float:
        """x of the rising edge of the calibration pulses."""
        return self.left + self.page.shoulder

    @property
    def trace_left(self) -> float:
        """x of time 0: on a 5 mm line, behind the calibration pulse."""
        pulse = math.ceil(PULSE_S * self.speed / BIG_SQUARE) * BIG_SQUARE
        return self.pulse_left + pulse + self.page.shoulder

    @property
    def grid_width(self) -> float:
        """Width of the grid: whole big squares, so that it ends with a dark line."""
        traces = self.trace_left - self.left + self.layout.seconds * self.speed + self.page.tail
        least = max(traces, NARROWEST) if self.header else traces
        return math.ceil(round(least / BIG_SQUARE, 6)) * BIG_SQUARE

    @property
    def width(self) -> float:
        """Width of the page."""
        return self.grid_width + 2 * self.page.margin

    @property
    def grid_height(self) -> float:
        """Height of the grid."""
        return self.layout.height

    @property
    def height(self) -> float:
        """Height of the page as planned: where traces are cut off. A long footer makes it larger."""
        return self.top + self.grid_height + self.page.footer

    def baseline(self, row: int) -> float:
        """y of 0 mV in a row."""
        return self.top + self.layout.above + row * self.layout.pitch

    def x(self, seconds: float) -> float:
        """x of a time, in seconds from the left end of the traces."""
        return self.trace_left + seconds * self.speed
