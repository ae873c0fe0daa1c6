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
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"[-–\s]*(?:\d{1,5}|[ivxlc]{1,8})[-–\s]*")
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
    """The pages without page numbers, and without what stands at the edge of three or more of them."""
    seen = Counter(words for lines in pages for words in {_plain(line) for line in _edges(lines)})
    kept = []
    for lines in pages:
        edges = _edges(lines)
        gone = {
            id(line)
            for line in edges
            if (len(pages) > 1 and _PAGE_NUMBER.fullmatch(line.text)) or seen[_plain(line)] >= _REPEATED
        }
        kept.append([line for line in lines if id(line) not in gone])
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


def _edges(lines: list[Line]) -> list[Line]:
    return lines if len(lines) <= 2 * _EDGE else lines[:_EDGE] + lines[-_EDGE:]


def _plain(line: Line) -> str:
    return _NUMBER.sub("#", line.text.casefold()).strip()
