"""PDF: its text page by page, by the package pypdf; headings by its outline, else by the size of letters."""

from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path
from typing import Any

from einthoven.ecg import FormatError, MissingPackageError, TruncatedError, UnsafeFileError
from einthoven.knowledge.document import (
    DEEPEST,
    MOST_PAGES,
    Block,
    Document,
    Progress,
    one_line,
    require_letters_at_most,
)
from einthoven.knowledge.documents.lines import words_of
from einthoven.knowledge.documents.printed import Line, lines_of, paragraphs, without_running_heads

FEWEST_LETTERS = 20
"""On a page that is said to have text."""
_MANY_BLANK = 0.2
_LARGER = 1.15
"""How much larger than the text's the letters of a heading are, where there is no outline."""
_LONGEST_HEADING = 120
_MOST_OUTLINE = 20_000
_NUMBERING = re.compile(r"\s*(?:chapter\s+)?\d{1,3}(?:\.\d{1,3})*[.:]?\s+")


def read_pdf(path: Path, progress: Progress = lambda _: None) -> Document:
    """The document in a PDF file.

    Raises:
        FormatError: no text in it (a scan), a password, or damaged.
        TruncatedError: it ends before its table of objects.
        UnsafeFileError: more pages or text than a book has.
        MissingPackageError: pypdf is not installed.
    """
    try:
        import pypdf
        from pypdf.errors import PyPdfError
    except ImportError as error:
        raise MissingPackageError(
            "PDF files need the package pypdf.", "Install it: pip install 'einthoven[knowledge]'."
        ) from error
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with path.open("rb") as file:
        whole = b"startxref" in _tail(file)
        file.seek(0)
        try:
            progress(0)
            reader = pypdf.PdfReader(file, strict=False)
            if reader.is_encrypted and not _opened(reader):
                raise FormatError("The PDF is encrypted.", "Save a copy without its password, then name that.")
            return _read(reader, progress)
        except (FormatError, MemoryError):
            raise
        except (PyPdfError, RecursionError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError,
                AssertionError, OSError, NotImplementedError, UnicodeError) as error:  # fmt: skip
            if not whole:
                raise TruncatedError("The PDF is cut short.", "Copy or download it again.") from error
            raise FormatError(f"The PDF is damaged ({type(error).__name__}).", "Save or download it again.") from error


def _tail(file: Any) -> bytes:
    file.seek(-min(file.seek(0, 2), 2048), 2)
    return bytes(file.read())


def _opened(reader: Any) -> bool:
    """Whether it opens without a password, as those do that only forbid changes."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # noqa: BLE001 (a cipher that this installation lacks, or a damaged dictionary)
        return False


def _read(reader: Any, progress: Progress) -> Document:
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise UnsafeFileError(f"The PDF has more than {MOST_PAGES} pages.", "Check that this is the right file.")
    pages: list[list[Line]] = []
    letters = blank = 0
    for number, page in enumerate(reader.pages, 1):
        if number > MOST_PAGES:
            raise UnsafeFileError(f"The PDF has more than {MOST_PAGES} pages.", "Check that this is the right file.")
        progress(number)
        lines = lines_of(page)
        found = sum(letter.isalpha() for line in lines for letter in line.text)
        blank += found < FEWEST_LETTERS
        letters += found
        require_letters_at_most(letters)
        pages.append(lines)
    if not pages:
        raise FormatError("The PDF has no page.", "Save or download it again.")
    if letters < FEWEST_LETTERS or blank == len(pages):
        raise FormatError(
            f"There is no text on its {len(pages)} page{'s' * (len(pages) != 1)}, as in a scan: run an OCR first.",
            "A program such as OCRmyPDF adds the text to a copy.",
        )
    notices = [f"{blank} of {len(pages)} pages have no text; scanned ones need an OCR."] if blank else []
    outline = _outline(reader)
    pages = without_running_heads(pages)
    blocks = tuple(_blocks(pages, outline))
    return Document("PDF", blocks, len(pages), tuple(notices if blank > _MANY_BLANK * len(pages) else []))


def _outline(reader: Any) -> dict[int, list[tuple[str, int]]]:
    """By page from 0, the titles of the outline and their levels; empty where there is none that can be read."""
    found: dict[int, list[tuple[str, int]]] = {}
    try:
        waiting = [(entry, 1) for entry in reversed(reader.outline)]
        seen = 0
        while waiting and seen < _MOST_OUTLINE:
            entry, level = waiting.pop()
            seen += 1
            if isinstance(entry, list):
                waiting += [(child, level + 1) for child in reversed(entry)]
                continue
            page = reader.get_destination_page_number(entry)
            title = one_line(str(entry.title or ""))[:_LONGEST_HEADING]
            if page is not None and page >= 0 and title:
                found.setdefault(page, []).append((title, min(level, DEEPEST)))
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 (a damaged outline is no reason to refuse the text)
        return {}
    return found


def _blocks(pages: list[list[Line]], outline: dict[int, list[tuple[str, int]]]) -> list[Block]:
    known = words_of(line.text for lines in pages for line in lines)
    sizes = Counter[float]()
    for lines in pages:
        for line in lines:
            sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    large = sorted({size for size in sizes if size >= body * _LARGER}, reverse=True)
    blocks: list[Block] = []
    for number, lines in enumerate(pages):
        levels = _titled(lines, outline.get(number, []))
        if outline:
            blocks += [Block(title, level, number + 1) for title, level in levels.pop(-1, [])]
        run: list[Line] = []
        for place, line in enumerate(lines):
            if outline:
                headings = levels.get(place, [])
            else:
                is_large = (
                    line.size in large and len(line.text) <= _LONGEST_HEADING and any(map(str.isalpha, line.text))
                )
                headings = [(line.text, min(large.index(line.size) + 1, DEEPEST))] if is_large else []
            if not headings:
                run.append(line)
                continue
            blocks += [Block(one_line(text), 0, number + 1) for text in paragraphs(run, known)]
            run = []
            blocks += [Block(one_line(text), level, number + 1) for text, level in headings]
        blocks += [Block(one_line(text), 0, number + 1) for text in paragraphs(run, known)]
    return [block for block in blocks if block.text]


def _titled(lines: list[Line], titles: list[tuple[str, int]]) -> dict[int, list[tuple[str, int]]]:
    """By line, the heading that it is; under -1 those that no line of the page is."""
    found: dict[int, list[tuple[str, int]]] = {}
    start = 0
    for title, level in titles:
        wanted = _letters(title)
        place = next((n for n in range(start, len(lines)) if wanted and _letters(lines[n].text) == wanted), -1)
        found.setdefault(place, []).append((title, level))
        start = max(start, place + 1)
    return found


def _letters(text: str) -> str:
    """What a title is known by: its letters, without the number that only one of outline and page may give it."""
    return "".join(letter for letter in _NUMBERING.sub("", text.casefold()) if letter.isalnum())
