"""What stands above and below the grid, and how it is broken into lines."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape, unescape
from itertools import chain

from einthoven.ecg import ECG, LEADS, Patient
from einthoven.paper.drawing import Partly
from einthoven.paper.grid import pulse_rows
from einthoven.paper.page import A4, PULSE_MV, Sheet
from einthoven.paper.svg import clean, mm
from einthoven.paper.traces import Subject, Trace

DISCLAIMER = "Research use only. Not for diagnosis."
UNKNOWN_GAIN = "gain unknown: amplitudes not to scale"
DERIVED_MARK = "*"
LETTER = 0.62
"""Width of a letter as a share of the font size: a little above the mean of Vera, the widest font in use."""
GAP = 1.3
"""Space between two items, as a share of the font size."""
NAME = 40
"""Characters of an ECG's name that are shown."""


@dataclass(frozen=True)
class Item:
    """A few words, already harmless in SVG; `alert` marks what the eye must not miss."""

    text: str
    alert: bool = False

    @property
    def letters(self) -> int:
        """How many are seen: `&amp;` is one."""
        return len(unescape(self.text))


def heading(ecg: ECG, what: str, show_id: bool, room: float, size: float) -> str:
    """The first line: the patient's id if asked for, else what this is; at most `room` mm wide."""
    if show_id and ecg.patient.id:
        return f"ID {clean(ecg.patient.id, _letters(room, size) - 3)}"
    return what


def particulars(ecg: ECG, room: float, size: float) -> list[Item]:
    """Age, sex, date and time, device: what the recording says of them; at most `room` mm wide."""
    found = _person(ecg)
    device = clean(ecg.device or "", min(60, _letters(room - _width(found, size), size)))
    return [*found, Item(device)] if device else found


def _person(ecg: ECG) -> list[Item]:
    found = [_age(ecg.patient), clean(ecg.patient.sex or "", 12)]
    if ecg.time is not None:
        found.append(f"{ecg.time:%Y-%m-%d %H:%M:%S}")
    return [Item(text) for text in found if text]


def identity(subject: Subject, show_id: bool, room: float, size: float) -> list[Item]:
    """Which of two ECGs this is: its name, the patient's id if asked for, age, sex and time; at most `room` mm wide."""
    ecg = subject.ecg
    rest = _person(ecg)
    if show_id and ecg.patient.id:
        rest.insert(0, Item(f"ID {clean(ecg.patient.id, 24)}"))
    return [Item(clean(subject.name, min(NAME, _letters(room - _width(rest, size), size)))), *rest]


def _width(items: Sequence[Item], size: float) -> float:
    """Millimetres that items take, each with a gap beside it."""
    return sum(item.letters * LETTER + GAP for item in items) * size


def _letters(room: float, size: float) -> int:
    return max(8, int(room / (size * LETTER)))


def _age(patient: Patient) -> str:
    age = patient.age
    if age is None or not math.isfinite(age):
        return ""
    return f"{math.floor(age)} years" if age >= 2 else f"{math.floor(age * 12)} months"


def settings(
    subjects: Sequence[Subject], sheet: Sheet, filter: str, recorded: Sequence[float] | None = None
) -> list[Item]:
    """How the traces are drawn: speed, gain, filter, recording rate, and the page's width if it is not A4.

    `recorded`: the rate of each recording, where its subject is of another one.
    """
    ecg = subjects[0].ecg
    rates = list(dict.fromkeys(f"{rate:g} Hz" for rate in recorded or [each.ecg.rate for each in subjects]))
    found = [
        Item(f"{sheet.speed:g} mm/s"),
        Item(f"{sheet.gain:g} mm/mV") if ecg.calibrated else Item(UNKNOWN_GAIN, alert=True),
        Item(f"filter: {clean(filter)}"),
        Item(" and ".join(rates)),
    ]
    if sheet.width > A4[0] or sheet.height > A4[1]:
        found.append(Item(f"page {mm(sheet.width)} mm wide"))
    return found


def stretch(subjects: Sequence[Subject], sheet: Sheet) -> list[Item]:
    """Which seconds of the recording are shown, and whether columns are of one time or follow each other."""
    layout = sheet.layout
    found = []
    for subject in subjects:
        ecg, begin = subject.ecg, max(subject.begin, 0.0)
        if begin or ecg.seconds > layout.shown_seconds + 1 / ecg.rate:
            end = min(begin + layout.shown_seconds, ecg.seconds)
            said = f"{begin:g}-{_tenths(end)} s of {_tenths(ecg.seconds)} s"
        elif ecg.seconds < layout.shown_seconds - 1 / ecg.rate:
            said = f"recording of {_tenths(ecg.seconds)} s"
        else:
            continue
        found.append(Item(of(subject, subjects) + said))
    if len(layout.columns) > 1:
        found.append(Item("sequential columns" if layout.sequential else "simultaneous columns"))
    elif layout.rows > 1:
        found.append(Item("simultaneous leads"))
    return found


def of(subject: Subject, subjects: Sequence[Subject]) -> str:
    """Whose remark it is, where there are two."""
    return f"{clean(subject.name, NAME)}: " if len(subjects) > 1 else ""


def _tenths(seconds: float) -> str:
    return f"{seconds:.1f}".removesuffix(".0")


def partly_drawn(subjects: Sequence[Subject], sheet: Sheet, drawn: Sequence[Sequence[Trace]]) -> list[Partly]:
    """Of each ECG, what does not lie on the grid as a whole."""
    found = []
    for number, (subject, traces) in enumerate(zip(subjects, drawn, strict=True)):
        cut = _ordered(trace.cell.lead for trace in traces if trace.cut)
        pulse = number == 0 and subject.ecg.calibrated
        if pulse and sheet.baseline(pulse_rows(sheet)[0]) < PULSE_MV * sheet.gain:
            cut = ("calibration", *cut)
        found.append(Partly(cut, _ordered(trace.cell.lead for trace in traces if trace.beyond and not trace.cut)))
    return found


def remarks(
    subjects: Sequence[Subject], sheet: Sheet, drawn: Sequence[Sequence[Trace]], partly: Sequence[Partly]
) -> list[Item]:
    """Leads cut off at the page's edge or leaving the grid, gaps, what the second ECG lacks or has derived, the mark on
    derived leads."""
    found = []
    shown = {cell.lead for cell in sheet.layout.cells()}
    for number, (subject, traces) in enumerate(zip(subjects, drawn, strict=True)):
        whose, ecg = of(subject, subjects), subject.ecg
        cut, beyond = partly[number].clipped, partly[number].beyond
        gaps = _ordered(trace.cell.lead for trace in traces if trace.gaps)
        lacking = _ordered(shown & set(ecg.missing)) if number else ()  # the first's are said at their labels
        for kind, leads in (("clipped", cut), ("beyond the grid", beyond), ("gaps", gaps), ("missing", lacking)):
            found += [Item(f"{whose}{kind}: {' '.join(leads)}", alert=True)] if leads else []
        theirs = _ordered(shown & set(ecg.derived))
        if theirs and number:
            found.append(Item(f"{whose}derived: {' '.join(theirs)}"))
    if _ordered(shown & set(subjects[0].ecg.derived)):
        found.append(Item(f"{DERIVED_MARK} derived from other limb leads"))
    return found


def _ordered(leads: Iterable[str]) -> tuple[str, ...]:
    those = set(leads)
    return tuple(lead for lead in LEADS if lead in those)


def lines(items: Sequence[Item], width: float, size: float) -> list[list[Item]]:
    """The items broken into lines of at most `width` mm, as far as letters can be estimated.

    An item that is longer than a line is broken between its words.

    >>> [[i.text for i in line] for line in lines([Item("25 mm/s"), Item("500 Hz"), Item("V1")], 30, 3)]
    [['25 mm/s', '500 Hz'], ['V1']]
    """
    found: list[list[Item]] = []
    used = 0.0
    for item in chain.from_iterable(_broken(item, _letters(width, size)) for item in items):
        needs = item.letters * LETTER * size
        if found and used + GAP * size + needs <= width:
            found[-1].append(item)
            used += GAP * size + needs
        else:
            found.append([item])
            used = needs
    return found


def _broken(item: Item, letters: int) -> list[Item]:
    if item.letters <= letters:
        return [item]
    return [Item(escape(part), item.alert) for part in textwrap.wrap(unescape(item.text), letters)]


def text(items: Sequence[Item], x: float, y: float, size: float, alert: str) -> str:
    """One line of items as a text element; those that alert in that colour and bold."""
    spans: list[str] = []
    for item in items:
        gap = f' dx="{mm(GAP * size)}"' if spans else ""
        look = f' fill="{alert}" font-weight="700"' if item.alert else ""
        spans.append(f"<tspan{gap}{look}>{item.text}</tspan>")
    return f'<text x="{mm(x)}" y="{mm(y)}">{" ".join(spans)}</text>'
