"""A document as its reader gives it: headings and paragraphs in order, with pages where it has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from einthoven.ecg import UnsafeFileError

Kind = Literal["PDF", "EPUB", "HTML", "Markdown", "text"]

MOST_BOOK_BYTES = 512 * 2**20
"""Of a PDF or EPUB file."""
MOST_TEXT_BYTES = 32 * 2**20
"""Of an HTML, Markdown or text file, and of one chapter of an EPUB. The largest textbooks have about 10 MB of text."""
MOST_LETTERS = 50_000_000
"""Of a document's text."""
MOST_PAGES = 10_000
DEEPEST = 6
"""Levels of headings, as HTML has them."""

Progress = Callable[[int], None]
"""Called with the page or chapter that is begun, from 1."""


@dataclass(frozen=True)
class Block:
    """A heading or a paragraph.

    Args:
        text: on one line.
        level: 0 for a paragraph; 1 to 6 for a heading, 1 the outermost.
        page: from 1, on which it begins; None where there are no pages.
    """

    text: str
    level: int = 0
    page: int | None = None


@dataclass(frozen=True)
class Document:
    """What was read of one file.

    Args:
        blocks: in reading order.
        pages: how many it has; None for kinds without pages.
        notices: what its user should know about how it was read.
    """

    kind: Kind
    blocks: tuple[Block, ...]
    pages: int | None = None
    notices: tuple[str, ...] = ()


def one_line(text: str) -> str:
    r"""`text` with white space as single blanks, and without what is not printable: escapes, overrides, soft hyphens.

    >>> one_line("a\n  b\x1b[31m\u00adc")
    'a bc'
    """
    from einthoven.formats.text import clean

    return clean(text, max(len(text), 1))


def require_letters_at_most(count: int) -> None:
    """Refuses more text than any book has (`UnsafeFileError`)."""
    if count > MOST_LETTERS:
        raise UnsafeFileError(
            f"It holds more than {MOST_LETTERS // 10**6} million letters, which no book has.",
            "Check that this is the right file.",
        )
