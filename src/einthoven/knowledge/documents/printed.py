"""What stands on a printed page: its lines with their letters' size and place, running heads, paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from einthoven.knowledge.documents.lines import joined, plain_letters

_EDGE = 2
_REPEATED = 3
_SMALL = 0.8
_SHORT = 0.8
_GAP = 1.4
_LARGER = 1.1
_NUMBER_FIRST = re.compile(r"[-–\s]*(?P<number>\d{1,5})(?:[-–|\s]+(?P<words>.*)|(?P<none>))")
_NUMBER_LAST = re.compile(r"(?P<words>.*?)[-–|\s]+(?P<number>\d{1,5})[-–\s]*")
_BULLET = re.compile(r"[•‣▪●–*-]\s|\(?\d{1,2}[.)]\s")
_END = re.compile(r"[.!?:][\"'”’)\]]*$")


@dataclass(frozen=True)
class Line:
    """A line: its text, the size of its letters, and its height above the page's foot, both in points."""

    text: str
    size: float
    height: float


def lines_of(page: Any) -> list[Line]:
    """The lines of a page of pypdf, in the order of its content."""
    pieces: list[tuple[str, float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], font: object, size: float) -> None:
        scale = (abs(tm[3]) or abs(tm[1])) * (abs(cm[3]) or abs(cm[1]))
        pieces.append((text, round(abs(size) * scale, 1), cm[1] * tm[4] + cm[3] * tm[5] + cm[5]))

    page.extract_text(visitor_text=visit)
    lines: list[Line] = []
    text, sizes, height = "", Counter[float](), 0.0
    before = 0.0

    def end() -> None:
        nonlocal text
        if text.strip():
            lines.append(Line(plain_letters(text.strip()), sizes.most_common(1)[0][0], height))
        text = ""
        sizes.clear()

    for piece, size, y in pieces:
        for number, part in enumerate(piece.split("\n")):
            if number:
                end()
            if not part.strip():
                text += part
                continue
            if not text.strip():
                height = y
            elif part[0].isdigit() and text[-1].isdigit() and size < _SMALL * before:
                text += "^"  # a raised mark must not become the last digit of a number
            text += part
            sizes[size] += len(part.strip())
            before = size
    end()
    return lines


def without_running_heads(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The pages without what stands at the edge of three or more of them, with or without a number that counts pages.

    A line in larger letters than the text's is a heading and stays, and so does one that differs by another number.
    """
    sizes = Counter(line.size for lines in pages for line in lines for _ in range(len(line.text)))
    usual = sizes.most_common(1)[0][0] if sizes else 0.0
    keys = [[_running(line.text, number) for line in lines] for number, lines in enumerate(pages)]
    seen = Counter(key for own in keys for key in {*own[:_EDGE], *own[-_EDGE:]})
    kept = []
    for lines, own in zip(pages, keys, strict=True):
        running = [
            seen[key] >= _REPEATED and line.size <= usual * _LARGER for key, line in zip(own, lines, strict=True)
        ]
        above = next((n for n, goes in enumerate(running[:_EDGE]) if not goes), min(_EDGE, len(lines)))
        rest = running[max(above, len(lines) - _EDGE) :]
        below = next((n for n, goes in enumerate(reversed(rest)) if not goes), len(rest))
        kept.append(lines[above : len(lines) - below])
    return kept


def paragraphs(lines: Sequence[Line], known: frozenset[str]) -> list[str]:
    """The lines as paragraphs: one ends at a wider gap, before an item of a list, and at a sentence's end that leaves
    its line short."""
    if not lines:
        return []
    width = max(len(line.text) for line in lines)
    gaps = [a.height - b.height for a, b in pairwise(lines) if a.height > b.height]
    usual = median(gaps) if gaps else 0.0
    found: list[list[str]] = [[lines[0].text]]
    for before, line in pairwise(lines):
        gap = before.height - line.height
        short = len(before.text) < _SHORT * width and _END.search(before.text)
        if short or (usual and gap > _GAP * usual) or _BULLET.match(line.text):
            found.append([])
        found[-1].append(line.text)
    return [text for some in found if (text := joined(some, known))]


def _running(text: str, page: int) -> tuple[str, int | None]:
    """What a running head is known by: its words, and how far the number at one of its ends is from the page."""
    plain = text.casefold()
    if (found := _NUMBER_FIRST.fullmatch(plain)) or (found := _NUMBER_LAST.fullmatch(plain)):
        return found["words"] or "", int(found["number"]) - page
    return plain, None
