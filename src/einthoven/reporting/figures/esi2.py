"""ESI's Figure 2 (Yu 2024) as ours: an ECG beside who was recorded, its statements, and what these look like.

The paper shows the text that an ECG is trained beside. Here every description names its source, and what is no
finding is shown with the reason why it is not described.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from einthoven.datasets.texts import demographics, words
from einthoven.ecg import ECG, LEADS, Statement
from einthoven.formats.text import clean
from einthoven.knowledge.describe import Assistant
from einthoven.knowledge.description import Described
from einthoven.paper import Drawing, Layout, Page, draw, enlarge
from einthoven.paper.page import A4
from einthoven.paper.png import size_of
from einthoven.paper.style import STYLES
from einthoven.reporting.figures.column import Block, Column, Paragraph
from einthoven.reporting.figures.entries import Entry, entries, fitting

TITLE = "An ECG, its statements, and what such statements look like"
DISCLAIMER = "Research use only. Not a medical device. Not for diagnosis or treatment."
GENERAL = "Descriptions are quoted. They say what such a statement looks like in general, not what this ECG shows."
LAYOUT = Layout((LEADS[:6], LEADS[6:]), 2.5, above=20, pitch=24, below=20)
TOP, MARGIN, GUTTER, FOOT = 22.0, 10.0, 7.0, 6.0
PAPER = Page(margin=MARGIN, bare=TOP, footer=28, text=2.4)
GAINS = (10.0, 5.0)
SIZES = (3.0, 2.8, 2.6, 2.4)
"""Font sizes of the column in mm: the largest at which nothing has to be cut, or the smallest (6.8 points)."""
LISTED = 40
"""Statements that are looked at: more than a page has room for."""
_STYLE = STYLES["colour"]


@dataclass(frozen=True)
class Figure:
    """The drawing, and what stands in it; `left_out` is how many statements had no room."""

    drawing: Drawing
    gain: float
    patient: str
    entries: tuple[Entry, ...]
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        width, height = size_of(self.drawing)
        (partly,) = self.drawing.partly
        return {
            "page_mm": [width, height],
            "gain_mm_mv": self.gain,
            "patient": self.patient,
            "statements": [one.to_dict() for one in self.entries],
            "statements_left_out": self.left_out,
            "clipped": list(partly.clipped),
            "beyond_grid": list(partly.beyond),
            "disclaimer": DISCLAIMER,
        }


def esi2(
    ecg: ECG, assistant: Assistant, statements: Sequence[Statement] | None = None, warnings: Sequence[str] = ()
) -> Figure:
    """One page, A4 across: the first 5 s of the ECG at 25 mm/s and 10 mm/mV (5 if it is tall), and the text beside it.

    Neither the patient's id nor the time of the recording is on it. What has no room is cut at whole sentences, marked
    by three dots; the page is higher than A4 only where the remarks below the paper need it.

    Args:
        assistant: describes statements.
        statements: other ones than the ECG's own; the figure says so.
        warnings: what speaks against the recording, as for `draw`.

    Raises:
        LanguageModelError: the assistant's model gives no answer.
    """
    stated = ecg.statements if statements is None else statements
    gain = _gain(ecg)
    paper = draw(ecg, LAYOUT, gain=gain, header=False, page=PAPER, warnings=warnings)
    wide, high = size_of(paper)
    height = max(A4[1], high)
    patient = _patient(ecg)
    heading = "Statements of the file" if statements is None else "Statements given by hand, not the file's"
    left = wide - MARGIN + GUTTER

    def column(found: Sequence[Entry], size: float) -> Column:
        blocks = _blocks(ecg, patient, heading, found, len(stated) - len(found))
        return Column(blocks, left, TOP, A4[0] - MARGIN - left, size)

    room = height - TOP - FOOT
    whole = entries([_described(one, assistant) for one in stated[:LISTED]])
    size = next((size for size in SIZES if column(whole, size).height <= room), SIZES[-1])
    shown = fitting(whole, lambda found: column(found, size).height <= room)
    drawing = enlarge(paper, _head() + f'<g data-part="text">{column(shown, size).svg()}</g>', A4[0], height)
    return Figure(drawing, gain, patient, tuple(shown), len(stated) - len(shown))


def _gain(ecg: ECG) -> float:
    """10 mm/mV, or half of it where a lead would reach beyond its neighbour's baseline; the footer says which."""
    if not ecg.calibrated:
        return GAINS[0]
    shown = ecg.signal[:, : round(LAYOUT.shown_seconds * ecg.rate)]
    known = shown[np.isfinite(shown).any(axis=1)]
    return GAINS[0] if not known.size or np.nanmax(np.abs(known)) * GAINS[0] <= LAYOUT.pitch else GAINS[1]


def _described(statement: Statement, assistant: Assistant) -> Described:
    text = words("", statement)
    if text is None:
        code = clean(f"{statement.system or 'code'} {statement.code or 'not stated'}")
        return Described(code, "unknown", reason="The code has no words here.")
    return assistant.describe(text)


def _patient(ecg: ECG) -> str:
    """The paper's sentence, or what of it is known."""
    age, sex = ecg.patient.age, ecg.patient.sex
    known = age is not None and age == age
    return demographics(age, sex) or ". ".join(
        [f"Age: {age:.0f} years" if known else "Age: not stated", f"Sex: {clean(sex or 'not stated', 20)}."]
    )


def _head() -> str:
    title = Block((Paragraph(TITLE, _STYLE.text, bold=True, scale=1.5),))
    whose = Block((Paragraph(DISCLAIMER, _STYLE.alert, bold=True),))
    return f'<g data-part="head">{Column((title, whose), MARGIN, 6, A4[0] - 2 * MARGIN, 3.0).svg()}</g>'


def _blocks(ecg: ECG, patient: str, heading: str, found: Sequence[Entry], left_out: int) -> list[Block]:
    recording = ", ".join(
        part for part in (ecg.format, f"{ecg.seconds:.3g} s at {ecg.rate:g} Hz", clean(ecg.device or "", 80)) if part
    )
    who = Block((_title("Metadata"), Paragraph(patient, _STYLE.text), Paragraph(recording, _STYLE.quiet)))
    if left_out:
        none = f"{left_out} more statement{'s have' if left_out > 1 else ' has'} no room here."
    else:
        none = "" if found else "There are none."
    listed = (_title(heading), Paragraph(GENERAL, _STYLE.quiet, scale=0.9))
    last = [Block((Paragraph(none, _STYLE.alert if left_out else _STYLE.quiet),))] if none else []
    return [who, Block(listed), *map(_block, found), *last]


def _title(text: str) -> Paragraph:
    return Paragraph(text, _STYLE.text, bold=True, scale=1.15)


def _block(entry: Entry) -> Block:
    parts = [Paragraph(f"{entry.number}. {entry.statement}", _STYLE.text, bold=True)]
    if entry.verdict:
        parts.append(Paragraph(entry.verdict, _STYLE.quiet))
    several = len({one.about for one in entry.said}) > 1
    for one in entry.said:
        text = f"{one.about}: {one.text}" if several else one.text
        text = text.replace(" ...", "\u00a0...")  # no line begins with the dots
        parts += [Paragraph(text, _STYLE.text), Paragraph(one.source, _STYLE.quiet, scale=0.9)]
    parts += [Paragraph(one, _STYLE.quiet) for one in entry.remarks]
    return Block(tuple(parts), bar=_STYLE.quiet if entry.described.abstained else _STYLE.mark)
