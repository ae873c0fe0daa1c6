"""Mortara (Welch Allyn, Hillrom) ELI XML: one `CHANNEL` element a lead, nearly all of it in attributes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from einthoven.ecg import ECG, FormatError, Notice, Patient, Statement
from einthoven.formats.documents.channels import Block, Channel, readable, to_ecg
from einthoven.formats.documents.dates import age_in_years, age_of, compact, day_of, iso, unread_time
from einthoven.formats.documents.measured import measured_of
from einthoven.formats.documents.numbers import number, whole
from einthoven.formats.documents.samples import INVALID_16, from_base64, integers, promised
from einthoven.formats.documents.statements import statements_of
from einthoven.formats.documents.xml_tree import Element, read_xml, root_name
from einthoven.formats.text import NAME_LENGTH, clean

_SEXES = {"M": "male", "MALE": "male", "F": "female", "FEMALE": "female"}
_OF_ALL = {"heart_rate": "VENT_RATE", "rr": "AVERAGE_RR"}
_OF_THE_CYCLE = {
    "p": "P_DURATION",
    "pr": "PR_DURATION",
    "qrs": "QRS_DURATION",
    "qt": "QT",
    "qtc": "QTC",
    "qtc_bazett": "QTB",
    "qtc_fridericia": "QTF",
    "p_axis": "P_AXIS",
    "qrs_axis": "QRS_AXIS",
    "t_axis": "T_AXIS",
}

_LAYOUT = {"BITS": "16", "FORMAT": "SIGNED", "ENCODING": "BASE64"}


def sniff(head: bytes, path: Path) -> bool:
    """Whether the root element is Mortara's; `path` tells nothing more."""
    return root_name(head) == "ECG"


def read(path: Path) -> ECG:
    """Reads the rhythm of an ELI XML file; errors as `einthoven.formats.read`."""
    root, notices = read_xml(path)
    cycle = root.find("TYPICAL_CYCLE") or Element("", {})
    holders = (("CHANNEL", root), ("TYPICAL_CYCLE_CHANNEL", cycle))
    blocks, unread = readable([(name, owner) for name, owner in holders if owner.find(name)], _block)
    stated = root.attribute("ACQUISITION_TIME_XML") or root.attribute("ACQUISITION_TIME")
    time = iso(root.attribute("ACQUISITION_TIME_XML")) or compact(root.attribute("ACQUISITION_TIME"))
    subject = root.find("SUBJECT") or Element("", {})
    age, doubt = age_of(
        age_in_years(root.attribute("AGE"), root.attribute("AGE_UNITS")),
        day_of(subject.attribute("DOB_XML") or subject.attribute("DOB")),
        time,
    )
    patient = Patient(
        id=clean(subject.attribute("ID") or subject.attribute("LOCAL_ID"), NAME_LENGTH) or None,
        age=age,
        sex=_SEXES.get(subject.attribute("GENDER").upper()),
    )
    statements, signed = statements_of(_statements(root))
    found = [(name, number(root.attribute(key))) for name, key in _OF_ALL.items()]
    found += [(name, number(cycle.attribute(key))) for name, key in _OF_THE_CYCLE.items()]
    return to_ecg(
        blocks,
        "Mortara ELI XML",
        patient,
        time,
        f"{root.attribute('MANUFACTURER', 'SOURCE')} {root.attribute('MODEL', 'SOURCE')}",
        statements,
        measured_of(found),
        [*notices, *unread, *unread_time(stated, time), *doubt, *signed],
    )


def _block(item: tuple[str, Element]) -> Block:
    """The channels of a name in an element; those of the cycle take their format from it."""
    name, owner = item
    rates = set()
    channels, notices = [], []
    for lead in owner.every(name):
        attributes = {**(owner.attributes if name != "CHANNEL" else {}), **lead.attributes}
        channel, found = _channel(attributes, lead.text)
        channels.append(channel)
        notices += found
        rates.add(number(attributes.get("SAMPLE_FREQ", "")))
    if len(rates) > 1:
        raise FormatError("The leads of the ELI file differ in sampling rate.", "Export it again.")
    rate = next(iter(rates), None)
    if rate is None:
        raise FormatError("The ELI file states no sampling rate.", "Export it again.")
    return Block(name, rate, tuple(channels), tuple(notices))


def _channel(attributes: dict[str, str], text: str) -> tuple[Channel, list[Notice]]:
    name = clean(attributes.get("NAME", ""), NAME_LENGTH) or "a lead without a name"
    layout = [attributes.get(key, usual).strip().upper() for key, usual in _LAYOUT.items()]
    if layout != list(_LAYOUT.values()):
        raise FormatError(
            f"Samples of lead {name} are not 16 bits, signed, in base64.", "Export the ECG in the usual format."
        )
    data = from_base64(attributes.get("DATA", "") or text, f"lead {name}")
    raw, notices = promised(integers(data, 2, f"lead {name}"), whole(attributes.get("DURATION", "")), f"Lead {name}")
    if number(attributes.get("OFFSET", "")):
        text = f"OFFSET is not zero for {name}; programs differ in what it means, so it was not applied."
        notices.append(Notice("offset-not-applied", text))
    steps = number(attributes.get("UNITS_PER_MV", ""))  # the format has no default
    return Channel(name, raw, 1 / steps if steps else None, invalid=INVALID_16), notices


def _statements(root: Element) -> Iterator[Statement]:
    for statement in root.every("AUTOMATIC_INTERPRETATION", "STATEMENT"):
        text, reason = statement.attribute("TEXT") or statement.text.strip(), statement.attribute("REASON")
        if text:
            yield Statement(f"{text} ({reason})" if reason else text)
    yield Statement(root.attribute("SEVERITY"))
