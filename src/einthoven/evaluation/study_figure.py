"""A study as one SVG: a line a row, its mean over seeds, and a bar from the lowest seed to the highest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from einthoven.ecg import FileError, UsageError
from einthoven.evaluation.study import Outcome, Seeds, Study
from einthoven.paper.style import FONT
from einthoven.paper.svg import clean

LEFT, WIDTH, TOP, LINE, BOTTOM, GAP = 240, 260, 76, 22, 40, 36
INK, QUIET, GRID, COLOUR = "#1d2329", "#6a7078", "#e3e6ea", "#1b5e9b"


def study_figure(study: Study, found: Sequence[Outcome]) -> str:
    """The text of an SVG file: a panel for each score that all rows have, from the results that are stored.

    The dashed line is the first row, with which the others are compared.

    Raises:
        UsageError: no run is finished.
    """
    if not found:
        raise UsageError("No run of this study is finished: there is nothing to draw.", "Run the study first.")
    names = [name for name in found[0].scores if all(name in one.scores for one in found)]
    panels = [(name, [one.scores[name] for one in found]) for name in names] + [("mean", [one.score for one in found])]
    width, height = LEFT + len(panels) * (WIDTH + GAP), TOP + len(found) * LINE + BOTTOM
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}" font-size="12" fill="{INK}" role="img" aria-label="Study">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="28" font-size="15" font-weight="600">{clean(study.title, 110)}</text>',
    ]
    for place, one in enumerate(found):
        said = clean(one.row, 34) + (f" ({one.runs})" if one.runs != len(study.seeds) else "")
        lines.append(f'<text x="{LEFT - 12}" y="{_y(place) + 4}" text-anchor="end">{said}</text>')
    for panel, (name, values) in enumerate(panels):
        at = LEFT + panel * (WIDTH + GAP)
        low, high = _range(values)

        def x(value: float, at: int = at, low: float = low, high: float = high) -> float:
            return at + (value - low) / (high - low) * WIDTH

        end = _y(len(found) - 1) + LINE / 2
        lines.append(f'<text x="{at + WIDTH / 2}" y="{TOP - 18}" text-anchor="middle">{clean(name, 40)}</text>')
        for tick in (low, (low + high) / 2, high):
            lines += [
                f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{TOP - 8}" y2="{end}" stroke="{GRID}"/>',
                f'<text x="{x(tick):.1f}" y="{end + 16}" text-anchor="middle" font-size="11" fill="{QUIET}">'
                f"{tick:.3f}</text>",
            ]
        first = f"{x(values[0].value):.1f}"
        lines.append(
            f'<line x1="{first}" x2="{first}" y1="{TOP - 8}" y2="{end}" stroke="{QUIET}" stroke-dasharray="4 3"/>'
        )
        for place, value in enumerate(values):
            y = _y(place)
            lines += [
                f'<line x1="{x(value.low):.1f}" x2="{x(value.high):.1f}" y1="{y}" y2="{y}" stroke="{COLOUR}"/>',
                f'<circle cx="{x(value.value):.1f}" cy="{y}" r="3.5" fill="{COLOUR}"/>',
            ]
    return "\n".join([*lines, "</svg>\n"])


def save_study_figure(study: Study, found: Sequence[Outcome], path: Path) -> None:
    """Writes the SVG.

    Raises:
        UsageError: no run is finished. FileError: the file cannot be written.
    """
    drawing = study_figure(study, found)
    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as fault:
        raise FileError(f"{path} cannot be written ({fault.strerror}).", "Name another file.") from None


def _range(values: Sequence[Seeds]) -> tuple[float, float]:
    """Round ends that hold all values, at least .01 apart."""
    low, high = min(value.low for value in values), max(value.high for value in values)
    step = max(10 ** math.floor(math.log10(max(high - low, 0.01))), 0.01)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return (low, high) if high > low else (low, low + step)


def _y(place: int) -> float:
    return TOP + place * LINE + LINE / 2
