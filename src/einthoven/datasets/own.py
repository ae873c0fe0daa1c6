"""A data set of one's own: ECG files, and a table `ecgs.csv` that says whose they are and what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from einthoven.datasets.csvfile import lines
from einthoven.datasets.folds import fold_by_patient
from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, DataError, Statement
from einthoven.formats.told import Told, split_record, told
from einthoven.statements import VOCABULARY

NAME = "own"
TABLE = "ecgs.csv"
NEEDED = ("file", "patient")
TOLD = ("rate", "unit", "leads")
COLUMNS = (*NEEDED, "age", "sex", "report", "codes", "fold", *TOLD)
SEX = {"female": "female", "f": "female", "w": "female", "male": "male", "m": "male", "": None}
OLDEST = 130
BETWEEN = re.compile(r"[\s,;]+")
WRITTEN = (
    f"Write it in UTF-8 with commas between its columns: {', '.join(NEEDED)}, and any of {', '.join(COLUMNS[2:])}."
)


@dataclass(frozen=True, kw_only=True)
class Entry(Recording):
    """One line of the table; None or () where it says nothing."""

    age: float | None
    sex: str | None
    report: str | None
    statements: tuple[Statement, ...]


class Own(Dataset[Entry]):
    """A folder with `ecgs.csv`, a line an ECG: `file` and `patient`, and what else of `COLUMNS` there is.

    Patients are named as ECG files name them, so that an archive knows its query's own. Without a column `fold`, folds
    are by the hash of the patient; an ECG without a patient then has none. `codes` are SCP codes; what the file itself
    states is no label, and is left out. `rate`, `unit` and `leads` are for files that do not state them, and the same
    in each line.

    Raises:
        DataError: the table is missing or damaged; a line, named by its number, says what cannot be; a file is not
            there or named twice; one patient is in two folds.
    """

    remedy = f"Correct it, or take it out of {TABLE}; `einthoven data check own FOLDER --read` names all that are so."

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        table = list(lines(folder / TABLE, NEEDED, WRITTEN))
        if not table:
            raise DataError(f"{TABLE} names no ECG.", WRITTEN)
        if strange := [name for name in table[0] if name not in COLUMNS]:
            raise DataError(f"{TABLE} has a column '{strange[0]}', which nothing reads.", f"Leave it out. {WRITTEN}")
        self.told = _told(table)
        self._entries = tuple(_entries(table, folder))
        _one_fold_each(self._entries)

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds such a table."""
        return (folder / TABLE).is_file()

    @property
    def recordings(self) -> Sequence[Entry]:
        """The lines of the table, in their order."""
        return self._entries

    def described(self, recording: Entry, ecg: ECG) -> ECG:
        """With what the table says; an age or sex that it leaves out is as the file states it."""
        patient = replace(
            ecg.patient,
            id=recording.patient,
            age=ecg.patient.age if recording.age is None else recording.age,
            sex=recording.sex or ecg.patient.sex,
        )
        notices = tuple(notice for notice in ecg.notices if notice.kind != "told-not-used")
        return ecg.described(patient=patient, statements=recording.statements, notices=notices)

    def text(self, recording: Entry) -> str | None:
        """The report as it stands in the table."""
        return recording.report


def _told(table: Sequence[Mapping[str, str]]) -> Told:
    said = {tuple(line.get(name, "").strip() for name in TOLD) for line in table}
    if len(said) > 1:
        raise DataError(
            f"{TABLE} does not say the same rate, unit and leads in each line.",
            "They are for files that do not state them. Put files of another kind into a folder of their own.",
        )
    ((rate, unit, leads),) = said
    try:
        return told(float(rate) if rate else None, unit or None, leads or None, None)
    except ValueError:
        raise DataError(f"{TABLE} says a rate that is no number: '{rate[:20]}'.", "Say samples a second.") from None


def _entries(table: Sequence[Mapping[str, str]], folder: Path) -> Iterator[Entry]:
    names: dict[str, int] = {}
    for number, line in enumerate(table, 2):
        try:
            entry = _entry({key: cell.strip() for key, cell in line.items()}, folder)
        except ValueError as fault:
            raise DataError(f"Line {number} of {TABLE}: {fault}.", "Correct the line, or take it out.") from None
        if entry.name in names:
            raise DataError(
                f"Lines {names[entry.name]} and {number} of {TABLE} name the same record.", "Name each ECG once."
            )
        names[entry.name] = number
        yield entry


def _entry(line: Mapping[str, str], folder: Path) -> Entry:
    """One line, read; `ValueError` says what cannot be, without what may be a name."""
    path = PurePosixPath(line["file"].replace("\\", "/"))
    if not line["file"] or path.is_absolute() or ".." in path.parts:
        raise ValueError("its file is not one in the folder of the table")
    if not split_record(folder / path)[0].is_file():
        raise ValueError(f"there is no file {path}")
    patient = line["patient"] or None
    return Entry(
        source=NAME,
        name=str(path.with_suffix("")) if "#" not in path.name else str(path),
        file=folder / path,
        patient=patient,
        fold=_fold(line.get("fold", ""), patient),
        age=_age(line.get("age", "")),
        sex=_sex(line.get("sex", "")),
        report=line.get("report") or None,
        statements=_statements(line.get("codes", "")),
    )


def _fold(cell: str, patient: str | None) -> int | None:
    if not cell:
        return None if patient is None else fold_by_patient(patient)
    if cell not in map(str, range(1, 11)):
        raise ValueError("its fold is none of 1 to 10")
    return int(cell)


def _age(cell: str) -> float | None:
    if not cell:
        return None
    try:
        age = float(cell)
    except ValueError:
        age = -1
    if not 0 <= age <= OLDEST:
        raise ValueError(f"its age is no number of years from 0 to {OLDEST}")
    return age


def _sex(cell: str) -> str | None:
    if cell.lower() not in SEX:
        raise ValueError("its sex is none of female, male, f, w, m or nothing")
    return SEX[cell.lower()]


def _statements(cell: str) -> tuple[Statement, ...]:
    codes = tuple(dict.fromkeys(filter(None, BETWEEN.split(cell))))
    if strange := [code for code in codes if code not in VOCABULARY]:
        raise ValueError(
            f"'{strange[0][:20]}' is no SCP code (`einthoven statements parse` reads words, {len(VOCABULARY)} codes)"
        )
    return tuple(Statement(code=code, system="SCP") for code in codes)


def _one_fold_each(entries: Sequence[Entry]) -> None:
    folds: dict[str, int | None] = {}
    for entry in entries:
        if entry.patient is not None and folds.setdefault(entry.patient, entry.fold) != entry.fold:
            raise DataError(
                f"{entry.record} is in another fold than an ECG of the same patient before it.",
                "Give all ECGs of one patient the same fold, or leave the column out.",
            )
