"""Which lead stands where, and when: layouts as rows of one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from einthoven.ecg import LEADS, UsageError, canonical

LONGEST_S = 600.0


@dataclass(frozen=True)
class Cell:
    """One stretch of one lead: `row` counts from the top; `at` is seconds from the left of the traces.

    `start` and `stop` are seconds of the recording; `sign` is -1 for an inverted lead (Cabrera's -aVR).
    """

    lead: str
    sign: int
    row: int
    at: float
    start: float
    stop: float

    @property
    def name(self) -> str:
        """The lead as a label shows it, with a true minus sign where it is inverted."""
        return f"−{self.lead}" if self.sign < 0 else self.lead


@dataclass(frozen=True)
class Layout:
    """An arrangement of leads on the paper.

    Args:
        columns: lead names of each column, top to bottom; "-aVR" is the inverted lead.
        column_seconds: how long one column lasts.
        rhythm: leads below the columns, each as long as all columns together.
        above: millimetres of grid above the first baseline.
        pitch: millimetres from one baseline to the next.
        below: millimetres of grid below the last baseline.
        sequential: each column goes on in time where the one before it ended (as on
            an electrocardiograph); False starts every column at 0 s.

    Raises:
        UsageError: no lead at all, a name that is none of the 12, a column of 0 or more than
            600 s, or a size that is not positive.
    """

    columns: tuple[tuple[str, ...], ...]
    column_seconds: float
    rhythm: tuple[str, ...] = ()
    above: float = 30
    pitch: float = 40
    below: float = 25
    sequential: bool = True

    def __post_init__(self) -> None:
        names = [name for column in self.columns for name in column] + list(self.rhythm)
        if not names:
            raise UsageError("A layout holds at least one lead.", "Name the leads of its columns.")
        for name in names:
            _signed(name)
        if not 0 < self.column_seconds <= LONGEST_S:
            raise UsageError(
                f"A column cannot last {self.column_seconds} s.",
                f"Use more than 0 and at most {LONGEST_S:g} s.",
            )
        if not min(self.above, self.pitch, self.below) > 0:
            raise UsageError("A layout's millimetres are positive.", "Correct above, pitch and below.")

    @property
    def rows(self) -> int:
        """Rows of traces, rhythm leads included."""
        return max((len(column) for column in self.columns), default=0) + len(self.rhythm)

    @property
    def seconds(self) -> float:
        """Seconds from the left to the right end of the traces."""
        return max(1, len(self.columns)) * self.column_seconds

    @property
    def shown_seconds(self) -> float:
        """How much of a recording is shown: less than `seconds` where all columns are of one time."""
        return self.seconds if self.sequential or self.rhythm else self.column_seconds

    @property
    def height(self) -> float:
        """Height of the grid in millimetres."""
        return self.above + (self.rows - 1) * self.pitch + self.below

    def cells(self) -> Iterator[Cell]:
        """Every stretch of trace, column by column, then the rhythm leads."""
        for number, column in enumerate(self.columns):
            at = number * self.column_seconds
            start = at if self.sequential else 0.0
            for row, name in enumerate(column):
                yield _cell(name, row, at, start, start + self.column_seconds)
        for row, name in enumerate(self.rhythm, start=self.rows - len(self.rhythm)):
            yield _cell(name, row, 0.0, 0.0, self.seconds)


def _cell(name: str, row: int, at: float, start: float, stop: float) -> Cell:
    lead, sign = _signed(name)
    return Cell(lead, sign, row, at, start, stop)


def _signed(name: str) -> tuple[str, int]:
    lead = canonical(name.removeprefix("-"))
    if lead is None:
        raise UsageError(
            f"A layout cannot hold {name!r}.",
            f"Use {', '.join(LEADS)}, with a minus sign for an inverted lead.",
        )
    return lead, -1 if name.startswith("-") else 1


_THREE_BY_FOUR = (LEADS[0:3], LEADS[3:6], LEADS[6:9], LEADS[9:12])

# Every grid is 175 mm high, which with header and footer fills A4 across at 25 mm/s. On 12x1
# tall precordial leads run into each other at 10 mm/mV, as they do on paper; 5 mm/mV parts them.
LAYOUTS = {
    "3x4+1": Layout(_THREE_BY_FOUR, 2.5, rhythm=("II",)),
    "3x4+3": Layout(_THREE_BY_FOUR, 2.5, rhythm=("II", "V1", "V5"), above=25, pitch=25, below=25),
    "3x4": Layout(_THREE_BY_FOUR, 2.5, above=35, pitch=50, below=40),
    "6x2": Layout((LEADS[:6], LEADS[6:]), 5.0, above=25, pitch=25, below=25),
    "cabrera": Layout((("aVL", "I", "-aVR", "II", "aVF", "III"), LEADS[6:]), 5.0, above=25, pitch=25, below=25),
    "12x1": Layout((LEADS,), 10.0, above=13, pitch=14, below=8),
}


def find(layout: str | Layout) -> Layout:
    """The layout of that name.

    >>> find("3x4+1").seconds, find("3x4+1").rows, find("12x1").rows
    (10.0, 4, 12)
    """
    if isinstance(layout, Layout):
        return layout
    if layout.lower() not in LAYOUTS:
        raise UsageError(f"There is no layout {layout!r}.", f"Use one of {', '.join(LAYOUTS)}.")
    return LAYOUTS[layout.lower()]
