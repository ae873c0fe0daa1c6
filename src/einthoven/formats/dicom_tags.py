"""Who, when and by what: the tags of a DICOM ECG beside its samples. Call these inside `guarded`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from einthoven.ecg import Patient
from einthoven.formats.dicom_values import text_of
from einthoven.formats.documents.dates import compact, day_of, years_between
from einthoven.formats.text import NAME_LENGTH, clean

_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}


def patient_of(dataset: Any, time: datetime | None) -> Patient:
    """Id, sex and age; an age that is not stated follows from the dates of birth and recording."""
    sex = {"M": "male", "F": "female"}.get(text_of(dataset, "PatientSex").strip().upper())
    age = _age(text_of(dataset, "PatientAge"))
    if age is None and time is not None:
        birth = day_of(text_of(dataset, "PatientBirthDate"))
        age = years_between(birth, time.date()) if birth else None
    return Patient(id=clean(text_of(dataset, "PatientID"), NAME_LENGTH) or None, age=age, sex=sex)


def time_of(dataset: Any) -> datetime | None:
    """When the ECG was recorded, with an offset from UTC where one is stated; None without date or time."""
    stated = [text_of(dataset, "AcquisitionDateTime")]
    for kind in ("Acquisition", "Content"):
        stated.append(text_of(dataset, f"{kind}Date") + text_of(dataset, f"{kind}Time"))
    offset = text_of(dataset, "TimezoneOffsetFromUTC").strip()
    return next((moment for text in stated if (moment := compact(text.strip() + offset) or compact(text))), None)


def device_of(dataset: Any) -> str | None:
    """Manufacturer and model."""
    parts = [text_of(dataset, tag) for tag in ("Manufacturer", "ManufacturerModelName")]
    return clean(" ".join(part for part in parts if part.strip().lower() != "unknown"), 2 * NAME_LENGTH) or None


def accession_of(dataset: Any) -> str | None:
    """The order's number in the hospital."""
    return clean(text_of(dataset, "AccessionNumber"), NAME_LENGTH) or None


def _age(text: str) -> float | None:
    stated = re.fullmatch(r"(\d{3})([YMWD])", text.strip(), re.ASCII)
    return round(int(stated[1]) * _YEARS[stated[2]], 2) if stated else None
