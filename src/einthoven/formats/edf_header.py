"""The header of an EDF or EDF+ file: text of fixed width, checked before anything follows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from einthoven.ecg import FormatError, Notice, Patient, TruncatedError, UnsafeFileError
from einthoven.formats.documents.dates import age_of, moment, unread_time
from einthoven.formats.documents.numbers import number, whole
from einthoven.formats.limits import MOST_BYTES
from einthoven.formats.text import NAME_LENGTH, clean

MOST_SIGNALS = 512  # sleep laboratories record dozens beside the ECG
BLOCK = 256  # bytes of the header, and again of each signal in it
MOST_HEADER_BYTES = BLOCK * (MOST_SIGNALS + 1)
_VERSION = b"0       "
_ANNOTATIONS = "EDF Annotations"
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_SEXES = {"M": "male", "F": "female"}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_CENTURY = 85  # years from it on are of the last century, as EDF+ says
_SHORT = re.compile(r"(\d\d)\.(\d\d)\.(\d\d)", re.ASCII)
_LONG = re.compile(r"(\d\d?)-([A-Za-z]{3})-(\d{4})", re.ASCII)
_PERSON = re.compile(r"\S+ [MFX] (?:\d\d-[A-Z]{3}-\d{4}|X)(?: |$)", re.ASCII)
_UNKNOWN = "X"
_AGAIN = "Copy or export it again."


@dataclass(frozen=True)
class Signal:
    """One signal: what its least and greatest number stand for, and how many samples each record holds of it."""

    label: str
    unit: str
    physical: tuple[float | None, float | None]
    digital: tuple[float | None, float | None]
    samples: int
    start: int

    @property
    def line(self) -> tuple[float, float] | None:
        """How much one step is and what zero is, in the signal's unit; None where its two ranges do not say it."""
        (low, high), (least, most) = self.physical, self.digital
        if low is None or high is None or least is None or most is None or least >= most or low == high:
            return None
        step = (high - low) / (most - least)
        return step, low - step * least

    @property
    def annotates(self) -> bool:
        """Whether it holds annotations instead of samples."""
        return self.label == _ANNOTATIONS


@dataclass(frozen=True)
class Header:
    """What stands before the records; `plus` is "" for EDF, else "EDF+C" or "EDF+D"; `records` is -1 if unknown."""

    plus: str
    patient: str
    recording: str
    day: str
    clock: str
    records: int
    seconds: float
    signals: tuple[Signal, ...]

    @property
    def size(self) -> int:
        """Bytes of the header."""
        return BLOCK * (len(self.signals) + 1)

    @property
    def record_samples(self) -> int:
        """Samples of all signals in one record, 2 bytes each."""
        return sum(signal.samples for signal in self.signals)


def is_header(head: bytes) -> bool:
    """Whether a file that begins so is EDF: its version, then numbers where numbers must be."""
    fields = head[184:192], head[236:244], head[252:256]
    return head.startswith(_VERSION) and all(re.fullmatch(rb"[ -]?\d+ *", field) for field in fields)


def parse_header(data: bytes) -> Header:
    """The header at the beginning of `data`.

    Raises:
        TruncatedError: `data` ends within it.
        FormatError: a number is none, or contradicts another.
        UnsafeFileError: far too many signals or samples.
    """
    count = _count(data[252:256], "signals")
    if count > MOST_SIGNALS:
        raise UnsafeFileError(f"The EDF file announces {count} signals; at most {MOST_SIGNALS} are read.", _AGAIN)
    if len(data) < BLOCK * (count + 1):
        raise TruncatedError(f"The EDF file ends within its header of {count} signals.", _AGAIN)
    if _count(data[184:192], "header bytes") != BLOCK * (count + 1):
        raise FormatError(f"The EDF file's header is not as long as its {count} signals make it.", "Export it again.")
    records = whole(_text(data[236:244]))
    if records is None or (records < 1 and records != -1):
        raise FormatError("The EDF file states no number of records.", "Export it again.")
    seconds = number(_text(data[244:252]))
    if seconds is None or seconds < 0:
        raise FormatError("The EDF file does not state how long a record lasts.", "Export it again.")
    signals, start = [], 0
    for fields in _fields(data, count):
        signal = _signal(fields, start)
        start += signal.samples
        signals.append(signal)
    if 2 * start > MOST_BYTES:
        raise UnsafeFileError(f"The EDF file announces {start} samples a record.", "Check the file's header.")
    kind = _text(data[192:236])
    return Header(
        plus=kind[:5] if kind.startswith("EDF+") else "",
        patient=_text(data[8:88]),
        recording=_text(data[88:168]),
        day=_text(data[168:176]),
        clock=_text(data[176:184]),
        records=records,
        seconds=seconds,
        signals=tuple(signals),
    )


def person_of(header: Header) -> tuple[Patient, datetime | None, str, list[Notice]]:
    """Patient, start and device, and what could not be read of them; names are left where they are.

    EDF+ says which part of its patient field is what. That of EDF can hold anything: sex and age are
    read where it is written as EDF+ would, but what stands first is taken for no id.
    """
    time = _start(header)
    notices = [] if _unknown_day(header) else unread_time(f"{header.day} {header.clock}", time)
    equipment = [*header.recording.split(), *[""] * 5][4] if _by_plus(header) else ""
    device = "" if equipment == _UNKNOWN else _word(equipment)
    if not header.plus and not _PERSON.match(header.patient):
        if header.patient:
            text = "The patient field of an EDF file is free text, which may hold a name; it was not read."
            notices.append(Notice("patient-unread", text))
        return Patient(), time, device, notices
    code, sex, birth, *_ = [*header.patient.split(), "", "", ""]
    age, doubt = age_of(None, _day(birth), time)
    known = header.plus and code != _UNKNOWN
    patient = Patient(_word(code) or None if known else None, age, _SEXES.get(sex.upper()))
    return patient, time, device, [*notices, *doubt]


def _fields(data: bytes, count: int) -> list[list[str]]:
    """The ten fields of each signal; the file lists the first of all, then the second of all, and so on."""
    columns, place = [], BLOCK
    for width in _WIDTHS:
        ends = range(place + width, place + width * count + 1, width)
        columns.append([_text(data[end - width : end]) for end in ends])
        place += width * count
    return [list(row) for row in zip(*columns, strict=True)]


def _signal(fields: list[str], start: int) -> Signal:
    label, _, unit, low, high, least, most, _, samples, _ = fields
    count = whole(samples)
    if count is None or count < 1:
        raise FormatError(
            f"The EDF file does not state how many samples '{clean(label, 20)}' has in a record.", "Export it again."
        )
    return Signal(
        clean(label, NAME_LENGTH),
        unit,
        (number(low), number(high)),
        (number(least), number(most)),
        count,
        start,
    )


def _start(header: Header) -> datetime | None:
    """When the recording began; the recording field of EDF+ states the year in full, or that the day is unknown."""
    if (day := _SHORT.fullmatch(header.day)) is None or (clock := _SHORT.fullmatch(header.clock)) is None:
        return None
    year = int(day[3]) + (1900 if int(day[3]) >= _CENTURY else 2000)
    month, of_month = int(day[2]), int(day[1])
    if _by_plus(header):
        if (stated := _day(header.recording.split()[1])) is None:
            return None
        year, month, of_month = stated.year, stated.month, stated.day
    return moment(year, month, of_month, int(clock[1]), int(clock[2]), int(clock[3]))


def _by_plus(header: Header) -> bool:
    """Whether the recording field is written as EDF+ wants it, which plain EDF may do too."""
    return header.recording.startswith("Startdate ")


def _unknown_day(header: Header) -> bool:
    return _by_plus(header) and header.recording.split()[1] == _UNKNOWN


def _day(text: str) -> date | None:
    """`dd-MMM-yyyy` with English months."""
    found = _LONG.fullmatch(text)
    if found is None or found[2].upper() not in _MONTHS:
        return None
    stated = moment(int(found[3]), _MONTHS.index(found[2].upper()) + 1, int(found[1]), 0, 0, 0)
    return stated.date() if stated else None


def _count(field: bytes, what: str) -> int:
    found = whole(_text(field))
    if found is None or found < 1:
        raise FormatError(f"The EDF file states no number of {what}.", _AGAIN)
    return found


def _text(field: bytes) -> str:
    return field.decode("latin-1").replace("\0", " ").strip()


def _word(text: str) -> str:
    """A subfield of EDF+, in which underscores stand for spaces."""
    return clean(text.replace("_", " "), NAME_LENGTH)
