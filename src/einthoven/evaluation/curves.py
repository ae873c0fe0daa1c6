"""The curves of `einthoven evaluate robustness` as one SVG: a small panel a disturbance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import FileError
from einthoven.evaluation.cells import Cell
from einthoven.evaluation.disturbances import KINDS, Kind
from einthoven.evaluation.table import Table
from einthoven.evaluation.tasks.robustness import UNDISTURBED
from einthoven.paper.style import FONT
from einthoven.paper.svg import clean

WAYS = {"head": ("#1b5e9b", "statement head"), "vote": ("#c2571a", "vote of 25 neighbours")}
TEXT, QUIET, GRID = "#1d2329", "#6a7078", "#e3e6ea"
ACROSS, HEAD, MARGIN = 3, 112, 16
PANEL_WIDTH, PANEL_HEIGHT = 272, 246
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 30, 62  # around the axes of a panel
CROWD = 8  # names beside each other are written small and slanting from here on
SHIFT = 3.5  # px by which the two ways stand apart, so that whiskers do not hide each other

Point = tuple[float, float]


@dataclass(frozen=True)
class _Scale:
    """From an AUC to px down from a panel's top, and the ticks between."""

    low: float
    high: float

    @property
    def ticks(self) -> list[float]:
        step = 0.05 if self.high - self.low <= 0.3 else 0.1
        return [round(step * n, 2) for n in range(round(self.low / step), round(self.high / step) + 1)]

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return TOP + (1 - share) * (PANEL_HEIGHT - TOP - BOTTOM)


def curves(table: Table, kinds: Sequence[Kind] = KINDS) -> str:
    """The text of an SVG file: AUC of head and vote over the strengths of each disturbance.

    Dashed lines are the undisturbed ECGs, whiskers the 95% intervals. Below each strength stands the share of the
    ECGs with a plain draft that no longer get one.

    Args:
        table: of `evaluate_robustness`.
        kinds: those that it was made with; one without a row is left out.
    """
    shown = [kind for kind in kinds if any(_key(kind, strength) in table.cells for strength in kind.disturbing)]
    together = _scale([cell for kind in shown if kind.ordered for cell in _cells(table, kind)])
    panels = []
    for place, kind in enumerate(shown):
        x, y = MARGIN + place % ACROSS * PANEL_WIDTH, HEAD + place // ACROSS * PANEL_HEIGHT
        scale = together if kind.ordered else _scale(_cells(table, kind))
        panels.append(f'<g transform="translate({x} {y})">\n{_panel(table, kind, scale)}\n</g>')
    width = 2 * MARGIN + ACROSS * PANEL_WIDTH
    height = HEAD + math.ceil(len(shown) / ACROSS) * PANEL_HEIGHT + MARGIN
    facts = table.facts
    said = (
        f"Macro-AUC over 5 superclasses on PTB-XL fold {facts['fold']}: {facts['ecgs']} ECGs of {facts['patients']} "
        f"patients, {facts['model']}. Whiskers: 95% patient bootstrap. Dashed: undisturbed.",
        f"Noticed: the share, in %, of the ECGs with a plain draft (of {facts['drafted_of_them']} that were drafted) "
        "that no longer get one.",
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="{FONT}" font-size="12" fill="{TEXT}" role="img" aria-label="What disturbances cost">\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="{MARGIN}" y="30" font-size="18" font-weight="600">What disturbances cost</text>\n'
        + "".join(
            f'<text x="{MARGIN}" y="{52 + 17 * n}" fill="{QUIET}">{clean(line, 200)}</text>\n'
            for n, line in enumerate(said)
        )
        + f"{_legend()}\n"
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def save_curves(table: Table, path: Path) -> None:
    """Writes the SVG.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.write_text(curves(table), encoding="utf-8")
    except OSError as fault:
        raise FileError(f"{path} cannot be written ({fault.strerror}).", "Name another file.") from None


def _panel(table: Table, kind: Kind, scale: _Scale) -> str:
    inner = PANEL_WIDTH - LEFT - RIGHT
    step = inner / len(kind.strengths)
    at = {strength: LEFT + (place + 0.5) * step for place, strength in enumerate(kind.strengths)}
    floor = PANEL_HEIGHT - BOTTOM
    parts = [f'<text x="{LEFT}" y="18" font-size="13" font-weight="600">{clean(kind.name)}</text>']
    for tick in scale.ticks:
        y = scale.y(tick)
        parts.append(f'<line x1="{LEFT}" x2="{LEFT + inner}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end" font-size="11">{tick:.2f}</text>')
    for strength, x in at.items():
        parts.append(_name(x, floor, strength, len(at) > CROWD))
        noticed = _cell(table, _key(kind, strength), "noticed")
        if noticed is not None:
            parts.append(_small(x, floor + 36, f"{100 * noticed.value:.0f}", "middle"))
    parts.append(_small(LEFT - 7, floor + 36, "noticed, %", "end"))
    for number, (way, (colour, _)) in enumerate(WAYS.items()):
        parts.append(_way(table, kind, scale, at, way, colour, (2 * number - 1) * SHIFT))
    return "\n".join(parts)


def _way(table: Table, kind: Kind, scale: _Scale, at: Mapping[str, float], way: str, colour: str, shift: float) -> str:
    level = _cell(table, UNDISTURBED, way)
    if level is None:
        return ""
    y = scale.y(level.value)
    inner = PANEL_WIDTH - RIGHT
    parts = [
        f'<line x1="{LEFT}" x2="{inner}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" stroke-dasharray="4 3" '
        'opacity=".6"/>'
    ]
    points: list[Point] = []
    for strength, x in at.items():
        row = UNDISTURBED if strength == kind.untouched else _key(kind, strength)
        cell = _cell(table, row, way)
        if cell is None:
            continue
        x += shift
        points.append((x, scale.y(cell.value)))
        ends = (scale.y(cell.low), scale.y(cell.high))
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{ends[0]:.1f}" y2="{ends[1]:.1f}" stroke="{colour}" '
            'stroke-width="1.2" opacity=".55"/>'
        )
    if kind.ordered:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
    parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return "\n".join(parts)


def _legend() -> str:
    parts, x = [], MARGIN
    for colour, name in WAYS.values():
        parts.append(f'<line x1="{x}" x2="{x + 26}" y1="91" y2="91" stroke="{colour}" stroke-width="1.8"/>')
        parts.append(f'<circle cx="{x + 13}" cy="91" r="3" fill="{colour}"/>')
        parts.append(f'<text x="{x + 33}" y="95">{name}</text>')
        x += 60 + 7 * len(name)
    return "\n".join(parts)


def _name(x: float, floor: float, strength: str, crowded: bool) -> str:
    """The name of a strength below its place."""
    if not crowded:
        return f'<text x="{x:.1f}" y="{floor + 18}" text-anchor="middle">{clean(strength)}</text>'
    place = f'x="{x + 4:.1f}" y="{floor + 11}" transform="rotate(-28 {x + 4:.1f} {floor + 11})"'
    return f'<text {place} text-anchor="end" font-size="8.5">{clean(strength)}</text>'


def _small(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-size="10" fill="{QUIET}">{words}</text>'


def _scale(cells: Sequence[Cell]) -> _Scale:
    """Whole twentieths around all intervals."""
    low, high = min(cell.low for cell in cells), max(cell.high for cell in cells)
    wide = high - low > 0.25
    step = 0.1 if wide else 0.05
    return _Scale(math.floor(low / step) * step, min(1.0, math.ceil(high / step) * step))


def _cells(table: Table, kind: Kind) -> list[Cell]:
    rows = [UNDISTURBED, *(_key(kind, strength) for strength in kind.disturbing)]
    return [cell for row in rows for way in WAYS if (cell := _cell(table, row, way)) is not None]


def _cell(table: Table, row: str, column: str) -> Cell | None:
    found = table.cells.get(row, {}).get(column)
    return found if isinstance(found, Cell) else None


def _key(kind: Kind, strength: str) -> str:
    return f"{kind.name}: {strength}"
