"""Chapman-Shaoxing (Zheng 2020), as figshare publishes it: a spreadsheet, and a CSV file without header an ECG.

Signals are in microvolt at 500 Hz, the 12 leads in the usual order. They were denoised lead by lead, so that
Einthoven's identities hold to about 0.03 mV only. Each ECG is of another patient.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, LEADS, DataError, EinthovenError, MissingPackageError, Patient, Statement
from einthoven.formats.chapman_layout import RATE, UNIT
from einthoven.formats.files import read_bytes
from einthoven.formats.told import Told

NAME = "chapman"
SPREADSHEET, SIGNALS = "Diagnostics.xlsx", "ECGDataDenoised"
COLUMNS = ("FileName", "Rhythm", "Beat", "PatientAge", "Gender")
SEX = {"MALE": "male", "FEMALE": "female"}
NO_BEAT = "NONE"


class Chapman(Dataset[Recording]):
    """A folder with `Diagnostics.xlsx` and `ECGDataDenoised/`, or some of its files.

    Raises:
        DataError: the spreadsheet is missing, damaged or has other columns, or none of its signals is there.
        MissingPackageError: openpyxl is not installed.
    """

    told = Told(RATE, UNIT, LEADS)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lines = {str(line["FileName"]): line for line in _read(folder / SPREADSHEET)}
        if not self.recordings:
            raise DataError(f"No signal of Chapman-Shaoxing is in {folder / SIGNALS}.", "Unpack ECGDataDenoised there.")

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set."""
        return (folder / SPREADSHEET).is_file()

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """Those whose signal is there, in the order of the spreadsheet."""
        found = (Recording(NAME, name, self.folder / SIGNALS / f"{name}.csv", f"{NAME}/{name}") for name in self._lines)
        return tuple(recording for recording in found if recording.file.is_file())

    def described(self, recording: Recording, ecg: ECG) -> ECG:
        """With age and sex, and the data set's own abbreviations as statements (system "Chapman")."""
        line = self._lines[recording.name]
        said = [str(line["Rhythm"] or ""), *str(line["Beat"] or "").split()]
        return ecg.described(
            patient=Patient(recording.patient, _age(line["PatientAge"]), SEX.get(str(line["Gender"]).upper())),
            statements=tuple(Statement(code=code, system="Chapman") for code in said if code and code != NO_BEAT),
        )


def _read(path: Path) -> list[dict[str, Any]]:
    """The lines of the first sheet of a spreadsheet, by column."""
    try:
        import openpyxl
    except ImportError:
        raise MissingPackageError(
            "The diagnoses of Chapman-Shaoxing are a spreadsheet; reading it needs openpyxl.",
            "pip install 'einthoven[eval]'",
        ) from None
    try:
        # What a hostile archive can raise is open: zip, XML and openpyxl have no common base.
        book = openpyxl.load_workbook(io.BytesIO(read_bytes(path)), read_only=True, data_only=True)
        sheet = list(book.worksheets[0].iter_rows(values_only=True))
        header = [str(cell) for cell in sheet[0]]
    except EinthovenError:
        raise
    except Exception as fault:  # noqa: BLE001
        raise DataError(f"{path.name} cannot be read ({type(fault).__name__}).", "Fetch it again.") from None
    lacking = [name for name in COLUMNS if name not in header]
    if lacking:
        raise DataError(f"{path.name} has no column {lacking[0]}.", "Use the spreadsheet as figshare publishes it.")
    return [dict(zip(header, line, strict=False)) for line in sheet[1:] if any(cell is not None for cell in line)]


def _age(cell: object) -> float | None:
    try:
        age = float(str(cell))
    except ValueError:
        return None
    return age if 0 <= age <= 130 else None
