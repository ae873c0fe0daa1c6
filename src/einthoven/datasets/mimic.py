"""MIMIC-IV-ECG 1.0 (Gow 2023) as PhysioNet publishes it: 800,035 WFDB records of 161,352 patients, and two tables.

`record_list.csv` says where records lie, `machine_measurements.csv` what the cart said (`report_0` to `report_17`,
of which any may be empty) and measured. Headers store aVF before aVL; leads are taken by name. Age and sex are not
part of it: they are in `patients.csv` of MIMIC-IV, which PhysioNet lends to credentialed users only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from einthoven.datasets.csvfile import arrow
from einthoven.datasets.folds import fold_by_patient
from einthoven.datasets.mimic_patients import Age, Patients
from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, DataError, Ints, Statement
from einthoven.formats.text import clean

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "mimic-iv-ecg"
LIST, MEASUREMENTS = "record_list.csv", "machine_measurements.csv"
REPORTS = tuple(f"report_{number}" for number in range(18))
TIMES = ("rr_interval", "p_onset", "p_end", "qrs_onset", "qrs_end", "t_end")
AXES = ("p_axis", "qrs_axis", "t_axis")
SENTINELS = frozenset({29999, 32767, -32768, 65535})
"""What stands where the cart could not measure."""


class MIMICIVECG(Dataset[Recording]):
    """A folder with `record_list.csv`, `machine_measurements.csv` and `files/`, or some of its records.

    Folds are by the hash of the patient (`folds.fold_by_patient`), since none are published.

    Args:
        patients: `patients.csv` of MIMIC-IV, also `.gz`. Without it age and sex are not known.
        age: "time", the age at the ECG's time; "anchor", MIMIC-IV's anchor age, as many papers take it.

    Raises:
        DataError: a table is missing, damaged or has other columns, or no record is there.
        UsageError: no such way to tell the age.
    """

    def __init__(self, folder: Path, patients: Path | None = None, age: Age = "time") -> None:
        import pyarrow as pa

        self.folder = folder
        self._patients = Patients.read(patients, age) if patients else None
        types = {"subject_id": pa.int64(), "study_id": pa.int64(), "path": pa.string(), "ecg_time": pa.string()}
        every = arrow(folder / LIST, types)
        there = [self._file(path).is_file() for path in every["path"].to_pylist()]
        self._list = every.filter(pa.array(there))
        self.absent = len(there) - sum(there)
        if not len(self._list):
            raise DataError(f"No record of {LIST} is in {folder}.", "Put the folder files/ beside it.")
        words = dict.fromkeys(REPORTS, pa.dictionary(pa.int32(), pa.string()))
        numbers = dict.fromkeys((*TIMES, *AXES), pa.float32())
        self._measurements = arrow(folder / MEASUREMENTS, {"study_id": pa.int64(), **words, **numbers}).combine_chunks()
        self._lines = _Places(self._measurements["study_id"].to_numpy())
        self._entries = _Places(self._list["study_id"].to_numpy())

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set."""
        return (folder / LIST).is_file() and (folder / MEASUREMENTS).is_file()

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """Those that are there, in the order of the list; each is made when it is asked for."""
        return _Recordings(self._list, self._file)

    def described(self, recording: Recording, ecg: ECG) -> ECG:
        """With patient, time, and what the cart said and measured."""
        study = int(recording.name)
        subject = int(str(recording.patient).rpartition("/")[2])
        time = self._time(study)
        patient, notices = Patients.nobody(recording.patient), ecg.notices
        if self._patients:
            patient, notices = self._patients.of(subject, recording.patient, time, notices)
        return ecg.described(
            patient=patient,
            time=time,
            notices=notices,
            statements=tuple(Statement(line) for line in self.report_lines(recording)),
            measured=self.measured(recording),
        )

    def text(self, recording: Recording) -> str | None:
        """What the cart said, line after line, as one text; None where it said nothing."""
        return ". ".join(line.rstrip(".") for line in self.report_lines(recording)) or None

    def report_lines(self, recording: Recording) -> tuple[str, ...]:
        """The lines of the cart's report that are not empty, wherever they stand."""
        line = self._measurements_of(recording)
        cleaned = (clean(line[name] or "") for name in REPORTS)
        return tuple(text for text in cleaned if text)

    def measured(self, recording: Recording) -> Mapping[str, float]:
        """What the cart measured, by the names of `einthoven.ecg.measured`; what it could not is absent."""
        line = {name: _number(value) for name, value in self._measurements_of(recording).items() if name not in REPORTS}
        spans = {"pr": ("p_onset", "qrs_onset"), "p": ("p_onset", "p_end")}
        spans |= {"qrs": ("qrs_onset", "qrs_end"), "qt": ("qrs_onset", "t_end")}
        found = {}
        for name, (start, end) in spans.items():
            first, last = line.get(start), line.get(end)
            if first is not None and last is not None and last > first:
                found[name] = last - first
        if rr := line.get("rr_interval"):
            found |= {"rr": rr, "heart_rate": 60_000 / rr} if rr > 0 else {}
        return found | {name: value for name in AXES if (value := line.get(name)) is not None}

    def _file(self, path: str) -> Path:
        file = self.folder / f"{path}.hea"
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise DataError(f"{LIST} names a file outside the folder.", "Use the table as it is published.")
        return file

    def _measurements_of(self, recording: Recording) -> dict[str, Any]:
        place = self._lines.of(int(recording.name))
        if place is None:
            raise DataError(f"{MEASUREMENTS} has no line for study {recording.name}.", "Use the table as published.")
        found: dict[str, Any] = self._measurements.slice(place, 1).to_pylist()[0]
        return found

    def _time(self, study: int) -> datetime | None:
        place = self._entries.of(study)
        try:
            return None if place is None else datetime.fromisoformat(self._list["ecg_time"][place].as_py())
        except (TypeError, ValueError):
            return None  # no time is told of this one


class _Places:
    """Where a number stands in a column; a dictionary of 800,000 would take a hundred megabytes."""

    def __init__(self, column: Ints) -> None:
        self._order = np.argsort(column, kind="stable")
        self._sorted = column[self._order]

    def of(self, number: int) -> int | None:
        at = int(np.searchsorted(self._sorted, number))
        return int(self._order[at]) if at < len(self._sorted) and self._sorted[at] == number else None


class _Recordings(Sequence[Recording]):
    """Recordings of an Arrow table, made when they are asked for: 800,000 at once would take half a gigabyte."""

    def __init__(self, table: pa.Table, file: Any) -> None:
        self._columns = {name: table[name].combine_chunks() for name in ("subject_id", "study_id", "path")}
        self._file = file

    def __len__(self) -> int:
        return len(self._columns["path"])

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        subject, study, path = (column[place % len(self)].as_py() for column in self._columns.values())
        patient = f"{NAME}/{subject}"
        return Recording(NAME, str(study), self._file(path), patient, fold_by_patient(patient))


def _number(value: float | None) -> float | None:
    return None if value is None or value != value or int(value) in SENTINELS else float(value)
