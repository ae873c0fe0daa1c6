"""GE MUSE's XML export (`RestingECG`): base64 samples a lead, mostly I, II and V1-V6, beside a median beat.

The final statements are read (`Diagnosis`, the device's or the reader's), the device's first ones where there are none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from einthoven.ecg import ECG, FormatError, Notice, Patient, Statement
from einthoven.formats.documents.channels import Block, Channel, readable, to_ecg
from einthoven.formats.documents.dates import age_in_years, age_of, american_day, day_and_clock, unread_time
from einthoven.formats.documents.measured import measured_of
from einthoven.formats.documents.numbers import number, whole
from einthoven.formats.documents.samples import INVALID_16, from_base64, integers, promised
from einthoven.formats.documents.statements import statements_of
from einthoven.formats.documents.xml_tree import Element, read_xml, root_name
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.units import MILLIVOLTS

_MEASURED = {
    "heart_rate": "VentricularRate",
    "atrial_rate": "AtrialRate",
    "pr": "PRInterval",
    "qrs": "QRSDuration",
    "qt": "QTInterval",
    "qtc": "QTCorrected",
    "qtc_fridericia": "QTcFrederica",
    "p_axis": "PAxis",
    "qrs_axis": "RAxis",
    "t_axis": "TAxis",
}
_SEXES = {"MALE": "male", "M": "male", "FEMALE": "female", "F": "female"}
_MOST_EXPONENT = 6
# What the device can note about a lead, and how to say it.
_MARKS = {"LeadOff": "electrode off", "BaselineSway": "baseline wander", "ExcessiveACNoise": "mains noise"}


def sniff(head: bytes, path: Path) -> bool:
    """Whether the root element is MUSE's; `path` tells nothing more."""
    return root_name(head) == "RestingECG"


def read(path: Path) -> ECG:
    """Reads the rhythm of a MUSE XML file; errors as `einthoven.formats.read`."""
    root, notices = read_xml(path)
    blocks, unread = readable(root.every("Waveform"), _block)
    day, clock = root.value("TestDemographics", "AcquisitionDate"), root.value("TestDemographics", "AcquisitionTime")
    time = day_and_clock(american_day(day), clock)
    person = root.find("PatientDemographics") or Element("", {})
    age, doubt = age_of(
        age_in_years(person.value("PatientAge"), person.value("AgeUnits")),
        american_day(person.value("DateofBirth")),
        time,
    )
    patient = Patient(
        id=clean(person.value("PatientID"), NAME_LENGTH) or None,
        age=age,
        sex=_SEXES.get(person.value("Gender").upper()),
    )
    lines = list(_lines(root.every("Diagnosis", "DiagnosisStatement")))
    lines = lines or list(_lines(root.every("OriginalDiagnosis", "DiagnosisStatement")))
    statements, signed = statements_of(Statement(line) for line in lines)
    return to_ecg(
        blocks,
        "MUSE XML",
        patient,
        time,
        root.value("TestDemographics", "AcquisitionDevice"),
        statements,
        measured_of(_measured(root)),
        [*notices, *unread, *unread_time(day, time), *doubt, *signed],
    )


def _block(waveform: Element) -> Block:
    base, exponent = number(waveform.value("SampleBase")), whole(waveform.value("SampleExponent") or "0")
    if base is None or exponent is None or abs(exponent) > _MOST_EXPONENT:
        raise FormatError("The MUSE waveform states no sampling rate.", "Export it with SampleBase.")
    channels, notices = [], []
    for lead in waveform.every("LeadData"):
        channel, found = _channel(lead)
        channels.append(channel)
        notices += found
    announced = whole(waveform.value("NumberofLeads"))
    if announced is not None and announced != len(channels):
        text = f"The waveform announces {announced} leads and holds {len(channels)}."
        notices.append(Notice("lead-count", text))
    notices += _marks(waveform)
    label = waveform.value("WaveformType") or "Rhythm"
    return Block(label, base * 10.0**exponent, tuple(channels), tuple(notices))


def _channel(lead: Element) -> tuple[Channel, list[Notice]]:
    name = clean(lead.value("LeadID"), NAME_LENGTH) or "a lead without a name"
    size = whole(lead.value("LeadSampleSize") or "2")
    data = from_base64(lead.value("WaveFormData"), f"lead {name}")
    raw, notices = promised(
        integers(data, size or 0, f"lead {name}"), whole(lead.value("LeadSampleCountTotal")), f"Lead {name}"
    )
    checksum = whole(lead.value("LeadDataCRC32"))
    if checksum is not None and checksum != zlib.crc32(data):
        text = f"The checksum does not fit the samples of {name}: the file may have been altered."
        notices.append(Notice("checksum", text))
    unit = MILLIVOLTS.get(lead.value("LeadAmplitudeUnits").lower())  # the format has no default
    step = number(lead.value("LeadAmplitudeUnitsPerBit"))
    scale = step * unit if step and unit else None
    return Channel(name, raw, scale, invalid=INVALID_16 if size == 2 else None), notices


def _marks(waveform: Element) -> Iterator[Notice]:
    """What the device noted about leads, and the two offsets whose meaning is documented nowhere."""
    leads = list(waveform.every("LeadData"))
    for tag, words in _MARKS.items():
        if marked := [lead for lead in leads if lead.value(tag).upper() == "TRUE"]:
            yield Notice("device-mark", f"The device noted: {words} in {_names(marked)}.")
    for tag in ("FirstSampleBaseline", "LeadOffsetFirstSample", "LeadTimeOffset"):
        if marked := [lead for lead in leads if number(lead.value(tag))]:
            text = f"{tag} is not zero for {_names(marked)}; programs differ in what it means, so it was not applied."
            yield Notice("offset-not-applied", text)


def _names(leads: Iterable[Element]) -> str:
    return ", ".join(clean(lead.value("LeadID"), NAME_LENGTH) or "?" for lead in leads)


def _measured(root: Element) -> Iterator[tuple[str, float | None]]:
    for group in ("RestingECGMeasurements", "OriginalRestingECGMeasurements"):
        for name, tag in _MEASURED.items():
            yield name, number(root.value(group, tag))
    yield "rr", number(root.value("QRSTimesTypes", "GlobalRR"))


def _lines(statements: Iterable[Element]) -> Iterator[str]:
    """The lines of a diagnosis: its pieces are joined until one that ends a line."""
    line = ""
    for statement in statements:
        text = statement.value("StmtText")
        line = f"{line} {text}" if line and text[:1] not in {",", ".", ";", ":", ""} else line + text
        if any(flag.text.strip().upper() == "ENDSLINE" for flag in statement.every("StmtFlag")):
            yield line
            line = ""
    if line:
        yield line
