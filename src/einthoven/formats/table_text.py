"""The text of a table: comments, a header, and rows of numbers between commas, semicolons or tabs.

Between semicolons or tabs a comma is the decimal point. A cell that is empty or says NA, NaN or null holds no number.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from einthoven.ecg import Floats, FormatError, Notice, TruncatedError, UnsafeFileError
from einthoven.formats.documents.encoding import to_utf8
from einthoven.formats.limits import check_channels
from einthoven.formats.table_cells import cells_as_numbers
from einthoven.formats.text import clean

MOST_NUMBERS = 2**22  # 12 leads at 500 Hz for 11 minutes
_MOST_COMMENTS = 200
_MOST_LINE = 8192
_NO_NUMBER = {"", "na", "nan", "n/a", "#n/a", "null", "none"}
_NUMBER = re.compile(r"[-+]?(?:\d{1,40}\.?\d{0,40}|\.\d{1,40})(?:[eE][-+]?\d{1,3})?", re.ASCII)
_OF_NUMBERS = b"0123456789+-.eE\n"
_OF_CELLS = _OF_NUMBERS + b"nau/lo#"  # those of `_NO_NUMBER` too
_ROWS_AT_ONCE = 4096
_SEPARATOR = re.compile(r'"?sep=([,;\t])"?', re.I)  # a line that Excel understands


class Top(NamedTuple):
    """What stands before the numbers: comments without their #, the cells of the header and of a row of units below it.

    `header` and `units` are None where there is none; the numbers begin at byte `start`, in line `line`.
    """

    comments: tuple[str, ...]
    delimiter: str
    header: tuple[str, ...] | None
    units: tuple[str, ...] | None
    columns: int
    start: int
    line: int
    numbers: bool
    """Whether there is a row of numbers: a header alone is one of a table that was cut short."""


class Table(NamedTuple):
    """A whole table; `numbers` (rows, columns), NaN where a cell holds none."""

    top: Top
    numbers: Floats
    notices: tuple[Notice, ...]


def parse(data: bytes) -> Table:
    """The table in the bytes of a file.

    Raises:
        FormatError: text that is no table of numbers.
        TruncatedError: no row, or half a row at the end.
        UnsafeFileError: more columns or numbers than an ECG has.
    """
    text, notices = to_utf8(data)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    top = top_of(text)
    if top is None:
        if len(text.split(b"\n", 1)[0]) > _MOST_LINE:
            raise FormatError(
                f"The first line of the text has over {_MOST_LINE} characters, as no row of a table of leads has.",
                "Export the samples as CSV, a row for each sample and a column for each lead.",
            )
        raise FormatError("The file is no table of numbers.", "Export the samples as CSV, a column for each lead.")
    check_channels(top.columns - 1)  # one may be of time
    return Table(top, _numbers(text[top.start :], top), tuple(notices))


def top_of(text: bytes) -> Top | None:
    """What stands before the numbers in UTF-8 text with plain line ends, None where it is no table of numbers."""
    comments: list[str] = []
    separator = None
    rows: list[tuple[tuple[str, ...], int, int]] = []  # cells, first byte, line
    start = line = 0
    while start < len(text) and line < _MOST_COMMENTS:
        end = text.find(b"\n", start, start + _MOST_LINE)
        if end < 0 and len(text) - start > _MOST_LINE:
            return None
        end = len(text) if end < 0 else end
        words = text[start:end].decode(errors="replace").strip(" ")
        line += 1
        if words.startswith("#"):
            comments.append(words.lstrip("# "))
        elif not rows and (found := _SEPARATOR.fullmatch(words)):
            separator = found[1]
        elif words.strip():
            separator = separator or _delimiter(words)
            rows.append((cells_of(words, separator), start, line))
            if len(rows) == 3 or _is_numbers(rows[-1][0], separator):
                break
        start = end + 1
    if separator is None or not rows:
        return None
    body = next((n for n, row in enumerate(rows) if _is_numbers(row[0], separator)), len(rows))
    if body == len(rows):
        if len(rows) > 2:
            return None
        return Top(tuple(comments), separator, rows[0][0], None, len(rows[0][0]), len(text), line + 1, False)
    if len({len(cells) for cells, _, _ in rows[: body + 1]}) > 1:
        return None
    header = rows[0][0] if body else None
    units = rows[1][0] if body == 2 else None
    return Top(tuple(comments), separator, header, units, len(rows[0][0]), rows[body][1], rows[body][2], True)


def _delimiter(words: str) -> str:
    return next((mark for mark in "\t;" if mark in words), ",")


def cells_of(words: str, delimiter: str) -> tuple[str, ...]:
    """The cells of one line, without quotes."""
    return tuple(cell.strip().strip("\"'").strip() for cell in words.split(delimiter))


def _is_numbers(cells: tuple[str, ...], delimiter: str) -> bool:
    if delimiter != ",":
        cells = tuple(cell.replace(",", ".") for cell in cells)
    known = [_NUMBER.fullmatch(cell) is not None for cell in cells]
    return any(known) and all(here or cell.lower() in _NO_NUMBER for here, cell in zip(known, cells, strict=True))


def _numbers(body: bytes, top: Top) -> Floats:
    mark = top.delimiter.encode()
    if mark != b",":
        if b"," in body and b"." in body:
            raise FormatError(
                "The table's numbers hold both points and commas.", "Export it with one of them, for decimals alone."
            )
        body = body.replace(b",", b".")
    body = body.replace(b'"', b"").rstrip(b" \n")
    _check_size(body, top)
    if mark != b"\t" and b"\t" in body:  # Arrow would take it for a space
        return _unusual_numbers(body, mark, top)
    try:
        found = cells_as_numbers(body, top.delimiter, top.columns)
    except ValueError:  # a row of other length, an empty cell, no number: the careful way says which, and where
        return _unusual_numbers(body, mark, top)
    flat = found.reshape(-1, order="A")
    with np.errstate(over="ignore", invalid="ignore"):
        finite = bool(np.isfinite(np.dot(flat, flat)))
    # All that Arrow reads beside digits, points, signs and exponents is nan and inf, however they are spelled.
    return found if finite else _unusual_numbers(body, mark, top)


def _unusual_numbers(body: bytes, mark: bytes, top: Top) -> Floats:
    """The numbers of a table with cells that hold none, or with a fault, which is named."""
    _check_rows(body, mark, top)
    body = _unspaced(body, mark).lower()
    if other := body.translate(None, _OF_CELLS + mark):
        raise _no_number(*_cell_at(body, body.find(other[:1]), top))
    try:
        return cells_as_numbers(body, top.delimiter, top.columns, _NO_NUMBER)
    except ValueError as error:
        raise _fault(body, top) from error


def _unspaced(body: bytes, mark: bytes) -> bytes:
    """Without spaces around cells."""
    while b"  " in body:  # each time half as many
        body = body.replace(b"  ", b" ")
    for edge in (mark, b"\n"):
        body = body.replace(b" " + edge, edge).replace(edge + b" ", edge)
    return body.strip(b" ")


def _check_size(body: bytes, top: Top) -> None:
    """Refuses no rows, and too many cells."""
    if not body:
        raise TruncatedError("The table holds no row of numbers.", "Copy or export it again.")
    if len(body) < MOST_NUMBERS:  # less than a number for each byte
        return
    rows = int(np.count_nonzero(np.frombuffer(body, np.uint8) == ord("\n"))) + 1
    if rows * top.columns > MOST_NUMBERS:
        raise UnsafeFileError(
            f"The table has {rows} rows of {top.columns} columns; at most {MOST_NUMBERS} numbers are read.",
            "Cut out the part of interest first.",
        )


def _check_rows(body: bytes, mark: bytes, top: Top) -> None:
    """Refuses rows of another length than the first one's."""
    letters = np.frombuffer(body, np.uint8)
    ends = np.append(np.flatnonzero(letters == ord("\n")), len(letters))
    marks = np.diff(np.searchsorted(np.flatnonzero(letters == mark[0]), ends), prepend=0)
    other = np.flatnonzero(marks != top.columns - 1)
    if not other.size:
        return
    first = int(other[0])
    text = f"Line {top.line + first} of the table has {int(marks[first]) + 1} cells, not {top.columns}."
    if first == len(ends) - 1 and marks[first] < top.columns - 1:
        raise TruncatedError(text, "The file is cut short: copy or export it again.")
    raise FormatError(text, "Export it again, every row with the same columns.")


def _fault(body: bytes, top: Top) -> FormatError:
    """Names the first cell that is no number."""
    rows = body.split(b"\n")
    for first in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[first : first + _ROWS_AT_ONCE]
        try:
            cells_as_numbers(b"\n".join(some), top.delimiter, top.columns, _NO_NUMBER)
        except ValueError:
            for line, row in enumerate(some, top.line + first):
                for cell in row.decode("ascii").split(top.delimiter):
                    if not _NUMBER.fullmatch(cell) and cell not in _NO_NUMBER:
                        return _no_number(cell, line)
    return FormatError("A cell of the table is no number.", "Export it again.")


def _cell_at(body: bytes, place: int, top: Top) -> tuple[str, int]:
    """The cell in which a byte lies, and its line."""
    start = max(body.rfind(edge, 0, place) + 1 for edge in (top.delimiter.encode(), b"\n"))
    cell = re.match(rb"[^\n" + re.escape(top.delimiter.encode()) + rb"]*", body[start : start + 80])
    return cell[0].decode(errors="replace") if cell else "", top.line + body.count(b"\n", 0, place)


def _no_number(cell: str, line: int) -> FormatError:
    return FormatError(
        f"'{clean(cell, 20)}' in line {line} of the table is no number.", "Export the samples as numbers alone."
    )
