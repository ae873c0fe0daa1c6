"""Who, when and by what: the tags of a DICOM ECG beside its samples. Call these inside `guarded`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from einthoven.ecg import Patient, Statement
from einthoven.formats.dicom_values import first_of, holds_none, text_of
from einthoven.formats.documents.dates import compact, day_of, years_between
from einthoven.formats.limits import MOST_STATEMENTS
from einthoven.formats.text import NAME_LENGTH, clean

IMPRESSION = "8601-7"
"""LOINC's code of what somebody or something says of an ECG as a whole."""

SCHEMES = {"SCT": "SNOMED", "SCPECG": "SCP"}
"""Vocabularies that DICOM calls by another name; those of its own house begin with 99."""

_STATING = ((0x0070, 0x0006), (0x0040, 0xA168))  # UnformattedTextValue, ConceptCodeSequence
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
    """When the ECG was recorded, on the clock of the place; None where date or time is not stated."""
    stated = [text_of(dataset, "AcquisitionDateTime")]
    for kind in ("Acquisition", "Content"):
        stated.append(text_of(dataset, f"{kind}Date") + text_of(dataset, f"{kind}Time"))
    return next((moment for text in stated if (moment := compact(text))), None)


def device_of(dataset: Any) -> str | None:
    """Manufacturer and model."""
    parts = [text_of(dataset, tag) for tag in ("Manufacturer", "ManufacturerModelName")]
    return clean(" ".join(part for part in parts if part.strip().lower() != "unknown"), 2 * NAME_LENGTH) or None


def accession_of(dataset: Any) -> str | None:
    """The order's number in the hospital."""
    return clean(text_of(dataset, "AccessionNumber"), NAME_LENGTH) or None


def statements_of(dataset: Any) -> tuple[Statement, ...]:
    """The annotations that state something of the whole ECG: free texts, and codes of an impression."""
    if holds_none(dataset, "WaveformAnnotationSequence", _STATING):
        return ()
    found = (_statement(item) for item in dataset.get("WaveformAnnotationSequence") or ())
    return tuple(statement for statement in found if statement.text or statement.code)[:MOST_STATEMENTS]


def _statement(item: Any) -> Statement:
    text = clean(text_of(item, "UnformattedTextValue"))
    value = None if text else first_of(item, "ConceptCodeSequence")
    if value is None:  # most items are measurements, whose names need not be looked at
        return Statement(text=text)
    name = first_of(item, "ConceptNameCodeSequence")
    if name is None or text_of(name, "CodeValue") != IMPRESSION:
        return Statement()
    code = clean(text_of(value, "CodeValue") or text_of(value, "LongCodeValue"), NAME_LENGTH)
    scheme = clean(text_of(value, "CodingSchemeDesignator"), NAME_LENGTH)
    meaning = clean(text_of(value, "CodeMeaning"))
    return Statement(
        "" if meaning == code else meaning, code or None, SCHEMES.get(scheme, scheme.removeprefix("99")) or None
    )


def _age(text: str) -> float | None:
    stated = re.fullmatch(r"(\d{3})([YMWD])", text.strip(), re.ASCII)
    return round(int(stated[1]) * _YEARS[stated[2]], 2) if stated else None
