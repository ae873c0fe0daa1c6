"""Median beats, enlarged, with the points between which intervals were measured."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import ECG, LEADS, SignalError
from einthoven.paper import style as styles
from einthoven.paper import words
from einthoven.paper.drawing import Drawing
from einthoven.paper.layout import LAYOUTS, Layout
from einthoven.paper.marks import marks
from einthoven.paper.page import Page, Sheet
from einthoven.paper.picture import picture
from einthoven.paper.traces import Subject

COLUMN_S = 1.3
"""Seconds of a column, with which four fill A4 across at 50 mm/s; a longer beat makes the page wider."""
ROOMY = Page(margin=6, footer=20)
"""A4 across with four columns at 50 mm/s, and room for the lines of two beats below the grid."""
ORDER = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset")
INTERVALS = {
    "P": ("p_onset", "p_offset"),
    "PR": ("p_onset", "qrs_onset"),
    "QRS": ("qrs_onset", "qrs_offset"),
    "QT": ("qrs_onset", "t_offset"),
}


@dataclass(frozen=True, eq=False)
class Beat:
    """One beat of twelve leads, and where its waves begin and end.

    Args:
        signal: (12, samples), canonical leads, in the unit of the ECG; a missing lead is a row of NaN.
        rate: samples a second.
        r_peak: the sample, counted from 0, that two beats are laid over each other by; may be a fraction.
        p_onset, p_offset, qrs_onset, qrs_offset, t_offset: samples, counted from 0, of the points
            that hold for all leads; None where there is none.

    Raises:
        SignalError: not 12 leads, a rate that is not positive, a point outside the beat, or points
            in an order that no beat has.
    """

    signal: ArrayLike
    rate: float
    r_peak: float
    p_onset: float | None = None
    p_offset: float | None = None
    qrs_onset: float | None = None
    qrs_offset: float | None = None
    t_offset: float | None = None

    def __post_init__(self) -> None:
        shape = np.shape(self.signal)
        if len(shape) != 2 or shape[0] != len(LEADS) or not shape[1]:
            raise SignalError(
                f"A beat has shape (12, samples), not {shape}.", "Pass a row for each lead, NaN if missing."
            )
        if not 0 < self.rate < math.inf:
            raise SignalError(f"A rate of {self.rate} Hz is no beat's.", "Pass samples a second.")
        for name, point in {"r_peak": self.r_peak, **self.points}.items():
            if not 0 <= point <= shape[1] - 1:
                raise SignalError(f"{name} = {point} lies outside the beat.", f"Pass a sample of 0 to {shape[1] - 1}.")
        for (before, earlier), (after, later) in pairwise(self.points.items()):
            if earlier > later:
                raise SignalError(f"{before} = {earlier} comes after {after} = {later}.", "Pass them in order of time.")

    @property
    def points(self) -> dict[str, float]:
        """The points that are there, by name, in order of time."""
        found = {name: getattr(self, name) for name in ORDER}
        return {name: float(point) for name, point in found.items() if point is not None}

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """Start and stop of P, PR, QRS and QT in seconds from `r_peak`, as far as their points are there."""
        at = {name: (point - self.r_peak) / self.rate for name, point in self.points.items()}
        return {name: (at[start], at[stop]) for name, (start, stop) in INTERVALS.items() if start in at and stop in at}

    @property
    def reach(self) -> tuple[float, float]:
        """Seconds of the beat before and after `r_peak`."""
        return self.r_peak / self.rate, (np.shape(self.signal)[1] - 1 - self.r_peak) / self.rate


def draw_beats(
    ecg: ECG,
    beat: Beat,
    *,
    over: tuple[ECG, Beat] | None = None,
    names: tuple[str, str] = ("first", "second"),
    speed: float = 50,
    gain: float = 20,
    style: str = "colour",
    header: bool = True,
    show_id: bool = False,
    filter: str = "none",
    page: Page | None = None,
    warnings: Sequence[str] = (),
) -> Drawing:
    """The median beat of each lead, enlarged, with a line at each measured point, as the text of an SVG file.

    Args:
        ecg: what the beat is of: patient, time and device, derived leads, whether the gain is known.
        beat: what is drawn.
        over: a second ECG and its beat, laid over the first by their `r_peak`, on one scale, dashed.
        names: what the legend calls the two.
        speed, gain, style, header, show_id, filter, page, warnings: as of `draw`.

    Returns:
        One `<svg>` element as from `draw`. The intervals in its footer are those between the
        lines drawn; points that are not there are named.

    Raises:
        UsageError: as `draw`.
        SignalError: a beat without any finite sample, or of a rate that no ECG has.

    >>> from einthoven.testing import simulate
    >>> one = simulate(heart_rate=60, rate=500, seconds=1)
    >>> svg = draw_beats(one, Beat(one.signal, 500, r_peak=225, qrs_onset=202, qrs_offset=248))
    >>> "QRS 92 ms" in svg, "no P onset, P offset, T offset" in svg
    (True, True)
    """
    pairs = [(ecg, beat), *([] if over is None else [over])]
    before, after = (max(reach) for reach in zip(*(each.reach for _, each in pairs), strict=True))
    column = max(COLUMN_S, math.ceil(round(10 * (before + after), 6)) / 10)
    before += (column - before - after) / 2
    layout = Layout(LAYOUTS["3x4"].columns, column, above=40, pitch=50, below=30, sequential=False)
    sheet = Sheet(layout, speed, gain, header, page or ROOMY)
    colours = styles.find(style)
    subjects = [
        Subject(_as_ecg(*pair), name if over else "", pair[1].r_peak / pair[1].rate - before)
        for pair, name in zip(pairs, names, strict=False)
    ]
    recorded = [each.rate for each, _ in pairs]
    resampled = dict.fromkeys(f"{each.rate:g} Hz" for whole, each in pairs if whole.rate != each.rate)
    kind = f"median beats at {' and '.join(resampled)}" if resampled else "median beats"
    settings = [*words.settings(subjects, sheet, filter, recorded), words.Item(kind)]
    if over is not None:
        settings.append(words.Item("aligned on R"))
    lines = [{name: point / b.rate - b.r_peak / b.rate for name, point in b.points.items()} for _, b in pairs]
    under = "".join(
        marks(sheet, colours, before, at, b.intervals, second=bool(number))
        for number, (at, (_, b)) in enumerate(zip(lines, pairs, strict=True))
    )
    notes = list(_said([b for _, b in pairs], subjects))
    return picture(
        *(subjects, sheet, colours, settings),
        what="Median beats",
        show_id=show_id,
        under=under,
        notes=notes,
        warnings=warnings,
    )


def _as_ecg(ecg: ECG, beat: Beat) -> ECG:
    """The beat as a short recording with the words of its ECG."""
    short = ECG(beat.signal, beat.rate, calibrated=ecg.calibrated)
    return short.described(patient=ecg.patient, time=ecg.time, device=ecg.device, derived=ecg.derived)


def _said(beats: Sequence[Beat], subjects: Sequence[Subject]) -> Iterator[words.Item]:
    """The intervals between the lines, and which lines are not there."""
    for beat, subject in zip(beats, subjects, strict=True):
        said = [f"{name} {1000 * (stop - start):.0f} ms" for name, (start, stop) in beat.intervals.items()]
        lacking = [_spoken(name) for name in ORDER if name not in beat.points]
        if said:
            yield words.Item(f"{words.of(subject, subjects)}between the lines: {', '.join(said)}")
        if lacking:
            which = ", ".join(lacking) if beat.points else "measured points"
            yield words.Item(f"{words.of(subject, subjects)}no {which}")


def _spoken(name: str) -> str:
    wave, end = name.split("_")
    return f"{wave.upper()} {end}"
