"""ECG-ReGen's Figure 2 (Tang 2024) as ours: an ECG and its statements above the three nearest ECGs and theirs.

What a neighbour states as this ECG does, what it states beside, and what it lacks is told by colour and by a sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from einthoven.ecg import ECG, LEADS, Statement
from einthoven.formats.text import clean
from einthoven.paper import Drawing, Layout, Page, draw
from einthoven.paper.page import A4
from einthoven.paper.png import size_of
from einthoven.paper.style import FONT, STYLES
from einthoven.paper.svg import mm
from einthoven.reporting.figures.column import Block, Column, Paragraph
from einthoven.retrieval import Archive, Neighbour
from einthoven.statements import VOCABULARY, Language
from einthoven.statements.parse import parse_report

TITLE = {"en": "An ECG and the most similar ones of an archive", "de": "Ein EKG und die ähnlichsten eines Archivs"}
DISCLAIMER = "Research use only. Not a medical device. Not for diagnosis or treatment."
SAID: dict[Language, str] = {
    "en": DISCLAIMER,
    "de": "Nur für Forschungszwecke. Kein Medizinprodukt. Nicht für Diagnose oder Behandlung.",
}
LAYOUT = Layout((("I", "II", "III"), ("V1", "V3", "V5")), 3.0, above=11, pitch=13, below=8, sequential=False)
TALLEST = 28.0
"""Millimetres from one baseline to the next at most; traces that need more reach over each other."""
PAPER = Page(margin=0, bare=0, footer=5, text=2.0, label=3.0)
SECONDS = LAYOUT.shown_seconds
K = 3
MARGIN, TOP, GUTTER, GAP, SIZE = 10.0, 24.0, 6.0, 3.0, 2.8
GAINS = (10.0, 5.0)
"""mm/mV of all panels: the larger one where traces then do not meet at the layout's own pitch, which else grows."""
BLANK = 48.0
"""Millimetres of a panel without a trace."""
_STYLE = STYLES["colour"]
_SIGNS = {"same": "=", "more": "+", "lacking": "\N{MINUS SIGN}"}
_COLOURS = {"same": _STYLE.mark, "more": _STYLE.alert, "lacking": _STYLE.quiet}
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "truth": "This ECG",
        "neighbour": "Neighbour {}: similarity {}",
        "same": "as this ECG",
        "more": "not of this ECG",
        "lacking": "of this ECG alone",
        "nothing": "The file states nothing that has a code: neighbours are not marked.",
        "none": "no coded statement",
        "no_trace": "The archive keeps no trace of it; --data FOLDER reads it from the data set.",
        "person": "{}, {}",
        "female": "female",
        "male": "male",
    },
    "de": {
        "truth": "Dieses EKG",
        "neighbour": "Nachbar {}: Ähnlichkeit {}",
        "same": "wie dieses EKG",
        "more": "nicht bei diesem EKG",
        "lacking": "nur bei diesem EKG",
        "nothing": "Die Datei sagt nichts aus, das einen Code hat: Nachbarn sind nicht gekennzeichnet.",
        "none": "keine codierte Aussage",
        "no_trace": "Das Archiv hat keine Kurve davon; --data ORDNER liest sie aus dem Datensatz.",
        "person": "{}, {}",
        "female": "weiblich",
        "male": "männlich",
    },
}

Mark = Literal["same", "more", "lacking"]
Traces = Callable[[str], ECG | None]
"""The ECG of a record, or None where nobody has its trace."""


@dataclass(frozen=True)
class Panel:
    """One neighbour: what it states, each with its mark, and whether its trace is drawn."""

    neighbour: Neighbour
    stated: tuple[tuple[str, Mark | None], ...]
    traced: bool

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "record": self.neighbour.record,
            "similarity": round(self.neighbour.similarity, 4),
            "trace": self.traced,
            "statements": [{"code": code, "mark": mark} for code, mark in self.stated],
        }


@dataclass(frozen=True)
class Figure:
    """The drawing and what stands in it."""

    drawing: Drawing
    truth: tuple[str, ...]
    panels: tuple[Panel, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "page_mm": list(size_of(self.drawing)),
            "truth": list(self.truth),
            "neighbours": [panel.to_dict() for panel in self.panels],
            "disclaimer": DISCLAIMER,
        }


def codes_of(statements: Sequence[Statement]) -> tuple[str, ...]:
    """SCP codes that statements state as present or possible; texts are read."""
    found: list[str] = []
    for one in statements:
        if one.code is not None and one.system in (None, "SCP"):
            found.append(one.code)
        elif one.text:
            read = parse_report(one.text).polarities()
            found += [code for code, stance in read.items() if stance in ("present", "possible")]
    return tuple(dict.fromkeys(code for code in found if code in VOCABULARY))


def regen2(
    ecg: ECG,
    archive: Archive,
    traces: Traces = lambda record: None,
    statements: Sequence[Statement] | None = None,
    language: Language = "en",
    warnings: Sequence[str] = (),
) -> Figure:
    """A page as wide as A4 across and as high as four panels need, in exact millimetres.

    Neither a patient's id nor a time is on it. Traces are the first three seconds at 25 mm/s and 10
    mm/mV, or 5 where one is tall.

    Args:
        traces: finds a neighbour's trace where the archive keeps none.
        statements: what is true of the ECG; None takes the file's own.
        warnings: what speaks against the recording, as for `draw`.

    Raises:
        CollectionError: the archive is empty or not fully embedded.
    """
    say = _WORDS[language]
    truth = codes_of(ecg.statements if statements is None else statements)
    neighbours = archive.search(ecg, K)
    rows: list[tuple[ECG | None, list[Block]]] = [(ecg, _truth_blocks(truth, say, language))]
    panels = []
    for rank, neighbour in enumerate(neighbours, 1):
        trace = stored_trace(archive, neighbour.record) or traces(neighbour.record)
        stated = _marked(neighbour.codes, truth)
        panels.append(Panel(neighbour, stated, trace is not None))
        rows.append((trace, _neighbour_blocks(rank, neighbour, stated, trace is None, say, language)))
    drawing = _page(rows, say, language, warnings, bool(truth))
    return Figure(drawing, truth, tuple(panels))


def stored_trace(archive: Archive, record: str) -> ECG | None:
    """The trace that the archive keeps of a record, if it keeps one."""
    from einthoven.collection import quoted

    row = next(iter(archive.collection.rows(["signal", "scale"], where=f"record = {quoted(record)}")), None)
    return row.ecg() if row is not None and row.signal is not None else None


def _marked(codes: Sequence[str], truth: Sequence[str]) -> tuple[tuple[str, Mark | None], ...]:
    """The neighbour's codes, those of the truth first, then what it lacks; unmarked where no truth is known."""
    if not truth:
        return tuple((code, None) for code in codes)
    same: list[tuple[str, Mark | None]] = [(code, "same") for code in truth if code in codes]
    more: list[tuple[str, Mark | None]] = [(code, "more") for code in codes if code not in truth]
    return (*same, *more, *((code, "lacking") for code in truth if code not in codes))


def _truth_blocks(truth: Sequence[str], say: dict[str, str], language: Language) -> list[Block]:
    lines = [Paragraph(_text(code, language), _STYLE.text) for code in truth]
    lines = lines or [Paragraph(say["nothing"], _STYLE.quiet)]
    return [Block((Paragraph(say["truth"], _STYLE.text, bold=True, scale=1.15), *lines), bar=_STYLE.text)]


def _neighbour_blocks(
    rank: int,
    neighbour: Neighbour,
    stated: Sequence[tuple[str, Mark | None]],
    untraced: bool,
    say: dict[str, str],
    language: Language,
) -> list[Block]:
    similarity = f"{neighbour.similarity:.3f}"
    similarity = similarity.replace(".", ",") if language == "de" else similarity
    sex = say.get(neighbour.sex or "", "") or clean(neighbour.sex or "-", 12)
    age = "-" if neighbour.age is None else f"{neighbour.age:.0f}"
    who = f"{clean(neighbour.record, 40)}, {say['person'].format(age, sex)}"
    lines = [
        Paragraph(say["neighbour"].format(rank, similarity), _STYLE.text, bold=True, scale=1.15),
        Paragraph(who, _STYLE.quiet, scale=0.9),
    ]
    for code, mark in stated:
        sign = f"{_SIGNS[mark]} " if mark else ""
        colour = _COLOURS[mark] if mark else _STYLE.text
        lines.append(Paragraph(f"{sign}{_text(code, language)}", colour, bold=mark == "more"))
    if not stated:
        lines.append(Paragraph(say["none"], _STYLE.quiet))
    if untraced:
        lines.append(Paragraph(say["no_trace"], _STYLE.quiet, scale=0.9))
    return [Block(tuple(lines), bar=_STYLE.bold)]


def _text(code: str, language: Language) -> str:
    return f"{VOCABULARY[code].text(language)} [{code}]" if code in VOCABULARY else clean(code, 24)


def _page(
    rows: Sequence[tuple[ECG | None, list[Block]]],
    say: dict[str, str],
    language: Language,
    warnings: Sequence[str],
    marked: bool,
) -> Drawing:
    gain, layout = _spread([ecg for ecg, _ in rows if ecg is not None])
    papers = [
        None
        if ecg is None
        else draw(ecg, layout, gain=gain, header=False, page=PAPER, warnings=warnings if not place else ())
        for place, (ecg, _) in enumerate(rows)
    ]
    wide = max(size_of(paper)[0] for paper in papers if paper is not None)
    left, y, inner, partly = MARGIN + wide + GUTTER, TOP, [], []
    for paper, (_, blocks) in zip(papers, rows, strict=True):
        column = Column(blocks, left, y, A4[0] - MARGIN - left, SIZE)
        if paper is not None:
            inner.append(f'<g data-part="panel" transform="translate({mm(MARGIN)} {mm(y)})">{_inside(paper)}</g>')
            partly += list(paper.partly)
        inner.append(f'<g data-part="text">{column.svg()}</g>')
        y += max(size_of(paper)[1] if paper is not None else 0.0, column.height, BLANK) + GAP
    inner += _head(say, language, marked)
    height = max(A4[1], y + MARGIN - GAP)
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{mm(A4[0])}mm" height="{mm(height)}mm" '
        f'viewBox="0 0 {mm(A4[0])} {mm(height)}" role="img" aria-label="ECG" font-family="{FONT}">'
        f'<path data-part="page" fill="{_STYLE.paper}" d="M0 0h{mm(A4[0])}v{mm(height)}h-{mm(A4[0])}z"/>'
        f"{''.join(inner)}</svg>",
        partly,
    )


def _room(ecg: ECG) -> tuple[float, float, float]:
    """Millivolts above the first traces, between two of them, and below the last ones, so that they do not meet."""
    heights, depths, apart = [0.0], [0.0], [0.0]
    for column in LAYOUT.columns:
        shown = np.nan_to_num(ecg.signal[[LEADS.index(lead) for lead in column], : round(SECONDS * ecg.rate)])
        up, down = np.maximum(shown.max(axis=1), 0), np.maximum(-shown.min(axis=1), 0)
        heights.append(float(up[0]))
        depths.append(float(down[-1]))
        apart += [float(lower) for lower in down[:-1] + up[1:]]
    return max(heights), max(apart), max(depths)


def _spread(ecgs: Sequence[ECG]) -> tuple[float, Layout]:
    """The gain of all panels, and their layout: as high as traces of a known gain need, up to `TALLEST`."""
    rooms = [_room(ecg) for ecg in ecgs if ecg.calibrated] or [(0.0, 0.0, 0.0)]
    above, pitch, below = (max(each) for each in zip(*rooms, strict=True))
    gain = GAINS[0] if pitch * GAINS[0] <= LAYOUT.pitch else GAINS[1]
    wanted = ((above, LAYOUT.above), (pitch, LAYOUT.pitch), (below, LAYOUT.below))
    first, between, last = (min(max(least, float(np.ceil(mv * gain)) + 1), TALLEST) for mv, least in wanted)
    first = max(first, round(between / 2))  # the label stands halfway to the next trace
    return gain, replace(LAYOUT, above=first, pitch=between, below=last)


def _inside(paper: Drawing) -> str:
    return paper[paper.index(">") + 1 : -len("</svg>")]


def _head(say: dict[str, str], language: Language, marked: bool) -> Iterator[str]:
    title = Block((Paragraph(TITLE[language], _STYLE.text, bold=True, scale=1.5),))
    whose = Block((Paragraph(SAID[language], _STYLE.alert, bold=True),))
    yield f'<g data-part="head">{Column((title, whose), MARGIN, 5, A4[0] - 2 * MARGIN, 3.0).svg()}</g>'
    if marked:
        room = (A4[0] - 2 * MARGIN) / len(_SIGNS)
        for place, (mark, sign) in enumerate(_SIGNS.items()):
            legend = Block((Paragraph(f"{sign} {say[mark]}", _COLOURS[mark], bold=mark == "more"),))
            yield Column((legend,), MARGIN + place * room, 18, room, SIZE).svg()
