"""Plain text: paragraphs between blank lines, headings that stand alone, pages where form feeds part them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from einthoven.knowledge.document import DEEPEST, Block, Document, one_line
from einthoven.knowledge.documents.encoding import decode
from einthoven.knowledge.documents.lines import joined, words_of

_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+[^\W\d_].*")
_RULE = re.compile(r"(={3,}|-{3,}|~{3,})\s*")
_LONGEST_HEADING = 90
_ENDS = ".!?,;:"


def read_plain(data: bytes) -> Document:
    """The document in a text file.

    A heading is a line on its own that is numbered ("2.1 Rhythm"), in capitals, or underlined.
    """
    text, notices = decode(data)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    known = words_of(lines.split("\n"))
    sheets = lines.split("\f")
    paged = len(sheets) > 1
    blocks = [
        block for number, sheet in enumerate(sheets, 1) for block in _blocks(sheet, number if paged else None, known)
    ]
    return Document("text", tuple(blocks), len(sheets) if paged else None, tuple(notices))


def _blocks(sheet: str, page: int | None, known: frozenset[str]) -> Iterator[Block]:
    for part in re.split(r"\n[^\S\n]*\n", sheet):
        lines = [line for line in part.split("\n") if line.strip()]
        while lines:
            level, used = _heading(lines)
            if level:
                yield Block(one_line(lines[0]), level, page)
                lines = lines[used:]
                continue
            if text := one_line(joined(lines, known)):
                yield Block(text, 0, page)
            break


def _heading(lines: list[str]) -> tuple[int, int]:
    """The level of the heading that these lines begin with, 0 for none, and how many lines it takes."""
    first = lines[0].strip()
    if len(first) > _LONGEST_HEADING:
        return 0, 0
    if len(lines) > 1 and (rule := _RULE.fullmatch(lines[1].strip())):
        return 1 if rule[1][0] == "=" else 2, 2
    if len(lines) > 1 or first.endswith(tuple(_ENDS)):
        return 0, 0
    if numbered := _NUMBERED.fullmatch(first):
        return min(numbered[1].count(".") + 1, DEEPEST), 1
    letters = [letter for letter in first if letter.isalpha()]
    return (1, 1) if len(letters) > 3 and all(letter.isupper() for letter in letters) else (0, 0)
