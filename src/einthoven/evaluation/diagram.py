"""A reliability diagram as one SVG: predicted against observed, with the interval of what was observed."""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg import UsageError
from einthoven.evaluation.cells import Cell
from einthoven.evaluation.classified import RELIABILITY
from einthoven.evaluation.table import Table
from einthoven.paper.style import FONT
from einthoven.paper.svg import clean

SIZE, LEFT, TOP, RIGHT, BOTTOM = 360, 56, 72, 20, 52
INK, QUIET, GRID, COLOUR = "#1d2329", "#6a7078", "#e3e6ea", "#1b5e9b"
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability_diagram(table: Table) -> str:
    """The text of an SVG file: a point for each bin of the table's reliability part, whiskers its 95% interval.

    On the dashed line probabilities mean what they say.

    Raises:
        UsageError: the table has no such part: its scores are no probabilities.
    """
    part = next((part for part in table.parts if part.title.startswith(RELIABILITY)), None)
    if part is None:
        raise UsageError("These scores are no probabilities: there is no reliability to draw.", "Leave out the plot.")
    width, height = LEFT + SIZE + RIGHT, TOP + SIZE + BOTTOM
    said = f"{table.facts.get('dataset', '')}, {table.facts.get('test', '')}; {table.facts.get('model', '')}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}" font-size="12" fill="{INK}" role="img" aria-label="Reliability diagram">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="15" font-weight="600">{clean(part.title, 80)}</text>',
        f'<text x="16" y="48" font-size="11" fill="{QUIET}">{clean(said, 90)}</text>',
    ]
    for tick in TICKS:
        x, y = _x(tick), _y(tick)
        lines += [
            f'<line x1="{LEFT}" x2="{LEFT + SIZE}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" font-size="11">{tick:.1f}</text>',
            f'<text x="{x:.1f}" y="{TOP + SIZE + 18}" text-anchor="middle" font-size="11">{tick:.1f}</text>',
        ]
    lines += [
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="{QUIET}" stroke-dasharray="4 3"/>',
        f'<text x="{LEFT + SIZE / 2}" y="{TOP + SIZE + 40}" text-anchor="middle">mean predicted</text>',
        f'<text x="18" y="{TOP + SIZE / 2}" text-anchor="middle" '
        f'transform="rotate(-90 18 {TOP + SIZE / 2})">observed</text>',
    ]
    points = []
    for row in part.cells.values():
        predicted, observed = row["mean predicted"], row["observed"]
        assert isinstance(predicted, float) and isinstance(observed, Cell | float)
        value = observed.value if isinstance(observed, Cell) else observed
        x = _x(predicted)
        points.append((x, _y(value)))
        if isinstance(observed, Cell):
            low, high = _y(observed.low), _y(observed.high)
            lines.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}" stroke="{COLOUR}"/>')
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    lines.append(f'<polyline points="{way}" fill="none" stroke="{COLOUR}" stroke-width="1.6"/>')
    lines += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOUR}"/>' for x, y in points]
    return "\n".join([*lines, "</svg>\n"])


def save_diagram(table: Table, path: Path) -> None:
    """Writes the SVG.

    Raises:
        UsageError: the table has no reliability, or the file cannot be written.
    """
    drawing = reliability_diagram(table)
    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"{path} cannot be written ({fault.strerror}).", "Name another file.") from None


def _x(share: float) -> float:
    return LEFT + share * SIZE


def _y(share: float) -> float:
    return TOP + (1 - share) * SIZE
