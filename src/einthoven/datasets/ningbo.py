"""Chapman-Shaoxing-Ningbo (Zheng 2020, 2022) as PhysioNet publishes it: 45,152 WFDB records, each of another patient.

`WFDBRecords/01/010/JS00001.hea` with SNOMED CT codes in `#Dx:`, and `ConditionNames_SNOMED-CT.csv`. The
acronym "AF" of that table is atrial flutter; the codes in the headers leave no doubt, so they are what is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from einthoven.datasets.csvfile import lines
from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, DataError, Patient

NAME = "chapman-ningbo"
FOLDER, CONDITIONS = "WFDBRecords", "ConditionNames_SNOMED-CT.csv"
ACRONYM, FULL, CODE = "Acronym Name", "Full Name", "Snomed_CT"
_NAME = re.compile(r"JS\d{5}")


class ChapmanNingbo(Dataset[Recording]):
    """A folder with `WFDBRecords/`, or some of its records.

    Raises:
        DataError: no record is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not self.recordings:
            raise DataError(f"No record JS00001.hea ... is in {folder / FOLDER}.", "Name the folder above WFDBRecords.")

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set."""
        return (folder / FOLDER).is_dir()

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """All of them, by name."""
        files = (path for path in (self.folder / FOLDER).rglob("JS*.hea") if _NAME.fullmatch(path.stem))
        return tuple(
            Recording(NAME, path.stem, path, f"{NAME}/{path.stem}")
            for path in sorted(files, key=lambda path: path.stem)
        )

    @cached_property
    def conditions(self) -> Mapping[str, tuple[str, str]]:
        """(acronym, full name) by SNOMED CT code; of a code that is listed twice the first.

        Raises:
            DataError: `ConditionNames_SNOMED-CT.csv` is missing or has other columns.
        """
        found: dict[str, tuple[str, str]] = {}
        for line in lines(self.folder / CONDITIONS, (ACRONYM, FULL, CODE)):
            found.setdefault(line[CODE].strip(), (line[ACRONYM].strip(), line[FULL].strip()))
        return found

    def described(self, recording: Recording, ecg: ECG) -> ECG:
        """As its header says, with its own patient."""
        return ecg.described(patient=Patient(recording.patient, ecg.patient.age, ecg.patient.sex))
