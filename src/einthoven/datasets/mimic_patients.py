"""Age and sex from MIMIC-IV's `patients.csv`, which MIMIC-IV-ECG itself does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, get_args

from einthoven.datasets.csvfile import arrow
from einthoven.ecg import Notice, Patient, UsageError

Age = Literal["time", "anchor"]
SEX = {"M": "male", "F": "female"}
HIDDEN_AGE = 89.0
"""MIMIC-IV gives patients older than 89 at their anchor the age 91."""


@dataclass(frozen=True)
class Patients:
    """(sex, anchor age, anchor year) by subject."""

    age: Age
    by_subject: dict[int, tuple[str | None, float, int]]

    @classmethod
    def read(cls, path: Path, age: Age) -> Patients:
        """Reads `hosp/patients.csv` or `patients.csv.gz` of MIMIC-IV.

        Raises:
            UsageError: no such way to tell the age.
            DataError: the table is missing, damaged or has other columns.
        """
        import pyarrow as pa

        if age not in get_args(Age):
            raise UsageError(f"There is no age by '{age}'.", "Choose time or anchor.")
        types = {"subject_id": pa.int64(), "gender": pa.string(), "anchor_age": pa.float32(), "anchor_year": pa.int64()}
        columns = (column.to_pylist() for column in arrow(path, types).columns)
        found = {
            subject: (SEX.get(sex or ""), float(years), year)
            for subject, sex, years, year in zip(*columns, strict=True)
            if None not in (subject, years, year)
        }
        return cls(age, found)

    @staticmethod
    def nobody(patient: str | None) -> Patient:
        """A patient of whom only the id is known."""
        return Patient(patient)

    def of(
        self, subject: int, patient: str | None, time: datetime | None, notices: tuple[Notice, ...]
    ) -> tuple[Patient, tuple[Notice, ...]]:
        """The patient at the time of an ECG, and the notices with what there is to know of the age."""
        if subject not in self.by_subject:
            return self.nobody(patient), notices
        sex, anchor, year = self.by_subject[subject]
        age: float | None = anchor
        if self.age == "time":
            age = None if time is None else anchor + time.year - year
        if age is not None and not 0 <= age <= 130:
            age = None
        if anchor > HIDDEN_AGE and age is not None:
            text = "MIMIC-IV hides the age of patients above 89: it is not exact."
            notices = (*notices, Notice("age-capped", text))
        return Patient(patient, age, sex), notices
