"""The curves of a training run as one SVG: a small panel for each number of its `metrics.jsonl`, over epochs."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from einthoven.ecg import FileError
from einthoven.paper.style import FONT
from einthoven.paper.svg import clean

FILE = "curves.svg"
INK, QUIET, GRID, COLOUR = "#1d2329", "#6a7078", "#e3e6ea", "#1b5e9b"
ACROSS, WIDTH, HEIGHT, HEAD, MARGIN = 3, 250, 170, 64, 16
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 30, 26  # around the axes of a panel
APART = ("epoch", "seconds")

Point = tuple[float, float]


def training_curves(lines: Sequence[Mapping[str, float]], name: str) -> str:
    """The text of an SVG file.

    Args:
        lines: one an epoch: `epoch`, and numbers by name; a number may be lacking in some.
        name: what was trained.
    """
    names = list(dict.fromkeys(key for line in lines for key in line if key not in APART))
    rows = math.ceil(len(names) / ACROSS)
    width, height = 2 * MARGIN + ACROSS * WIDTH, HEAD + rows * HEIGHT + MARGIN
    minutes = lines[-1].get("seconds", 0.0) / 60 if lines else 0.0
    panels = []
    for place, key in enumerate(names):
        x, y = MARGIN + WIDTH * (place % ACROSS), HEAD + HEIGHT * (place // ACROSS)
        points = [(line.get("epoch", at + 1.0), line[key]) for at, line in enumerate(lines) if key in line]
        panels.append(f'<g transform="translate({x} {y})">\n{_panel(key, points)}\n</g>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}" font-size="11" fill="{INK}" role="img" aria-label="Training curves">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="{MARGIN}" y="26" font-size="15" font-weight="600">{clean(name, 80)}</text>\n'
        f'<text x="{MARGIN}" y="46" fill="{QUIET}">{len(lines)} epochs, {minutes:.0f} minutes. Losses are means of an '
        "epoch; all else was measured on the choosing ECGs.</text>\n" + "\n".join(panels) + "\n</svg>\n"
    )


def save_training_curves(out: Path) -> Path:
    """Draws a run's `metrics.jsonl` into `curves.svg` beside it.

    Raises:
        FileError: the file cannot be read or written.
    """
    try:
        text = (out / "metrics.jsonl").read_text(encoding="utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        (out / FILE).write_text(training_curves(lines, out.name), encoding="utf-8")
    except (OSError, ValueError) as fault:
        raise FileError(f"The curves of {out} cannot be drawn ({fault}).", "Look at its metrics.jsonl.") from None
    return out / FILE


def _panel(key: str, points: Sequence[Point]) -> str:
    low, high = min(y for _, y in points), max(y for _, y in points)
    room = (high - low) * 0.08 or max(abs(high), 1e-6) * 0.05
    low, high = low - room, high + room
    first, last = points[0][0], points[-1][0]
    floor, inner = HEIGHT - BOTTOM, WIDTH - LEFT - RIGHT

    def at(point: Point) -> Point:
        across = (point[0] - first) / (last - first) if last > first else 0.5
        return LEFT + across * inner, floor - (point[1] - low) / (high - low) * (floor - TOP)

    parts = [f'<text x="{LEFT}" y="18" font-size="12" font-weight="600">{clean(key.replace("_", " "), 40)}</text>']
    for value in (low + room, (low + high) / 2, high - room):
        y = at((first, value))[1]
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + inner}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{QUIET}">{value:.3g}</text>')
    for epoch in sorted({first, last}):
        x = at((epoch, low))[0]
        parts.append(f'<text x="{x:.1f}" y="{floor + 17}" text-anchor="middle" fill="{QUIET}">{epoch:g}</text>')
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, points))
    parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOUR}" stroke-width="1.6"/>')
    x, y = at(points[-1])
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.6" fill="{COLOUR}"/>')
    return "\n".join(parts)
