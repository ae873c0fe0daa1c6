"""Small tools on a beat: smoothing, slopes over all leads together, and where a course becomes quiet."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Floats, Signal


def smooth(rows: Signal, width: int) -> Floats:
    """(..., samples) smoothed with a triangle of twice `width` samples; ends are held.

    >>> smooth(np.array([[0, 0, 0, 9, 0, 0, 0]]), 3)[0].tolist()
    [0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0]
    """
    ends = (*rows.shape[:-1], width)
    padded = np.concatenate(
        [np.broadcast_to(rows[..., :1], ends), rows, np.broadcast_to(rows[..., -1:], ends)], axis=-1, dtype=np.float64
    )
    for _ in range(2):
        total = np.cumsum(padded, axis=-1)
        total[..., width:] -= total[..., :-width].copy()
        padded = total[..., width - 1 :] / width
    return padded[..., 1:-1]


def together(rows: Floats, weights: Floats) -> Floats:
    """(samples,) root mean square over the leads, (leads, samples) with weights (leads,)."""
    square = np.square(weights)
    course: Floats = np.sqrt(square @ np.square(rows) / square.sum())
    return course


def quiet_before(course: Floats, start: int, level: float, samples: int, first: int) -> int:
    """The latest sample up to `start` at which `course` has been below `level` for so many samples; else `first`."""
    at = start
    while at > first and not (course[max(at - samples, 0) : at + 1] < level).all():
        at -= 1
    return at


def quiet_after(course: Floats, start: int, level: float, samples: int, last: int) -> int:
    """The earliest sample from `start` on from which `course` stays below `level` so long; else `last`."""
    at = start
    while at < last and not (course[at : at + samples + 1] < level).all():
        at += 1
    return at
