"""From samples to an SVG path: gaps, the page's edge, 0.01 mm steps, no needless points."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from einthoven.paper.svg import hundredths

TOLERANCE = 0.01
"""Millimetres by which a path may differ from its samples."""

Millimetres = NDArray[np.float64]


def path(x: Millimetres, y: Millimetres, top: float, bottom: float) -> tuple[str, bool]:
    """The path through points, and whether any of it lay beyond the page.

    A NaN in `y` breaks the path. What lies above `top` or below `bottom` is cut off where
    the line crosses the edge, so that the part on the page keeps its slope. Every point on
    the page is within `TOLERANCE` of the drawn line.

    Args:
        x: (points,) mm, ascending.
        y: (points,) mm, downwards.
        top: the smallest y on the page.
        bottom: the largest y on the page.

    Returns:
        The `d` of a path (empty when there is nothing to draw), and True if it was cut.

    >>> path(np.array([0.0, 1.0, 2.0, 3.0]), np.array([5.0, 5.0, 4.0, np.nan]), 0, 10)
    ('M0 5l1 0 1-1', False)
    >>> path(np.array([0.0, 1.0, 2.0]), np.array([5.0, -5.0, 5.0]), 0, 10)
    ('M0 5l.5-5M1.5 0l.5 5', True)
    """
    with np.errstate(invalid="ignore"):
        beyond = (y < top) | (y > bottom)
    cut = bool(beyond.any())
    if cut:
        for edge in (top, bottom):
            x, y = _with_crossings(x, y, edge)
        y = np.where((y < top) | (y > bottom), np.nan, y)
    finite = np.isfinite(y)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], finite, [False]])))
    pieces = [_polyline(x[a:b], y[a:b]) for a, b in zip(ends[::2], ends[1::2], strict=True)]
    return "".join(pieces), cut


def _with_crossings(x: Millimetres, y: Millimetres, edge: float) -> tuple[Millimetres, Millimetres]:
    """The same line with a point wherever it crosses `edge`."""
    before, after = y[:-1] - edge, y[1:] - edge
    where = np.flatnonzero(((before < 0) & (after > 0)) | ((before > 0) & (after < 0)))
    share = before[where] / (before[where] - after[where])
    crossing = x[where] + share * (x[where + 1] - x[where])
    return np.insert(x, where + 1, crossing), np.insert(y, where + 1, edge)


def _polyline(x: Millimetres, y: Millimetres) -> str:
    across = np.rint(x * 100).astype(np.int64)
    down = np.rint(y * 100).astype(np.int64)
    kept = needed(x, y, across / 100, down / 100)
    across, down = across[kept], down[kept]
    steps = ((dx, dy) for dx, dy in zip(np.diff(across).tolist(), np.diff(down).tolist(), strict=True))
    # A lone sample is a dot: a step of no length under a round line cap.
    drawn = _joined([hundredths(step) for pair in steps if pair != (0, 0) for step in pair]) or "0 0"
    return f"M{hundredths(int(across[0]))} {hundredths(int(down[0]))}l{drawn}"


def _joined(numbers: list[str]) -> str:
    """Numbers with a space only where SVG needs one: not before a sign, not between two fractions."""
    pieces = numbers[:1]
    for before, number in pairwise(numbers):
        if number[0] == "-" or (number[0] == "." and "." in before):
            pieces.append(number)
        else:
            pieces.append(" " + number)
    return "".join(pieces)


def needed(x: Millimetres, y: Millimetres, across: Millimetres, down: Millimetres) -> NDArray[np.bool_]:
    """Which points a line needs so that all stay within `TOLERANCE` of it.

    Each round looks at every second point that is left, first the odd then the even ones,
    and drops it where all samples between its two neighbours lie near the straight line
    between these. It ends when two rounds have dropped fewer than one point in twenty.
    Not the fewest points possible, but fast in numpy, which a recursion is not.

    Args:
        x, y: (points,) mm, exact; y finite.
        across, down: (points,) mm, rounded as they will be drawn.

    Returns:
        (points,) True for the points to draw; the first and the last always.
    """
    left = np.arange(len(x))
    parity = idle = 0
    while idle < 2:
        ends = left[parity::2]
        start, stop = ends[:-1], ends[1:]
        count = stop - start
        width = across[stop] - across[start]
        if not len(width):
            break
        slope = np.divide(down[stop] - down[start], width, out=np.zeros_like(width), where=width > 0)
        samples = slice(ends[0], ends[-1])
        left_end, right_end = np.repeat(across[start], count), np.repeat(across[stop], count)
        inside = np.clip(x[samples], left_end, right_end)  # rounding may leave a sample beyond the ends of its line
        line = np.repeat(down[start], count) + np.repeat(slope, count) * (inside - left_end)
        far = np.hypot(line - y[samples], inside - x[samples])
        far[start - ends[0]] = 0  # drawn, so only off by rounding; counting it would keep more points
        straight = np.maximum.reduceat(far, start - ends[0]) <= TOLERANCE
        dropped = parity + 1 + 2 * np.flatnonzero(straight)
        idle = idle + 1 if len(dropped) < len(left) / 20 else 0
        left = np.delete(left, dropped)
        parity = 1 - parity
    kept = np.zeros(len(x), np.bool_)
    kept[left] = True
    return kept
