"""CODE-15% (Ribeiro 2021): 345,779 ECGs of 233,770 patients in 18 HDF5 files, and `exams.csv`.

`exams_part0.hdf5` to `exams_part17.hdf5` hold `tracings` and `exam_id` in an order of their own; the table says in
which file an exam is (`trace_file`). WFDB copies of single exams (`100003.hea`) are read as well. Six findings and
`normal_ecg` are true or false; half of the exams have neither, so nothing follows from a finding that is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from einthoven.datasets.csvfile import lines
from einthoven.datasets.folds import fold_by_patient
from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, DataError, Patient, Statement

NAME = "code-15"
TABLE = "exams.csv"
FINDINGS = ("1dAVb", "RBBB", "LBBB", "SB", "ST", "AF", "normal_ecg")
COLUMNS = ("exam_id", "patient_id", "age", "is_male", "trace_file", *FINDINGS)
YES, NO = {"true", "1", "1.0"}, {"false", "0", "0.0", ""}


class CODE15(Dataset[Recording]):
    """A folder with `exams.csv` and some of the HDF5 files, or of WFDB copies of exams, beside it.

    Folds are by the hash of the patient (`folds.fold_by_patient`), since none are published.

    Raises:
        DataError: the table is missing, damaged or has other columns, or no exam is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._exams: dict[str, tuple[float | None, str | None, tuple[str, ...]]] = {}
        if not self.recordings:
            raise DataError(f"No exam of {TABLE} is in {folder}.", "Put exams_part0.hdf5 and so on beside it.")

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set."""
        return (folder / TABLE).is_file()

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """Those whose file is there, in the order of the table."""
        return tuple(self._read())

    def described(self, recording: Recording, ecg: ECG) -> ECG:
        """With age, sex and findings as the table has them (system "CODE-15")."""
        age, sex, findings = self._exams[recording.name]
        return ecg.described(
            patient=Patient(recording.patient, age, sex),
            statements=tuple(Statement(code=name, system="CODE-15") for name in findings),
        )

    def _read(self) -> Iterable[Recording]:
        for line in lines(self.folder / TABLE, COLUMNS):
            exam, trace = line["exam_id"].strip(), line["trace_file"].strip()
            if not exam.isdecimal() or Path(trace).name != trace:
                raise DataError(f"{TABLE} names an exam or a file that is none.", "Use the table as it is published.")
            file = self._file(exam, trace)
            if file is None:
                continue
            self._exams[exam] = (_age(line["age"]), _sex(line["is_male"]), _found(line))
            patient = f"{NAME}/{line['patient_id'].strip()}"
            yield Recording(NAME, exam, file, patient, fold_by_patient(patient))

    def _file(self, exam: str, trace: str) -> Path | None:
        if exam in self._copies:
            return self._copies[exam]
        return self.folder / f"{trace}#{exam}" if trace in self._parts else None

    @cached_property
    def _parts(self) -> frozenset[str]:
        return frozenset(path.name for path in self.folder.glob("*.hdf5"))

    @cached_property
    def _copies(self) -> Mapping[str, Path]:
        return {path.stem: path for path in self.folder.rglob("*.hea") if path.stem.isdecimal()}


def _found(line: dict[str, Any]) -> tuple[str, ...]:
    for name in FINDINGS:
        if line[name].strip().lower() not in YES | NO:
            raise DataError(f"{TABLE} says neither true nor false of {name}.", "Use the table as it is published.")
    return tuple(name for name in FINDINGS if line[name].strip().lower() in YES)


def _sex(cell: str) -> str | None:
    plain = cell.strip().lower()
    return "male" if plain in YES else "female" if plain in NO - {""} else None


def _age(cell: str) -> float | None:
    try:
        age = float(cell)
    except ValueError:
        return None
    return age if 0 <= age <= 130 else None
