"""FHIR: an ECG as an Observation with SampledData, alone or in a Bundle, in JSON of R4 or R5."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from einthoven.ecg import ECG, FormatError, Notice, Patient, Statement
from einthoven.formats.documents.channels import readable, to_ecg
from einthoven.formats.documents.dates import age_of, day_of, iso, unread_time
from einthoven.formats.documents.encoding import opening
from einthoven.formats.documents.json_tree import at, number_at, objects, read_json, text_at
from einthoven.formats.documents.measured import LOINC, in_own_unit, measured_of
from einthoven.formats.documents.statements import statements_of
from einthoven.formats.fhir_sampled import block_of
from einthoven.formats.text import NAME_LENGTH, clean

_SYSTEMS = {"http://snomed.info/sct": "SNOMED", "urn:oid:2.16.840.1.113883.6.24": "MDC"}
_MOST_RESOURCES = 1000


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file is a JSON object that names its FHIR resource type; `path` tells nothing more."""
    text = opening(head).lstrip()
    return text.startswith("{") and '"resourceType"' in text


def read(path: Path) -> ECG:
    """Reads the Observation with most leads; errors as `einthoven.formats.read`."""
    document, notices = read_json(path)
    resources = list(_resources(document))
    waves = [one for one in resources if _holds_samples(one)]
    if not waves:
        kind = clean(text_at(document, "resourceType"), 40)
        raise FormatError(
            f"The FHIR file ({kind}) holds no Observation with SampledData.", "Choose the Observation of the waveform."
        )
    blocks, unread = readable(waves, block_of)
    first = waves[0]
    stated = text_at(first, "effectiveDateTime") or text_at(first, "effectiveInstant")
    stated = stated or text_at(first, "effectivePeriod", "start")
    time = iso(stated)
    patient, doubt = _patient(first, resources, time)
    statements, signed = statements_of(_statements(resources))
    status = text_at(first, "status")
    if status in {"entered-in-error", "cancelled"}:
        notices.append(Notice("status", f"The Observation is marked '{status}'."))
    return to_ecg(
        blocks,
        "FHIR Observation",
        patient,
        time,
        _device(first, resources),
        statements,
        measured_of(_measured(resources)),
        [*notices, *unread, *unread_time(stated, time), *doubt, *signed],
    )


def _resources(document: Any) -> Iterator[dict[str, Any]]:
    """The resource itself, or those of a Bundle; each followed by what it contains."""
    tops = [document, *(at(entry, "resource") for entry in objects(document, "entry"))]
    if len(tops) > _MOST_RESOURCES:
        raise FormatError(f"The FHIR Bundle has more than {_MOST_RESOURCES} entries.", "Export the ECG alone.")
    for top in tops:
        if isinstance(top, dict):
            yield top
            yield from objects(top, "contained")


def _holds_samples(resource: dict[str, Any]) -> bool:
    return text_at(resource, "resourceType") == "Observation" and any(
        "valueSampledData" in part for part in (resource, *objects(resource, "component"))
    )


def _referred(resource: dict[str, Any], key: str, kind: str, resources: list[dict[str, Any]]) -> dict[str, Any]:
    """The resource that a reference names by its id; {} when it is not in the file. Nothing is fetched."""
    name = text_at(resource, key, "reference").rpartition("/")[2].removeprefix("#").removeprefix("urn:uuid:")
    same = (one for one in resources if text_at(one, "resourceType") == kind and text_at(one, "id") == name)
    return next(same, {}) if name else {}


def _patient(
    resource: dict[str, Any], resources: list[dict[str, Any]], time: datetime | None
) -> tuple[Patient, list[Notice]]:
    person = _referred(resource, "subject", "Patient", resources)
    identity = (
        text_at(person, "identifier", "value")
        or text_at(resource, "subject", "identifier", "value")
        or text_at(resource, "subject", "reference").rpartition("/")[2].removeprefix("#")
    )
    age, notices = age_of(None, day_of(text_at(person, "birthDate")), time)
    sex = text_at(person, "gender")
    known = sex if sex in {"male", "female"} else None
    return Patient(id=clean(identity, NAME_LENGTH) or None, age=age, sex=known), notices


def _device(resource: dict[str, Any], resources: list[dict[str, Any]]) -> str:
    device = _referred(resource, "device", "Device", resources)
    model = text_at(device, "modelNumber") or text_at(device, "deviceName", "name") or text_at(device, "name", "value")
    return f"{text_at(device, 'manufacturer')} {model}".strip() or text_at(resource, "device", "display")


def _statements(resources: list[dict[str, Any]]) -> Iterator[Statement]:
    """Conclusions of reports in the Bundle, and the interpretation of the Observation."""
    for one in resources:
        if text_at(one, "resourceType") == "DiagnosticReport":
            yield from (Statement(line) for line in text_at(one, "conclusion").splitlines())
            for concept in objects(one, "conclusionCode"):
                yield from _coded(concept)
        elif _holds_samples(one):
            for concept in objects(one, "interpretation"):
                yield from _coded(concept)


def _coded(concept: dict[str, Any]) -> Iterator[Statement]:
    coding = next(objects(concept, "coding"), {})
    system = _SYSTEMS.get(text_at(coding, "system"))
    code = clean(text_at(coding, "code"), NAME_LENGTH) if system else ""
    yield Statement(text_at(concept, "text") or text_at(coding, "display"), code or None, system if code else None)


def _measured(resources: list[dict[str, Any]]) -> Iterator[tuple[str, float | None]]:
    for one in resources:
        if text_at(one, "resourceType") == "Observation":
            for part in (one, *objects(one, "component")):
                yield from _measurement(part)


def _measurement(part: dict[str, Any]) -> Iterator[tuple[str, float | None]]:
    value, unit = number_at(part, "valueQuantity", "value"), text_at(part, "valueQuantity", "code")
    for coding in objects(part, "code", "coding"):
        name = LOINC.get(text_at(coding, "code"))
        if name and value is not None:
            yield name, in_own_unit(name, value, unit)
