"""GE CardioSoft and CASE XML (`CardiologyXML`): lists of numbers for each lead, or all leads in turn."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from einthoven.ecg import ECG, EinthovenError, FormatError, Notice, Patient, Statement, TruncatedError
from einthoven.formats.cardiosoft_disclosure import leads_in_turn
from einthoven.formats.choice import RHYTHM_SECONDS, coverage
from einthoven.formats.documents.channels import Block, Channel, readable, to_ecg
from einthoven.formats.documents.dates import age_in_years, age_of, day_of, moment, unread_time
from einthoven.formats.documents.measured import measured_of
from einthoven.formats.documents.numbers import number, series, whole
from einthoven.formats.documents.samples import INVALID_16, promised
from einthoven.formats.documents.statements import statements_of
from einthoven.formats.documents.xml_tree import Element, read_xml, root_name
from einthoven.formats.limits import check_channels, check_rate
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.units import MILLIVOLTS

_SEXES = {"MALE": "male", "M": "male", "FEMALE": "female", "F": "female"}
_MEASURED = {
    "heart_rate": "VentricularRate",
    "rr": "RRInterval",
    "p": "PDuration",
    "pr": "PQInterval",
    "qrs": "QRSDuration",
    "qt": "QTInterval",
    "qtc": "QTCInterval",
    "p_axis": "PAxis",
    "qrs_axis": "RAxis",
    "t_axis": "TAxis",
}
_UNITS = {"", "ms", "bpm", "/min", "degrees", "deg", "°"}
_STEP = re.compile(r"(\w{1,12})per_?lsb", re.I)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the root element is CardioSoft's; `path` tells nothing more."""
    return root_name(head) == "CardiologyXML"


def read(path: Path) -> ECG:
    """Reads the rhythm of a CardioSoft XML file; errors as `einthoven.formats.read`."""
    root, notices = read_xml(path)
    blocks, unread = _blocks(list(_holders(root)))
    stamp = root.find("ObservationDateTime") or Element("", {})
    parts = [whole(stamp.value(part)) for part in ("Year", "Month", "Day", "Hour", "Minute")]
    year, month, day, hour, minute = (-1 if part is None else part for part in parts)
    time = moment(year, month, day, hour, minute, whole(stamp.value("Second")) or 0)
    person = next(root.walk("PatientInfo"), Element("", {}))
    birth = "-".join(person.value("BirthDateTime", part).rjust(2, "0") for part in ("Year", "Month", "Day"))
    age, doubt = age_of(age_in_years(person.value("Age"), person.attribute("units", "Age")), day_of(birth), time)
    patient = Patient(
        id=clean(person.value("PID"), NAME_LENGTH) or None,
        age=age,
        sex=_SEXES.get(person.value("Gender").upper()),
    )
    statements, signed = statements_of(Statement(line) for line in _lines(root))
    return to_ecg(
        blocks,
        "CardioSoft XML",
        patient,
        time,
        next((found.value("Desc") for found in root.walk("DeviceInfo")), ""),
        statements,
        measured_of(_measured(root)),
        [*notices, *unread, *unread_time(stamp.value("Year"), time), *doubt, *signed],
    )


def _holders(element: Element) -> Iterator[Element]:
    """The elements that hold samples: rest and exercise tests keep them at different depths."""
    if element.find("WaveformData") or element.find("FullDisclosureData"):
        yield element
    for child in element.children:
        yield from _holders(child)


def _blocks(holders: list[Element]) -> tuple[list[Block], list[Notice]]:
    """The waveforms that can be read, and what was not; a full disclosure only where a strip does not do as well."""
    disclosures = [holder for holder in holders if holder.find("FullDisclosureData")]
    strips = [holder for holder in holders if holder not in disclosures]
    if strips and disclosures:
        wanted = max(coverage(names) for names in map(_names, disclosures))
        with contextlib.suppress(EinthovenError):
            blocks, unread = readable(strips, _block)
            if any(_does(block, wanted) for block in blocks):
                text = "Read the strip that the device interpreted; the file's full disclosure was left out."
                return blocks, [*unread, Notice("groups-left-out", text)]
    return readable(holders, _block)


def _does(block: Block, wanted: int) -> bool:
    """Whether a strip is long enough, and has so many leads."""
    covered = coverage(channel.name for channel in block.channels)
    return block.interpreted and block.seconds >= RHYTHM_SECONDS and covered >= wanted


def _block(holder: Element) -> Block:
    rate = number(holder.value("SampleRate"))
    if rate is None or holder.attribute("units", "SampleRate").lower() not in {"", "hz"}:
        raise FormatError(f"The waveform '{holder.name}' states no sampling rate in Hz.", "Export it again.")
    step, unit = number(holder.value("Resolution")), _STEP.fullmatch(holder.attribute("units", "Resolution"))
    volts = MILLIVOLTS.get(unit[1].lower()) if unit else None
    scale = step * volts if step and volts else None
    if holder.find("FullDisclosureData"):
        return _in_turn(holder, rate, scale)
    count = whole(holder.value("ChannelSampleCountTotal"))
    channels, notices = [], []
    for lead in holder.every("WaveformData"):
        name = clean(lead.attribute("lead"), NAME_LENGTH) or "a lead without a name"
        raw, found = promised(series(lead.text, ",", name), count, f"Lead {name}")
        channels.append(Channel(name, raw, scale, invalid=INVALID_16))
        notices += found
    announced = whole(holder.value("NumberOfLeads"))
    if announced is not None and announced != len(channels):
        text = f"The waveform announces {announced} leads and holds {len(channels)}."
        notices.append(Notice("lead-count", text))
    return Block(holder.name, rate, tuple(channels), tuple(notices), interpreted=holder.name == "StripData")


def _in_turn(holder: Element, rate: float, scale: float | None) -> Block:
    """A full disclosure: one list of the samples of all leads."""
    names = _names(holder)
    check_channels(len(names))
    announced = whole(holder.value("NumberOfChannels"))
    if announced is not None and announced != len(names):
        raise FormatError(
            f"The full disclosure announces {announced} channels and names {len(names)}.", "Export it again."
        )
    check_rate(rate)
    table = leads_in_turn(holder.value("FullDisclosureData"), len(names), rate)
    count = whole(holder.value("FullDisclosureData", "SampleCountTotal"))
    if count is not None and count > table.size:
        raise TruncatedError(
            f"The full disclosure holds {table.size} of the {count} samples that it promises.", "Export it again."
        )
    channels = (Channel(name, row, scale, invalid=INVALID_16) for name, row in zip(names, table, strict=True))
    return Block(holder.name, rate, tuple(channels))


def _names(disclosure: Element) -> list[str]:
    return [clean(name, NAME_LENGTH) or "?" for name in disclosure.value("LeadOrder").split(",")]


def _lines(root: Element) -> list[str]:
    """The device's diagnosis, then what the conclusion adds; rules of dashes are none."""
    texts = [text.text.strip() for text in root.every("Interpretation", "Diagnosis", "DiagnosisText")]
    texts += [text.text.strip() for text in root.every("Interpretation", "Conclusion", "ConclusionText")]
    return [text for text in dict.fromkeys(texts) if any(letter.isalpha() for letter in text)]


def _measured(root: Element) -> Iterator[tuple[str, float | None]]:
    group = next(root.walk("RestingECGMeasurements"), Element("", {}))
    for name, tag in _MEASURED.items():
        if group.attribute("units", tag).lower() in _UNITS:
            yield name, number(group.value(tag))
