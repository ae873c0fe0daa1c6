"""Who, when and by what: the tags of a DICOM ECG beside its samples. Call these inside `guarded`."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from einthoven.ecg import Patient, Statement
from einthoven.formats.limits import MOST_STATEMENTS
from einthoven.formats.text import NAME_LENGTH, clean

_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_MOMENT = re.compile(r"(\d{8})(\d{2})(\d{2})(\d{2})?(?:\.(\d{1,6}))?(?:[+-]\d{4})?", re.ASCII)
_OLDEST = 130


def patient_of(dataset: Any, time: datetime | None) -> Patient:
    """Id, sex and age; an age that is not stated follows from the dates of birth and recording."""
    sex = {"M": "male", "F": "female"}.get(str(dataset.get("PatientSex") or "").strip().upper())
    age = _age(str(dataset.get("PatientAge") or ""))
    if age is None and time is not None:
        age = _years_between(str(dataset.get("PatientBirthDate") or ""), time.date())
    return Patient(id=clean(str(dataset.get("PatientID") or ""), NAME_LENGTH) or None, age=age, sex=sex)


def time_of(dataset: Any) -> datetime | None:
    """When the ECG was recorded, on the clock of the place; None where date or time is not stated."""
    stated = [str(dataset.get("AcquisitionDateTime") or "")]
    for kind in ("Acquisition", "Content"):
        stated.append(str(dataset.get(f"{kind}Date") or "") + str(dataset.get(f"{kind}Time") or ""))
    return next((moment for text in stated if (moment := _moment(text))), None)


def device_of(dataset: Any) -> str | None:
    """Manufacturer and model."""
    parts = [str(dataset.get(tag) or "") for tag in ("Manufacturer", "ManufacturerModelName")]
    return clean(" ".join(part for part in parts if part.strip().lower() != "unknown"), 2 * NAME_LENGTH) or None


def statements_of(dataset: Any) -> tuple[Statement, ...]:
    """The free texts of the annotations, in order: what device and reader say of the ECG."""
    texts = (
        clean(str(item.get("UnformattedTextValue") or "")) for item in dataset.get("WaveformAnnotationSequence") or ()
    )
    return tuple(Statement(text=text) for text in texts if text)[:MOST_STATEMENTS]


def _age(text: str) -> float | None:
    stated = re.fullmatch(r"(\d{3})([YMWD])", text.strip(), re.ASCII)
    return round(int(stated[1]) * _YEARS[stated[2]], 2) if stated else None


def _years_between(birth: str, day: date) -> float | None:
    if not re.fullmatch(r"\d{8}", birth, re.ASCII):
        return None
    year, month, born = int(birth[:4]), int(birth[4:6]), int(birth[6:])
    years = day.year - year - ((day.month, day.day) < (month, born))
    return float(years) if 0 <= years <= _OLDEST else None


def _moment(text: str) -> datetime | None:
    stated = _MOMENT.fullmatch(text.strip())
    if stated is None:
        return None
    day, hour, minute, second, fraction = stated.groups()
    digits = f"{day}{hour}{minute}{second or '00'}{(fraction or '').ljust(6, '0')}"
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S%f")
    except ValueError:  # a thirteenth month: a date that is none
        return None
