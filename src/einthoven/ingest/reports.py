"""A hospital's own reports, from a table, each with what tells which ECG it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from einthoven.ecg import UsageError
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.ingest.moments import moments
from einthoven.ingest.table import Table, plain, read_table

On = Literal["file", "accession", "patient+time"]
WAYS: tuple[On, ...] = get_args(On)
MOST_TEXT = 20_000

_USUAL = {
    "file": ("file", "filename", "path", "filepath", "ecg file", "record", "record name", "datei", "dateiname"),
    "accession": (
        *("accession", "accession number", "accession no", "accession id", "order", "order number", "order id"),
        *("auftrag", "auftragsnummer", "study id"),
    ),
    "patient": ("patient", "patient id", "pid", "mrn", "subject id", "patientennummer", "patienten id"),
    "time": (
        *("time", "date time", "timestamp", "ecg time", "ecg date time", "acquisition time", "acquisition date time"),
        *("recorded", "recording time", "recording date", "zeitpunkt", "aufnahmezeit", "datum zeit"),
    ),
}
_YES = {
    "1",
    "true",
    "t",
    "yes",
    "y",
    "ja",
    "j",
    "x",
    "confirmed",
    "final",
    "validated",
    "signed",
    "bestätigt",
    "vidiert",
}
_NO = {"", "0", "false", "f", "no", "n", "nein", "unconfirmed", "preliminary", "draft", "unbestätigt", "offen", "-"}


@dataclass(frozen=True)
class Report:
    """One report; `row` is its row in the table, `key` its file, accession number or patient."""

    row: int
    key: str
    text: str = field(repr=False)
    confirmed: bool | None = None
    time: datetime | None = None


@dataclass(frozen=True)
class Reports:
    """The reports of a table, and (row, why) of what is none."""

    on: On
    reports: tuple[Report, ...]
    unusable: tuple[tuple[int, str], ...]


def read_reports(path: Path, on: str, text: str, confirmed: str | None = None, keys: Sequence[str] = ()) -> Reports:
    """The reports in a CSV file.

    Args:
        on: by what they are joined, one of `WAYS`.
        text: the column of the reports.
        confirmed: the column that says whether a person confirmed one; without it that is not known.
        keys: the columns to join on (for "patient+time" the patient's, then the time's, or its date's and its
            clock's); none takes the columns that have usual names.

    Raises:
        UsageError: no such way or column (it names those that there are), or times that can be read in two ways.
        FileError, FormatError: as `read_table`.
    """
    if on not in WAYS:
        raise UsageError(f"'{clean(on, 40)}' is no way to join reports.", f"Choose one of {', '.join(WAYS)}.")
    table = read_table(path)
    place = table.place(text)
    sure = None if confirmed is None else table.place(confirmed)
    key, times = _keys(table, on, keys)
    when = moments([" ".join(cells[time] for time in times) for _, cells in table.rows]) if times else []
    found: list[Report] = []
    unusable = [(row, "more or fewer cells than columns") for row in table.ragged]
    for number, (row, cells) in enumerate(table.rows):
        words = "\n".join(line for line in (clean(line, MOST_TEXT) for line in cells[place].splitlines()) if line)
        name = cells[key].strip() if on == "file" else clean(cells[key], NAME_LENGTH)  # as readers have it
        if not words or not name or (times and when[number] is None):
            why = "no text" if not words else "no key" if not name else "no time that can be read"
            unusable.append((row, why))
        elif len(cells[place]) > MOST_TEXT:
            unusable.append((row, f"a text of more than {MOST_TEXT} characters"))
        elif sure is not None and plain(cells[sure]) not in _YES | _NO:
            unusable.append((row, "not clear whether it is confirmed"))
        else:
            known = None if sure is None else plain(cells[sure]) in _YES
            found.append(Report(row, name, words, known, when[number] if times else None))
    return Reports(on, tuple(found), tuple(sorted(unusable)))


def _keys(table: Table, on: str, keys: Sequence[str]) -> tuple[int, list[int]]:
    """The column to join on, and those of the time."""
    places = [table.place(name) for name in keys]
    if on != "patient+time":
        if len(places) > 1:
            raise UsageError(f"Reports are joined on one column by {on}.", "Give --key once.")
        return (places or [table.guess(_USUAL[on], on)])[0], []
    if len(places) == 1 or len(places) > 3:
        raise UsageError(
            "Patient and time are two columns, or three where day and clock have one each.",
            "Give --key for the patient's first, then for the time's.",
        )
    if places:
        return places[0], places[1:]
    return table.guess(_USUAL["patient"], "patient"), [table.guess(_USUAL["time"], "time")]
