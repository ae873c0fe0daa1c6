"""EDF and EDF+ recordings (edfplus.info): the signals that are named as leads of an ECG.

Read here rather than by a package: edfio and pyEDFlib read what a header says before it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, FormatError, Notice, SignalError, TruncatedError, UnsafeFileError, canonical
from einthoven.formats.choice import coverage
from einthoven.formats.documents.channels import Block, Channel, to_ecg
from einthoven.formats.edf_header import MOST_HEADER_BYTES, Header, Signal, is_header, parse_header, person_of
from einthoven.formats.files import read_bytes, read_head
from einthoven.formats.limits import check_channels, check_length, check_rate, check_values
from einthoven.formats.text import clean
from einthoven.formats.units import MILLIVOLTS

Table = NDArray[np.int16]
_PREFIX = re.compile(r"(?:ecg|ekg)[\s_:.-]*", re.I)
_LIMB = {"I", "II", "III", "aVR", "aVL", "aVF"}
_ELECTRODES = {"LA-RA": "I", "LL-RA": "II", "LL-LA": "III"}  # what these leads are by definition
_OF_BRAINS = re.compile(r"[CD]\d", re.I)  # C3 is a place on the head, D1 a contact within it
_ONSET = re.compile(rb"([+-]\d{1,10}(?:\.\d{0,10})?)\x14", re.ASCII)
_NOTE = re.compile(rb"\x14([^\x14\x00]+)(?=\x14)")
_NAMED = 6
_MOST_TIMED = 100_000  # records that each say when they begin: an hour holds 3600 of the usual ones


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file begins with an EDF header; `path` tells nothing more."""
    return is_header(head)


def read(path: Path) -> ECG:
    """Reads the ECG of an EDF or EDF+ file; errors as `einthoven.formats.read`."""
    header = parse_header(read_head(path, MOST_HEADER_BYTES))
    leads = _leads(header)
    signals, notices = _of_one_rate(leads, header)
    rate = _rate(signals[0][1], header)
    if header.records > 0:  # a long recording is refused by its length, before its size
        check_length(header.records * signals[0][1].samples, rate)
        check_values(len(signals), header.records * signals[0][1].samples)
    records, more = _records(read_bytes(path), header)
    check_length(len(records) * signals[0][1].samples, rate)
    places, gaps = _places(records, header, signals[0][1].samples, rate)
    check_values(len(signals), places[-1] + signals[0][1].samples)
    channels = []
    for name, signal in signals:
        raw = records[:, signal.start : signal.start + signal.samples]
        more += _beyond(name, raw, signal)
        channels.append(_channel(name, raw, signal, places))
    patient, time, device, unread = person_of(header)
    return to_ecg(
        [Block("EDF", rate, tuple(channels))],
        "EDF",
        patient,
        time,
        device,
        (),
        {},
        [*notices, *more, *gaps, *_notes(records, header), *unread],
    )


def lead_of(label: str) -> tuple[str | None, bool]:
    """The lead that a label names, and whether it says that it is of an ECG.

    >>> lead_of("ECG aVF"), lead_of("EKG V1"), lead_of("ECG LA-RA"), lead_of("II"), lead_of("C3"), lead_of("ECG")
    (('aVF', True), ('V1', True), ('I', True), ('II', False), (None, False), (None, True))
    """
    bare = _PREFIX.sub("", label, count=1).strip()
    said = bare != label.strip()
    if not said:
        return (None if _OF_BRAINS.fullmatch(bare) else canonical(bare)), False
    return _ELECTRODES.get(re.sub(r"\s", "", bare).upper()) or canonical(bare), True


def _leads(header: Header) -> list[tuple[str, Signal]]:
    """The signals that are leads. V1 to V6 alone, without a limb lead or the word ECG, could be of anything."""
    found = [(*lead_of(signal.label), signal) for signal in header.signals if not signal.annotates]
    limb = any(lead in _LIMB for lead, _, _ in found)
    leads = [(lead, signal) for lead, said, signal in found if lead and (said or limb)]
    if not leads:
        raise SignalError(
            f"No signal of the EDF file is named as one of the 12 leads ({_named(header.signals)}).",
            "Name the signals of the ECG 'ECG I', 'ECG II' ... 'ECG V6'.",
        )
    check_channels(len(leads))
    return leads


def _of_one_rate(leads: list[tuple[str, Signal]], header: Header) -> tuple[list[tuple[str, Signal]], list[Notice]]:
    """The leads of the rate that most have (the higher of equals), and notices of what was left out."""
    rates = {signal.samples for _, signal in leads}
    best = max(rates, key=lambda rate: (coverage(name for name, s in leads if s.samples == rate), rate))
    kept = [(name, signal) for name, signal in leads if signal.samples == best]
    notices = []
    if others := [name for name, signal in leads if signal.samples != best]:
        text = f"Leads of another sampling rate were left out: {', '.join(others)}."
        notices.append(Notice("other-rate", text))
    taken = {id(signal) for _, signal in leads}
    if left := [signal for signal in header.signals if id(signal) not in taken and not signal.annotates]:
        text = f"Signals left out, not among the 12 leads: {_named(left)}."
        notices.append(Notice("other-channels", text))
    return kept, notices


def _rate(signal: Signal, header: Header) -> float:
    if header.seconds == 0:
        raise FormatError("The EDF file's records last no time.", "Export it again.")
    rate = signal.samples / header.seconds
    check_rate(rate)
    return rate


def _records(data: bytes, header: Header) -> tuple[Table, list[Notice]]:
    """All samples, (records, samples of all signals): as many records as the header says or, if it does not, as fit."""
    held = (len(data) - header.size) // (2 * header.record_samples)
    count = held if header.records == -1 else header.records
    if held < count or held < 1:
        raise TruncatedError(
            f"The EDF file holds {max(held, 0)} of the {max(count, 1)} records that its header promises.",
            "Copy or export it again.",
        )
    notices = []
    if header.records == -1:
        text = f"The device did not finish the EDF file; the {held} whole records in it were read."
        notices.append(Notice("unfinished", text))
    elif len(data) > header.size + count * 2 * header.record_samples:
        text = f"The EDF file is longer than its {count} records; what follows was left out."
        notices.append(Notice("longer-data", text))
    table = np.frombuffer(data, "<i2", count * header.record_samples, header.size)
    return table.reshape(count, header.record_samples), notices


def _places(records: Table, header: Header, samples: int, rate: float) -> tuple[Sequence[int], list[Notice]]:
    """At which sample each record begins: those of EDF+D say when they were recorded, others follow at once."""
    if not header.plus or header.plus == "EDF+C":
        return range(0, samples * len(records), samples), []
    if len(records) > _MOST_TIMED:
        raise UnsafeFileError(f"The EDF+ file is in {len(records)} parts.", "Export it as EDF+C.")
    notes = next((signal for signal in header.signals if signal.annotates), None)
    onsets = (
        [_ONSET.match(record[notes.start : notes.start + notes.samples].tobytes()) for record in records]
        if notes
        else [None]
    )
    times = [float(onset[1]) for onset in onsets if onset]
    if len(times) < len(records):
        raise FormatError("The EDF+ file does not say when its records begin.", "Export it as EDF+C.")
    check_length(round(min((times[-1] - times[0]) * rate, 1e15)) + samples, rate)
    places: list[int] = []
    gap = 0
    for time in times:
        end = places[-1] + samples if places else 0
        place = round((time - times[0]) * rate)
        if place < end - 1:
            raise FormatError("Records of the EDF+ file overlap or are out of order.", "Export it as EDF+C.")
        gap += max(place - end, 0)
        places.append(max(place, end))
    if not gap:
        return places, []
    text = f"The recording was interrupted; {gap / rate:g} s in it hold no samples."
    return places, [Notice("interrupted", text)]


def _channel(name: str, raw: Table, signal: Signal, places: Sequence[int]) -> Channel:
    row: NDArray[np.floating[Any]] | Table = raw.reshape(-1)
    if places[-1] > (len(places) - 1) * signal.samples:
        row = np.full(places[-1] + signal.samples, np.nan)
        for place, record in zip(places, raw, strict=True):
            row[place : place + signal.samples] = record
    unit = MILLIVOLTS.get(signal.unit.lower())
    if unit is None or signal.line is None:
        return Channel(name, row, None)
    step, zero = signal.line
    return Channel(name, row, step * unit, zero * unit)


def _beyond(name: str, raw: Table, signal: Signal) -> list[Notice]:
    least, most = signal.digital
    if least is None or most is None or least >= most or (raw.min() >= least and raw.max() <= most):
        return []
    count = int(np.count_nonzero((raw < least) | (raw > most)))
    text = f"{count} samples of {name} lie beyond the range that the file states; they were kept."
    return [Notice("beyond-range", text)]


def _notes(records: Table, header: Header) -> list[Notice]:
    """A notice of annotations: they are about moments, and may name people."""
    count = sum(
        len(_NOTE.findall(records[:, signal.start : signal.start + signal.samples].tobytes()))
        for signal in header.signals
        if signal.annotates
    )
    return [Notice("annotations", f"{count} annotations of the EDF+ file were left out.")] if count else []


def _named(signals: list[Signal] | tuple[Signal, ...]) -> str:
    labels = [signal.label or "?" for signal in signals if not signal.annotates]
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    return clean(", ".join(labels[:_NAMED]), 200) + more
