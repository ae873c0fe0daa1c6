"""CPSC2018 (Liu 2018; also called ICBEB): 6,877 public records of nine classes, in either of its two layouts.

The original: `TrainingSet1/A0001.mat` and so on, MATLAB structs, and `REFERENCE.csv` with up to three classes a
record by number. Its links are gone; the usual copy is the Challenge's: WFDB headers whose `#Dx:` holds SNOMED CT
codes, or in its first release the classes' own names, where the classes' order is lost. Patients are not told, though
benchmarks count each record as another one. The 2,954 records of the hidden test set were never published.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from einthoven.datasets.csvfile import lines
from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, DataError, Statement
from einthoven.statements.table import rows

NAME = "cpsc2018"
RECORDS = 6877
REFERENCE = "REFERENCE.csv"
COLUMNS = ("Recording", "First_label", "Second_label", "Third_label")
FOLDS_FILE = "icbeb_database.csv"
_NAME = re.compile(r"A\d{4}")


class CPSC2018(Dataset[Recording]):
    """The records below a folder, in the original layout or the Challenge's.

    Where `icbeb_database.csv` (Strodthoff et al. 2021) lies in the folder, its folds are the recordings' folds.

    Raises:
        DataError: no record is there, or the original without its `REFERENCE.csv`, or with labels that are none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._folds = _folds(folder / FOLDS_FILE)
        self._numbers: Mapping[str, tuple[str, ...]] = {}
        if not self.recordings:
            raise DataError(
                f"No record of CPSC2018 is in {folder}.", "Name a folder with A0001.hea or TrainingSet1/A0001.mat."
            )
        if any(recording.file.suffix == ".mat" for recording in self.recordings):
            self._numbers = _reference(folder)

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set in its original layout, with its labels."""
        return (folder / REFERENCE).is_file() or any(folder.glob(f"TrainingSet*/{REFERENCE}"))

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """All of them, by name; of a record that is there in both layouts the original."""
        found = {path.stem: path for path in self.folder.rglob("A*.hea") if _NAME.fullmatch(path.stem)}
        for path in self.folder.rglob("A*.mat"):
            if _NAME.fullmatch(path.stem) and not path.with_suffix(".hea").exists():
                found[path.stem] = path
        return tuple(Recording(NAME, name, path, fold=self._folds.get(name)) for name, path in sorted(found.items()))

    def described(self, recording: Recording, ecg: ECG) -> ECG:
        """With its classes as SNOMED CT codes, in the order of the layout.

        Raises:
            DataError: `REFERENCE.csv` does not name the record.
        """
        statements = ecg.statements
        if recording.file.suffix == ".mat":
            if recording.name not in self._numbers:
                raise DataError(f"{REFERENCE} has no line for {recording.name}.", "Use the file of CPSC2018 itself.")
            statements = tuple(Statement(text=number) for number in self._numbers[recording.name])
        known = [(_classes().get(statement.code or statement.text), statement) for statement in statements]
        return ecg.described(
            statements=tuple(
                Statement(code=one["snomed"], system="SNOMED") if one else statement for one, statement in known
            ),
        )


def nine_labels(statements: Sequence[Statement]) -> tuple[str, ...]:
    """The benchmark's labels of a record of CPSC2018 (Strodthoff et al. 2021), sorted: of NORM, AFIB, 1AVB, CLBBB,
    CRBBB, PAC, VPC, STD_ and STE_; a statement may be a class's number, own name or SNOMED CT code.

    >>> nine_labels([Statement(code="59118001", system="SNOMED"), Statement("AF")])
    ('AFIB', 'CRBBB')
    """
    found = (_classes().get(statement.code or statement.text) for statement in statements)
    return tuple(sorted({one["label"] for one in found if one}))


@cache
def label_names() -> tuple[str, ...]:
    """The nine labels, by the numbers of CPSC2018."""
    return tuple(one["label"] for one in rows("cpsc"))


@cache
def _classes() -> Mapping[str, dict[str, str]]:
    """A class by its number, its own name and its SNOMED CT code."""
    return {one[key]: one for one in rows("cpsc") for key in ("number", "cpsc", "snomed")}


def _reference(folder: Path) -> dict[str, tuple[str, ...]]:
    files = sorted(folder.rglob(REFERENCE))
    if not files:
        raise DataError(
            f"CPSC2018 in {folder} lacks {REFERENCE}, which holds its labels.", "Put it beside the records."
        )
    found = {}
    for file in files:
        for line in lines(file, COLUMNS):
            numbers = tuple(line[column].strip() for column in COLUMNS[1:] if line[column].strip() not in {"", "nan"})
            if not numbers or any(number not in map(str, range(1, 10)) for number in numbers):
                raise DataError(f"{REFERENCE} gives {line['Recording']} a label that is none.", "Labels are 1 to 9.")
            found[line["Recording"].strip()] = numbers
    return found


def _folds(path: Path) -> dict[str, int]:
    """Strodthoff's fold by record; nothing where the table is not there."""
    if not path.is_file():
        return {}
    try:
        return {line["filename"]: int(line["strat_fold"]) for line in lines(path, ("filename", "strat_fold"))}
    except ValueError:
        raise DataError(f"{path.name} has folds that are no numbers.", "Use the table of the benchmark.") from None
