"""HL7 annotated ECG (aECG): lists of numbers in XML, a time list beside them.

The layout is that of the implementation guide (HL7 aECG, 2005): value = origin + scale x digit; the rhythm is a
`series`, the representative beat a `derivedSeries` of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from einthoven.ecg import ECG, FormatError, Notice, Patient
from einthoven.formats.aecg_annotations import measured_in, statements_in
from einthoven.formats.dicom_leads import lead_of
from einthoven.formats.documents.channels import Block, Channel, readable, to_ecg
from einthoven.formats.documents.dates import age_in_years, age_of, compact, day_of, unread_time
from einthoven.formats.documents.measured import measured_of
from einthoven.formats.documents.numbers import number, series
from einthoven.formats.documents.samples import INVALID_16
from einthoven.formats.documents.statements import statements_of
from einthoven.formats.documents.xml_tree import Element, read_xml, root_name
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.units import MILLIVOLTS

_A_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "µs": 1e6, "μs": 1e6, "ns": 1e9}
_REPORTED_AGE = "21612-7"  # LOINC
_IMPLAUSIBLE_MV = 10.0
_SEXES = {"M": "male", "F": "female"}


def sniff(head: bytes, path: Path) -> bool:
    """Whether the root element is HL7's; `path` tells nothing more."""
    return root_name(head) == "AnnotatedECG"


def read(path: Path) -> ECG:
    """Reads the rhythm of an aECG; errors as `einthoven.formats.read`."""
    root, notices = read_xml(path)
    blocks, unread = readable(_sets(root), _block)
    rhythm = root.find("component", "series") or Element("", {})
    stated, time = _time(root, rhythm)
    statements, signed = statements_of(statements_in(root))
    patient, doubt = _patient(root, time)
    maker = rhythm.find("author", "seriesAuthor") or Element("", {})
    device = [
        maker.value("manufacturerOrganization", "name"),
        maker.value("manufacturedSeriesDevice", "manufacturerModelName"),
    ]
    return to_ecg(
        blocks,
        "HL7 aECG",
        patient,
        time,
        " ".join(device),
        statements,
        measured_of(measured_in(root)),
        [*notices, *unread, *unread_time(stated, time), *doubt, *signed],
    )


def _sets(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each set of sequences with the series that it belongs to."""
    for whole in root.every("component", "series"):
        for one in (whole, *whole.every("derivation", "derivedSeries")):
            for sequences in one.every("component", "sequenceSet"):
                yield one, sequences


def _block(item: tuple[Element, Element]) -> Block:
    owner, sequences = item
    channels: list[Channel] = []
    times: list[Element] = []
    for sequence in sequences.every("component", "sequence"):
        code = sequence.attribute("code", "code")
        value = sequence.find("value") or Element("", {})
        if code.upper().startswith("TIME_"):
            times.append(value)
        else:
            channels.append(_channel(_lead(code, sequence.attribute("displayName", "code")), value))
    if not times:
        raise FormatError("The aECG states no sampling rate.", "Export it with a time sequence.")
    rate, notices = _rate(times[0], owner, max((len(channel.raw) for channel in channels), default=0))
    return Block(owner.attribute("code", "code") or owner.name, rate, tuple(channels), tuple(notices))


def _lead(code: str, words: str) -> str:
    """The lead's name: what stands behind ECG_LEAD_ in the code, as vendors have prefixes of their own."""
    name = code.upper().rpartition("ECG_LEAD_")[2]
    return lead_of(name, words) or clean(words or code, NAME_LENGTH) or "a channel without a name"


def _channel(name: str, value: Element) -> Channel:
    digits = value.find("digits")
    if digits is None:
        raise FormatError(
            f"The aECG holds no samples of {name}, or keeps them in another file.", "Export it with its samples inside."
        )
    raw = series(digits.text, whose=name)
    step = number(value.attribute("value", "scale"))
    unit = MILLIVOLTS.get(value.attribute("unit", "scale").lower())
    scale = step * unit if step and unit else None
    origin = number(value.attribute("value", "origin")) or 0.0
    origin_unit = MILLIVOLTS.get(value.attribute("unit", "origin").lower())
    if origin and origin_unit is None:
        scale = None
    invalid = INVALID_16 if scale is None or abs(INVALID_16 * scale) > _IMPLAUSIBLE_MV else None
    return Channel(name, raw, scale, origin * (origin_unit or 0.0), invalid)


def _rate(time: Element, owner: Element, samples: int) -> tuple[float, list[Notice]]:
    """Samples a second. A step without a unit has the one with which the stated duration comes out."""
    step, unit = number(time.attribute("value", "increment")), time.attribute("unit", "increment")
    if step is None or step <= 0:
        raise FormatError("The aECG states no sampling rate.", "Export it with an increment of time.")
    if unit in _A_SECOND:
        return _round(_A_SECOND[unit] / step), []
    low, high = (compact(owner.attribute("value", "effectiveTime", end)) for end in ("low", "high"))
    alike = low and high and (low.tzinfo is None) == (high.tzinfo is None)
    seconds = (high - low).total_seconds() if low and high and alike else 0.0
    for guess in ("s", "ms", "us"):
        if not unit and seconds > 0 and abs(samples * step / _A_SECOND[guess] / seconds - 1) < 0.01:
            text = f"The increment of time has no unit; with {guess} it fits the stated {seconds:g} s."
            return _round(_A_SECOND[guess] / step), [Notice("time-unit", text)]
    raise FormatError(
        f"The aECG's increment of time has {'the unit ' + clean(unit, 20) if unit else 'no unit'}.",
        "Write s, ms or us beside it.",
    )


def _round(rate: float) -> float:
    """500 for 500.00000000000006."""
    near = float(np.rint(rate))
    return near if abs(rate - near) < 1e-6 * rate else rate


def _time(root: Element, rhythm: Element) -> tuple[str, datetime | None]:
    """The first time that is stated, and the first that can be read."""
    found = [
        *(rhythm.attribute("value", "effectiveTime", end) for end in ("low", "center")),
        *(
            head.attribute("value")
            for head in rhythm.every("component", "sequenceSet", "component", "sequence", "value", "head")
            if not head.attribute("unit")
        ),
        *(root.attribute("value", "effectiveTime", end) for end in ("low", "center")),
        root.attribute("value", "effectiveTime"),
    ]
    stated = [text for text in found if text]
    return (stated[0] if stated else ""), next((time for text in stated if (time := compact(text))), None)


def _patient(root: Element, time: datetime | None) -> tuple[Patient, list[Notice]]:
    subject = next(root.walk("trialSubject"), Element("", {}))
    person = subject.find("subjectDemographicPerson") or Element("", {})
    ages = (
        age_in_years(control.attribute("value", "value"), control.attribute("unit", "value"))
        for control in root.every("controlVariable", "relatedObservation")
        if control.attribute("code", "code") == _REPORTED_AGE
    )
    age, notices = age_of(next(ages, None), day_of(person.attribute("value", "birthTime")), time)
    identity = subject.attribute("extension", "id") or subject.attribute("root", "id")
    patient = Patient(
        id=clean(identity, NAME_LENGTH) or None,
        age=age,
        sex=_SEXES.get(person.attribute("code", "administrativeGenderCode").upper()),
    )
    return patient, notices
