"""Philips Sierra ECG XML (`restingecgdata`) 1.03 and 1.04, mostly in UTF-16 and compressed with XLI."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import numpy as np

from einthoven.ecg import ECG, LEADS, FormatError, Notice, Patient, Statement, canonical
from einthoven.formats import sierra_xli
from einthoven.formats.documents.channels import Block, Channel, to_ecg
from einthoven.formats.documents.dates import age_in_years, age_of, day_and_clock, day_of, unread_time
from einthoven.formats.documents.measured import measured_of
from einthoven.formats.documents.numbers import number, series, whole
from einthoven.formats.documents.samples import INVALID_16, Samples, from_base64, promised
from einthoven.formats.documents.statements import statements_of
from einthoven.formats.documents.xml_tree import Element, read_xml, root_name
from einthoven.formats.limits import MOST_BYTES, check_channels, check_length, check_rate
from einthoven.formats.text import NAME_LENGTH, clean

_VERSIONS = {"1.03", "1.04", "1.04.01", "1.04.02"}
_STANDARD = {"STD-12", "10-WIRE"}
_SEXES = {"male": "male", "m": "male", "female": "female", "f": "female"}
_MICRO = 1e-3  # the format states resolutions in microvolt a step
_SAMPLE_BYTES = 2
_MEASURED = {
    "heart_rate": ("heartrate", "meanventrate"),
    "atrial_rate": ("atrialrate",),
    "rr": ("rrint",),
    "pr": ("print", "meanprint"),
    "qrs": ("qrsdur", "meanqrsdur"),
    "qt": ("qtint", "meanqtint"),
    "qtc": ("meanqtc",),
    "qtc_bazett": ("qtcb",),
    "qtc_fridericia": ("qtcf",),
    "p_axis": ("pfrontaxis",),
    "qrs_axis": ("qrsfrontaxis",),
    "t_axis": ("tfrontaxis",),
}
_MEASUREMENTS = (
    ("interpretations", "interpretation", "globalmeasurements"),
    ("interpretations", "interpretation", "interpretationmeasurements"),
    ("internalmeasurements", "crossleadmeasurements"),
    ("measurements", "globalmeasurements"),
)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the root element is Philips'; `path` tells nothing more."""
    return root_name(head) == "restingecgdata"


def read(path: Path) -> ECG:
    """Reads the rhythm of a Sierra file; errors as `einthoven.formats.read`."""
    root, notices = read_xml(path)
    version = root.value("documentinfo", "documentversion")
    if version not in _VERSIONS:
        raise FormatError(
            f"The Philips file has the version '{clean(version, 20)}', which is not read.",
            f"Export it as {', '.join(sorted(_VERSIONS))}.",
        )
    block = _block(root)
    acquired = root.find("dataacquisition") or Element("", {})
    time = day_and_clock(day_of(acquired.attribute("date")), acquired.attribute("time"))
    patient, doubt = _patient(root, time)
    statements, signed = statements_of(_statements(root))
    maker = acquired.attribute("detaildescription", "machine").partition(":")[0]
    accession = root.value("orderinfo", "ordernumber") or root.value("orderinfo", "uniqueorderid")
    ecg = to_ecg(
        [block],
        "Philips Sierra XML",
        patient,
        time,
        f"{maker} {_stated(acquired.value('machine'))}",
        statements,
        measured_of(_measured(root)),
        [*notices, *unread_time(acquired.attribute("date"), time), *doubt, *signed],
    )
    return ecg.described(accession=clean(accession, NAME_LENGTH) or None)


def _block(root: Element) -> Block:
    waves = next(root.walk("parsedwaveforms"), None)
    if waves is None:
        raise FormatError("The Philips file holds no waveform.", "Export the ECG with its waveforms.")
    signal = root.find("dataacquisition", "signalcharacteristics") or Element("", {})
    rate = number(waves.attribute("samplespersecond") or signal.value("samplingrate"))
    duration = number(waves.attribute("durationperchannel"))
    if rate is None or duration is None:
        raise FormatError("The Philips file states no sampling rate or no length.", "Export it again.")
    check_rate(rate)
    samples = int(min(duration, 1e12) * rate / 1000 + 0.5)
    check_length(samples, rate)
    names = _names(waves, signal)
    rows, notices = _rows(waves, signal, names, samples)
    step = number(waves.attribute("resolution") or signal.value("resolution") or signal.value("signalresolution"))
    zero = number(waves.attribute("signaloffset") or signal.value("signaloffset")) or 0.0
    scale = step * _MICRO if step and step > 0 else None
    offset = -zero * (scale or 0.0)
    channels = tuple(Channel(name, row, scale, offset, INVALID_16) for name, row in zip(names, rows, strict=True))
    return Block("RHYTHM", rate, channels, tuple(notices))


def _names(waves: Element, signal: Element) -> tuple[str, ...]:
    names = waves.attribute("leadlabels").split()
    count = whole(waves.attribute("numberofleads") or signal.value("numberchannelsallocated"))
    if not names:
        kind = signal.value("acquisitiontype") or signal.value("leadset")
        if kind.upper() not in _STANDARD or count is None or not 0 < count <= len(LEADS):
            raise FormatError("The Philips file does not name its leads.", "Export it with lead labels.")
        names = list(LEADS)
    if count is not None and 0 < count < len(names):
        names = names[:count]
    check_channels(len(names))
    return tuple(canonical(name) or clean(name, NAME_LENGTH) or "?" for name in names)


def _rows(waves: Element, signal: Element, names: tuple[str, ...], samples: int) -> tuple[list[Samples], list[Notice]]:
    """The samples of each lead, one lead after the other in the file."""
    needed = samples * len(names)
    if needed * _SAMPLE_BYTES > MOST_BYTES or (whole(waves.attribute("bitspersample") or "16") != 16):
        raise FormatError("The Philips file's samples are too many, or not of 16 bits.", "Export it again.")
    coding, packing = waves.attribute("dataencoding").lower(), _compression(waves)
    if coding == "plain" and not packing:
        numbers, notices = promised(series(waves.text, whose="the waveform"), needed, "The waveform")
        return list(numbers.reshape(len(names), samples)), notices
    if coding != "base64" or packing not in {"", "xli"}:
        raise FormatError(
            f"Philips waveforms in '{clean(coding, 20)}' with compression '{clean(packing, 20)}' are not read.",
            "Export the ECG with base64, uncompressed or XLI.",
        )
    data = from_base64(waves.text, "the waveform")
    if packing:
        return list(sierra_xli.decode(data, names, samples)), []
    signed = (waves.attribute("signalsigned") or signal.value("signalsigned")).lower() != "false"
    raw = np.frombuffer(data[: len(data) // 2 * 2], "<i2" if signed else "<u2")
    kept, notices = promised(raw, needed, "The waveform")
    return list(kept.reshape(len(names), samples)), notices


def _compression(waves: Element) -> str:
    """ "xli" or another name, "" for none; 1.03 has a flag beside the name."""
    name = (waves.attribute("compression") or waves.attribute("compressmethod")).lower()
    flagged_off = waves.attribute("compressflag").lower() in {"false", "no", "0"}
    return "" if flagged_off or name in {"uncompressed", "none"} else name


def _patient(root: Element, time: datetime | None) -> tuple[Patient, list[Notice]]:
    person = root.find("patient", "generalpatientdata") or Element("", {})
    ages = (age_in_years(_stated(person.value("age", unit)), unit) for unit in ("years", "months", "weeks", "days"))
    birth = day_of(person.value("age", "dateofbirth") or person.value("dateofbirth"))
    # The attribute `defaultage` is a setting of the device, never the patient's age.
    age, notices = age_of(next((age for age in ages if age is not None), None), birth, time)
    patient = Patient(
        id=clean(_stated(person.value("patientid")) or _stated(person.value("MRN")), NAME_LENGTH) or None,
        age=age,
        sex=_SEXES.get(person.value("sex").lower()),
    )
    return patient, notices


def _statements(root: Element) -> Iterator[Statement]:
    """Those of the first interpretation, with Philips' codes; then how severe it finds the whole."""
    interpretation = root.find("interpretations", "interpretation") or Element("", {})
    for statement in interpretation.every("statement"):
        reason = " ".join(statement.value("rightstatement").split())
        text = " ".join(statement.value("leftstatement").split())
        code = clean(statement.value("statementcode"), NAME_LENGTH) or None
        yield Statement(f"{text} ({reason})" if reason else text, code, "Philips" if code else None)
    yield Statement(interpretation.value("severity").strip("- "))


def _measured(root: Element) -> Iterator[tuple[str, float | None]]:
    for path in _MEASUREMENTS:
        group = root.find(*path) or Element("", {})
        for name, tags in _MEASURED.items():
            for tag in tags:
                yield name, number(group.value(tag))


def _stated(text: str) -> str:
    """The text, or "" for the dashes that stand for a removed one."""
    return "" if not text.strip("- ") else text
