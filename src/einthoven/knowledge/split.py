"""A document as passages: by its headings, then by sentences that overlap by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from einthoven.knowledge.document import Block, Document
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.sentences import sentences_of

WORDS = 120
"""Of a passage at most, unless one sentence is longer."""
MOST_WORDS = 240
"""Of a sentence; a longer one, such as a table without a full stop, is cut between words."""
_HEADING_LETTERS = 200

Sentence = tuple[str, int | None]
"""Its text, and the page on which it begins."""


def split(document: Document, source: str, sha256: str, words: int = WORDS) -> list[Passage]:
    """The passages of a document, in order.

    A passage stands under one heading and, where there are pages, its sentences begin on one page, so that what is
    cited is where it is said to be. Each begins with the last sentence of the one before on the same page, where there
    is room for it.

    Args:
        words: of a passage at most.
    """
    found: list[Passage] = []
    for section, blocks in _sections(document.blocks):
        for text, page in _packed(_sentences(blocks), words):
            found.append(Passage(text, source, sha256, page, section))
    return found


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[str | None, list[Block]]]:
    """The paragraphs under each heading, with the path of headings that lead to it."""
    path: list[tuple[int, str]] = []
    own: list[Block] = []
    for block in blocks:
        if not block.level:
            own.append(block)
            continue
        if own:
            yield _path(path), own
            own = []
        path = [one for one in path if one[0] < block.level] + [(block.level, block.text[:_HEADING_LETTERS])]
    if own:
        yield _path(path), own


def _path(headings: Sequence[tuple[int, str]]) -> str | None:
    return " > ".join(text for _, text in headings) or None


def _sentences(blocks: Sequence[Block]) -> list[Sentence]:
    found: list[Sentence] = []
    for paragraph in _paragraphs(blocks):
        starts: list[tuple[int, int | None]] = []
        text = ""
        for block in paragraph:
            starts.append((len(text) + bool(text), block.page))
            text += (" " if text else "") + " ".join(block.text.split())
        place = 0
        for sentence in sentences_of(text):
            place = text.index(sentence, place)
            page = next(page for start, page in reversed(starts) if start <= place)
            place += len(sentence)
            found += [(piece, page) for piece in _cut(sentence)]
    return found


def _paragraphs(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks that are one paragraph: those that a page's end has cut within a sentence."""
    found: list[list[Block]] = []
    for block in blocks:
        before = found[-1][-1] if found else None
        goes_on = before is not None and before.page != block.page and before.page is not None
        if goes_on and before and before.text[-1:] not in set(".!?:") and block.text[:1].islower():
            found[-1].append(block)
        else:
            found.append([block])
    return found


def _cut(sentence: str) -> list[str]:
    words = sentence.split(" ")
    return [" ".join(words[place : place + MOST_WORDS]) for place in range(0, len(words), MOST_WORDS)]


def _packed(sentences: Sequence[Sentence], words: int) -> Iterator[tuple[str, int | None]]:
    own: list[str] = []
    count = 0
    page: int | None = None
    for text, begins in sentences:
        size = len(text.split())
        if own and (begins != page or count + size > words):
            yield " ".join(own), page
            last = own[-1]
            room = len(own) > 1 and begins == page and len(last.split()) + size <= words
            own, count = ([last], len(last.split())) if room else ([], 0)
        own.append(text)
        count += size
        page = begins
    if own:
        yield " ".join(own), page
