"""An ECG on millimetre paper, as SVG in exact millimetres."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Literal

from einthoven.ecg import ECG, UsageError
from einthoven.paper import layout as layouts
from einthoven.paper import style as styles
from einthoven.paper import words
from einthoven.paper.drawing import Drawing
from einthoven.paper.layout import Layout
from einthoven.paper.page import Page, Sheet
from einthoven.paper.picture import picture
from einthoven.paper.traces import Subject

Columns = Literal["sequential", "simultaneous"]
COLUMNS: tuple[Columns, ...] = ("sequential", "simultaneous")


def draw(
    ecg: ECG,
    layout: str | Layout = "3x4+1",
    *,
    speed: float = 25,
    gain: float = 10,
    style: str = "colour",
    columns: Columns | None = None,
    over: ECG | None = None,
    names: tuple[str, str] = ("first", "second"),
    header: bool = True,
    show_id: bool = False,
    filter: str = "none",
    page: Page | None = None,
    warnings: Sequence[str] = (),
    start: float = 0.0,
) -> Drawing:
    """The ECG as a cardiologist expects it, as the text of an SVG file; 1 user unit is 1 mm.

    Nothing is filtered, stretched or rescaled. What would leave the page is cut off and
    named in the footer, as is what leaves the grid; a recording shorter than the paper leaves the rest empty; of a
    longer one the beginning is drawn, or what follows `start`. An ECG whose gain is unknown is drawn without
    calibration pulses, on an arbitrary scale, and the footer says so.

    Args:
        ecg: the recording.
        layout: a name in `LAYOUTS`, or a `Layout`.
        speed: mm/s, 5 to 200.
        gain: mm/mV, 1 to 50.
        style: "colour" or "mono".
        columns: "sequential": each column goes on in time where the one before it ended;
            "simultaneous": every column begins at 0 s. None: as the layout has it, which is
            sequential in all of `LAYOUTS`. The footer says which.
        over: a second ECG on the same paper, dashed, in another colour, under the first;
            both from their start, on one scale.
        names: what the legend calls the two.
        header: False leaves the band above the grid out.
        show_id: True prints the patient's id in the header.
        filter: words for the footer on what was done to the signal before; drawing does nothing.
        page: other sizes than those of A4.
        warnings: what speaks against the recording, such as `quality.assess` finds; they stand first below the grid,
            for a picture is passed on without what was said beside it.
        start: the second of the recording at the left end of the paper; the footer says it.

    Returns:
        One `<svg>` element without external references, identifiers or scripts, so that
        it can be a file or stand in a page, several times; its `partly` has which leads are clipped.

    Raises:
        UsageError: an unknown layout, style or way of columns; a speed or gain out of range; a start beyond the end;
            a second ECG where one of the two has no known gain.

    >>> import numpy as np
    >>> ecg = ECG(np.zeros((12, 5000)), rate=500)
    >>> draw(ecg).startswith('<svg xmlns="http://www.w3.org/2000/svg" width="297mm" height="210mm"')
    True
    """
    sheet = Sheet(_arranged(layouts.find(layout), columns), speed, gain, header, page or Page())
    shortest = min(one.seconds for one in (ecg, over) if one is not None)
    if not 0 <= start < shortest:
        raise UsageError(
            f"There is nothing from {start:g} s on: the recording lasts {shortest:.1f} s.",
            "Begin at 0 s or later, and before its end.",
        )
    pair = [(ecg, "")] if over is None else [(ecg, names[0]), (over, names[1])]
    subjects = [Subject(one, name, start) for one, name in pair]
    settings = words.settings(subjects, sheet, filter) + words.stretch(subjects, sheet)
    return picture(subjects, sheet, styles.find(style), settings, show_id=show_id, warnings=warnings)


def strip(
    ecg: ECG,
    leads: str | Sequence[str] = ("II", "V1", "V5"),
    seconds: float = 3,
    *,
    speed: float = 25,
    gain: float = 10,
    style: str = "colour",
) -> Drawing:
    """A small picture: a few leads, one below the other, without a header; otherwise as `draw`.

    >>> import numpy as np
    >>> strip(ECG(np.zeros((12, 5000)), rate=500))[40:68]
    'width="95mm" height="77.1mm"'
    """
    chosen = (leads,) if isinstance(leads, str) else tuple(leads)
    small = Layout((chosen,), seconds, above=15, pitch=20, below=10)
    return draw(ecg, small, speed=speed, gain=gain, style=style, header=False, page=SMALL)


SMALL = Page(margin=0, bare=0, footer=10, text=2.2, label=3.2)
"""The page of a `strip`: no paper around the grid, a smaller footer."""


def _arranged(layout: Layout, columns: str | None) -> Layout:
    if columns is None:
        return layout
    if columns not in COLUMNS:
        raise UsageError(f"Columns cannot be {columns!r}.", f"Use {' or '.join(COLUMNS)}.")
    return dataclasses.replace(layout, sequential=columns == "sequential")
