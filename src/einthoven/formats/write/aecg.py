"""HL7 annotated ECG: one rhythm series, as the implementation guide (HL7 aECG, 2005) lays it out."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from einthoven.ecg import ECG, SignalError
from einthoven.formats.text import clean
from einthoven.formats.write.aecg_annotations import NAMED, annotate, coded
from einthoven.formats.write.digits import Digits, coarse_notices, digits_of, plain
from einthoven.formats.write.encoded import Encoded, left_out, stored_leads

_SPACES = {"xmlns": "urn:hl7-org:v3", "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"}
_MDC, _LOINC, _CPT4 = "2.16.840.1.113883.6.24", "2.16.840.1.113883.6.1", "2.16.840.1.113883.6.12"
_GENDERS, _ACTS = "2.16.840.1.113883.5.1", "2.16.840.1.113883.5.4"


def encode(ecg: ECG, name: str) -> Encoded:
    """The document; `name` does not stand in it.

    Raises:
        SignalError: gaps in the signal, a range that no ECG has.
    """
    leads = stored_leads(ecg)
    digits = {lead: digits_of(ecg.lead(lead), lead) for lead in leads}
    if gaps := [lead for lead, part in digits.items() if part.gaps]:
        raise SignalError(
            f"HL7 aECG has no value for a sample that is missing, and there are gaps in {', '.join(gaps)}.",
            "Write WFDB, DICOM or CSV, which have one.",
        )
    root = Element("AnnotatedECG", _SPACES)
    SubElement(root, "id", root=str(uuid.uuid4()))
    coded(root, "code", "93000", _CPT4, "CPT-4")
    end = ecg.time + timedelta(seconds=ecg.seconds) if ecg.time else None
    _period(root, ecg.time, end)
    _subject(root, ecg)
    series = SubElement(SubElement(root, "component"), "series")
    SubElement(series, "id", root=str(uuid.uuid4()))
    coded(series, "code", "RHYTHM", _ACTS, "ActCode")
    _period(series, ecg.time, end)
    _device(series, ecg.device)
    _sequences(series, digits, ecg.rate, ecg.time)
    annotate(series, ecg.statements, ecg.measured)
    lost = left_out(
        "HL7 aECG",
        likelihoods_of_statements=any(statement.likelihood is not None for statement in ecg.statements),
        **{word: True for word in ecg.measured if word not in NAMED},
    )
    indent(root, " ")
    content = tostring(root, "utf-8", xml_declaration=True)
    steps = {lead: part.step for lead, part in digits.items()}
    return Encoded({".xml": content}, "HL7 aECG", leads, steps, (*coarse_notices(digits.items()), *lost))


def _period(owner: Element, low: datetime | None, high: datetime | None) -> None:
    if low and high:
        period = SubElement(owner, "effectiveTime")
        SubElement(period, "low", value=_moment(low))
        SubElement(period, "high", value=_moment(high))


def _subject(root: Element, ecg: ECG) -> None:
    event = SubElement(SubElement(root, "componentOf"), "timepointEvent")
    assignment = SubElement(SubElement(event, "componentOf"), "subjectAssignment")
    subject = SubElement(SubElement(assignment, "subject"), "trialSubject")
    identity = {"extension": clean(ecg.patient.id)} if ecg.patient.id else {"nullFlavor": "UNK"}
    SubElement(subject, "id", identity)
    if sex := {"male": "M", "female": "F"}.get(ecg.patient.sex or ""):
        person = SubElement(subject, "subjectDemographicPerson")
        SubElement(person, "administrativeGenderCode", code=sex, codeSystem=_GENDERS)
    trial = SubElement(SubElement(assignment, "componentOf"), "clinicalTrial")
    SubElement(trial, "id", nullFlavor="NA")
    if ecg.patient.age is not None:
        control = SubElement(SubElement(root, "controlVariable"), "relatedObservation")
        coded(control, "code", "21612-7", _LOINC, "LOINC", "Reported Age")
        SubElement(control, "value", {"xsi:type": "PQ", "value": plain(ecg.patient.age), "unit": "a"})


def _device(series: Element, device: str | None) -> None:
    if device:
        author = SubElement(SubElement(series, "author"), "seriesAuthor")
        made = SubElement(author, "manufacturedSeriesDevice")
        SubElement(made, "manufacturerModelName").text = clean(device)


def _sequences(series: Element, digits: dict[str, Digits], rate: float, time: datetime | None) -> None:
    together = SubElement(SubElement(series, "component"), "sequenceSet")
    sequence = SubElement(SubElement(together, "component"), "sequence")
    coded(sequence, "code", "TIME_ABSOLUTE" if time else "TIME_RELATIVE", _ACTS, "ActCode")
    value = SubElement(sequence, "value", {"xsi:type": "GLIST_TS" if time else "GLIST_PQ"})
    SubElement(value, "head", {"value": _moment(time)} if time else {"value": "0", "unit": "s"})
    SubElement(value, "increment", value=plain(1000 / rate), unit="ms")
    for lead, part in digits.items():
        sequence = SubElement(SubElement(together, "component"), "sequence")
        coded(sequence, "code", f"MDC_ECG_LEAD_{lead.upper()}", _MDC, "MDC")
        value = SubElement(sequence, "value", {"xsi:type": "SLIST_PQ"})
        SubElement(value, "origin", value=plain(part.zero * part.step), unit="uV")
        SubElement(value, "scale", value=plain(part.step), unit="uV")
        SubElement(value, "digits").text = " ".join(map(str, part.raw.tolist()))


def _moment(time: datetime) -> str:
    """HL7's `YYYYMMDDhhmmss.ffffff`, with the offset from UTC if there is one."""
    return f"{time.year:04d}{time:%m%d%H%M%S.%f%z}"
