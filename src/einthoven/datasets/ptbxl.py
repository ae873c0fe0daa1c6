"""PTB-XL (Wagner 2020), releases 1.0.1 and 1.0.3, in the layout that PhysioNet publishes."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, DataError, Notice, Patient, Statement, UsageError

NAME = "ptb-xl"
RELEASES = {21_837: "1.0.1", 21_799: "1.0.3"}
COLUMNS = (
    "ecg_id",
    "patient_id",
    "age",
    "sex",
    "recording_date",
    "report",
    "scp_codes",
    "strat_fold",
    "device",
)
FOLDS = range(1, 11)
FILES = {100: "filename_lr", 500: "filename_hr"}
OLDEST, HIDDEN_AGE = 89.0, 300.0  # PTB-XL writes 300 for everybody older, to protect them
SEX = {"0": "male", "1": "female"}


@dataclass(frozen=True, kw_only=True)
class Entry(Recording):
    """One line of `ptbxl_database.csv`, read."""

    patient: str
    fold: int
    ecg_id: int
    age: float | None
    sex: str | None
    time: datetime | None
    device: str | None
    report: str
    statements: tuple[Statement, ...]
    notices: tuple[Notice, ...] = ()


class PTBXL(Dataset[Entry]):
    """A folder with `ptbxl_database.csv` and `records100` or `records500`, or some of their files.

    Args:
        folder: where PhysioNet's files are.
        rate: 100 or 500, which of the two copies of each signal is read.

    Raises:
        DataError: the folder or its table is missing, or the table has other columns.
    """

    def __init__(self, folder: Path, rate: int = 100) -> None:
        if rate not in FILES:
            raise UsageError(f"PTB-XL has no signals at {rate} Hz.", "Choose 100 or 500.")
        self.folder = folder
        self.rate = rate
        self.entries = tuple(_entries(folder, rate))

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set."""
        return (folder / "ptbxl_database.csv").is_file()

    @property
    def release(self) -> str:
        """The release, told by the number of rows of the table."""
        return RELEASES.get(len(self.entries), f"unknown ({len(self.entries)} rows)")

    def present(self, folds: Iterable[int] | None = None) -> list[Entry]:
        """The entries whose signal file is there, of these folds or of all.

        Raises:
            DataError: none of them is there.
        """
        wanted = _wanted(folds)
        found = [entry for entry in self.entries if entry.fold in wanted and self._is_there(entry)]
        if not found:
            raise DataError(
                f"None of the {self.rate} Hz signals of folds {_ranges(wanted)} is in {self.folder}.",
                f"Put records{self.rate}/ beside ptbxl_database.csv, or ask for the other rate.",
            )
        return found

    def absent(self, folds: Iterable[int] | None = None) -> int:
        """How many entries of these folds, or of all, lack a signal file: those that `present` leaves out."""
        wanted = _wanted(folds)
        return sum(entry.fold in wanted and not self._is_there(entry) for entry in self.entries)

    @cached_property
    def recordings(self) -> Sequence[Entry]:
        """The entries whose signal file is there."""
        return tuple(self.present())

    def of_folds(self, folds: Iterable[int] | None) -> Sequence[Entry]:
        """As `present`."""
        return self.present(folds)

    def described(self, recording: Entry, ecg: ECG) -> ECG:
        """With what the table says of patient, time, device and statements."""
        return ecg.described(
            patient=Patient(recording.patient, recording.age, recording.sex),
            time=recording.time,
            device=recording.device,
            statements=recording.statements,
            notices=(*ecg.notices, *recording.notices),
        )

    def text(self, recording: Entry) -> str:
        """The report as it stands in the table."""
        return recording.report

    def _is_there(self, entry: Entry) -> bool:
        return all(entry.file.with_suffix(suffix).is_file() for suffix in (".hea", ".dat"))


def _entries(folder: Path, rate: int) -> Iterator[Entry]:
    table = folder / "ptbxl_database.csv"
    line_number = 1
    try:
        with table.open(newline="", encoding="utf-8") as file:
            lines = csv.DictReader(file)
            lacking = [name for name in (*COLUMNS, FILES[rate]) if name not in (lines.fieldnames or ())]
            if lacking:
                raise DataError(f"{table} has no column {lacking[0]}.", "Use the table as PhysioNet publishes it.")
            for line in lines:
                line_number = lines.line_num
                yield _entry(line, rate, folder)
    except OSError:
        raise DataError(
            f"{folder} holds no ptbxl_database.csv.", "Name the folder that PhysioNet's archive unpacks to."
        ) from None
    except (ValueError, TypeError, AttributeError, csv.Error) as fault:  # also of a line that ends early
        raise DataError(
            f"{table} cannot be read in line {line_number}: {fault}.", "Use the table as PhysioNet publishes it."
        ) from None


def _entry(line: dict[str, str], rate: int, folder: Path) -> Entry:
    age = float(line["age"]) if line["age"] not in ("", "nan") else None
    old = age is not None and age > OLDEST
    if age is not None and not 0 <= age <= HIDDEN_AGE:
        raise ValueError(f"an age of {age:g}")
    return Entry(
        source=NAME,
        name=f"{int(line['ecg_id']):05d}",
        ecg_id=int(line["ecg_id"]),
        patient=f"{NAME}/{int(float(line['patient_id']))}",
        age=OLDEST + 1 if old else age,
        sex=SEX.get(line["sex"]),
        time=datetime.fromisoformat(line["recording_date"]) if line["recording_date"] else None,
        device=line["device"].strip() or None,
        report=line["report"],
        statements=_statements(line["scp_codes"]),
        fold=int(line["strat_fold"]),
        file=(folder / line[FILES[rate]]).with_suffix(".hea"),
        notices=(Notice("age-capped", "Age above 89: the exact age is not published."),) if old else (),
    )


def _statements(codes: str) -> tuple[Statement, ...]:
    """`{'NORM': 100.0, 'SR': 0.0}`; a likelihood of 0 means unknown, and the statement is present."""
    likelihoods: dict[str, float] = json.loads(codes.replace("'", '"'))
    return tuple(Statement(code=code, system="SCP", likelihood=value or None) for code, value in likelihoods.items())


def _wanted(folds: Iterable[int] | None) -> set[int]:
    return set(FOLDS if folds is None else folds)


def _ranges(folds: set[int]) -> str:
    return ", ".join(map(str, sorted(folds)))
