"""Tables as hospitals export them: CSV in whatever encoding, with whatever separator, quoted line breaks and all."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import FileError, FormatError, UsageError
from einthoven.formats.files import read_bytes, shown
from einthoven.formats.text import clean

MOST_BYTES = 512 * 2**20
MOST_COLUMNS = 1000
_MOST_CELL = 2**20
_SEPARATORS = ";,\t|"
_NAME = 60


@dataclass(frozen=True)
class Table:
    """A table of text.

    Args:
        columns: their names, cleaned.
        rows: cells by row; the number of each is that of the table's data rows, counted from 1.
        ragged: numbers of rows that have more or fewer cells than there are columns; they are not among `rows`.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    ragged: tuple[int, ...]

    def place(self, name: str) -> int:
        """Which column has a name, whatever its case.

        Raises:
            UsageError: none, or several; it names those that there are.
        """
        exact = [place for place, column in enumerate(self.columns) if column == name]
        near = exact or [place for place, column in enumerate(self.columns) if plain(column) == plain(name)]
        if len(near) != 1:
            what = "several columns" if near else "no column"
            raise UsageError(f"The table has {what} '{clean(name, _NAME)}'.", f"Its columns: {self._named()}.")
        return near[0]

    def guess(self, names: Iterable[str], what: str) -> int:
        """The one column that has one of some usual names.

        Raises:
            UsageError: none, or several.
        """
        usual = {plain(name) for name in names}
        found = [place for place, column in enumerate(self.columns) if plain(column) in usual]
        if len(found) != 1:
            raise UsageError(
                f"Which column holds the {what} is not clear.", f"Name it with --key. The columns: {self._named()}."
            )
        return found[0]

    def _named(self) -> str:
        return clean(", ".join(f"'{column}'" for column in self.columns), 1000)


def plain(name: str) -> str:
    """A column's name without case, spaces and marks.

    >>> plain("Patient-ID"), plain("accession number")
    ('patientid', 'accessionnumber')
    """
    return re.sub(r"[\W_]", "", name.casefold())


def read_table(path: Path) -> Table:
    """The table in a CSV file: UTF-8, UTF-16 or Windows-1252, separated by semicolons, commas, tabs or bars.

    Raises:
        FileError: it cannot be read.
        FormatError: no table, or quotes that do not close; a guess would put text into the wrong row.
    """
    text = _decoded(read_bytes(path, MOST_BYTES))
    if "\0" in text[:4096]:
        raise FormatError(f"'{shown(path)}' is no table of text.", "Export the reports as CSV.")
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text), strict=True)
    before = csv.field_size_limit(_MOST_CELL)
    rows: list[tuple[int, tuple[str, ...]]] = []
    ragged: list[int] = []
    try:
        header = tuple(clean(name, _NAME) for name in next(lines, ()))
        if not any(header) or len(header) > MOST_COLUMNS:
            raise FileError(f"'{shown(path)}' has no line of column names.", "Export it with column names.")
        for number, cells in enumerate(filter(None, lines), 1):
            if len(cells) == len(header):
                rows.append((number, tuple(cells)))
            else:
                ragged.append(number)
    except csv.Error as fault:
        raise FormatError(
            f"The table '{shown(path)}' cannot be read near line {lines.line_num} ({clean(str(fault), 80)}).",
            "Its quotes must close, and quotes within text be doubled: export it again.",
        ) from fault
    finally:
        csv.field_size_limit(before)
    return Table(header, tuple(rows), tuple(ragged))


def write_table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a table that a spreadsheet takes for text and nothing else: one line a row, no formulas.

    Raises:
        FileError: it cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([harmless(cell) for cell in row] for row in rows)
    except OSError as fault:
        raise FileError(
            f"'{shown(path)}' cannot be written ({fault.strerror}).", "Name a place that you may write to."
        ) from fault


def harmless(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula, on one line and printable.

    >>> harmless("=HYPERLINK(1)"), harmless(-5), harmless("-5"), harmless("a")
    ("'=HYPERLINK(1)", '-5', "'-5", 'a')
    """
    text = clean(str(cell), 2000)
    return f"'{text}" if isinstance(cell, str) and text[:1] in set("=+-@") else text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    """The separator that stands most often between the names of the columns."""
    first = re.match(r'(?:[^"\r\n]|"[^"]*")*', text[:65536])
    bare = re.sub(r'"[^"]*"', "", first[0] if first else "")
    counts = Counter(letter for letter in bare if letter in _SEPARATORS)
    return counts.most_common(1)[0][0] if counts else ","
