"""The traces of a sheet: each cell's samples as a path, and what has to be said about it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import ECG, LEADS
from einthoven.paper.layout import Cell
from einthoven.paper.page import Sheet
from einthoven.paper.polyline import Millimetres, path

ROOM = 0.9
"""Share of a row that the largest lead of an uncalibrated ECG fills."""


@dataclass(frozen=True)
class Subject:
    """An ECG on a sheet: what a legend calls it, and the second of the recording at the left end of its traces.

    `begin` is negative where the paper begins before the recording.
    """

    ecg: ECG
    name: str = ""
    begin: float = 0.0


@dataclass(frozen=True)
class Scale:
    """Millimetres for one unit of the signal, and the value of each lead (12,) that lies on the baseline."""

    per_unit: float
    zero: Millimetres


@dataclass(frozen=True, eq=False)
class Trace:
    """One cell as drawn: `d` is its path, empty where there is no signal.

    `x` and `y` (points,) are its samples in mm. `cut`: some of it lay beyond the page.
    `beyond`: some of it lies beyond the grid, on the page or not. `gaps`: some of its samples are NaN.
    """

    cell: Cell
    d: str
    x: Millimetres
    y: Millimetres
    cut: bool = False
    beyond: bool = False
    gaps: bool = False


def find_scale(ecg: ECG, sheet: Sheet) -> Scale:
    """The gain as asked; for an uncalibrated ECG one arbitrary scale for all leads.

    Unscaled units may stand on any offset, so an uncalibrated lead is centred on its median.
    """
    zero = np.zeros(len(LEADS))
    if ecg.calibrated:
        return Scale(sheet.gain, zero)
    largest = 0.0
    for row, lead in enumerate(LEADS):
        if lead not in ecg.missing:
            low, zero[row], high = np.nanpercentile(ecg.signal[row].astype(np.float64), [0.1, 50, 99.9])
            largest = max(largest, float(high - low))
    return Scale(ROOM * sheet.layout.pitch / largest if largest > 0 else 0.0, zero)


def traces(subject: Subject, sheet: Sheet) -> list[Trace]:
    """The traces of an ECG, in the order of the layout's cells."""
    scale = find_scale(subject.ecg, sheet)
    return [_trace(subject, cell, sheet, scale) for cell in sheet.layout.cells()]


def _trace(subject: Subject, cell: Cell, sheet: Sheet, scale: Scale) -> Trace:
    """The path of one cell, in millimetres of the page.

    The samples at both ends of the cell are drawn, so that it reaches its separators. A
    recording that ends earlier leaves the rest of the cell empty.
    """
    ecg = subject.ecg
    row = LEADS.index(cell.lead)
    start, stop = cell.start + subject.begin, cell.stop + subject.begin
    first = max(0, math.ceil(round(start * ecg.rate, 6)))
    last = math.floor(round(stop * ecg.rate, 6))
    samples = ecg.signal[row, first : max(0, last + 1)].astype(np.float64)
    if not len(samples) or cell.lead in ecg.missing:
        return Trace(cell, "", np.zeros(0), np.zeros(0))
    seconds = np.arange(first, first + len(samples)) / ecg.rate - start + cell.at
    x = sheet.trace_left + seconds * sheet.speed
    y = sheet.baseline(cell.row) - cell.sign * (samples - scale.zero[row]) * scale.per_unit
    d, cut = path(x, y, 0.0, sheet.height)
    with np.errstate(invalid="ignore"):
        beyond = bool(((y < sheet.top) | (y > sheet.top + sheet.grid_height)).any())
    return Trace(cell, d, x, y, cut, beyond, gaps=bool(np.isnan(samples).any()))
