"""The text of a WFDB header (`.hea`): one record line, one line a signal, comments.

The layout is the one of header(5) of the WFDB Applications Guide (physionet.org).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from einthoven.ecg import FormatError, Notice, TruncatedError, UnsafeFileError
from einthoven.ecg.record import RATES
from einthoven.formats.limits import check_channels, check_length, check_rate
from einthoven.formats.text import NAME_LENGTH, clean

# Digits are bounded so that no number costs more than its line.
_INT = r"[-+]?\d{1,15}"
_FLOAT = r"[-+]?(?:\d{1,20}\.?\d{0,20}|\.\d{1,20})(?:[eE][-+]?\d{1,3})?"
_NO_RATE = r"(?i:[-+]?(?:nan|inf(?:inity)?))"  # which programs write, and no recording has
_RECORD = re.compile(
    rf"(?P<name>\S{{1,255}}?)(?:/(?P<segments>\d{{1,9}}))?\s+(?P<channels>\d{{1,9}})"
    rf"(?:\s+(?P<rate>{_FLOAT}|{_NO_RATE})(?:/{_FLOAT}(?:\({_FLOAT}\))?)?"
    rf"(?:\s+(?P<samples>\d{{1,15}})(?:\s+(?P<when>\S.*))?)?)?",
    re.ASCII,
)
_SIGNAL = re.compile(
    r"(\S{1,4096})\s+(\d{1,4})(?:x(\d{1,9}))?(?::(\d{1,9}))?(?:\+(\d{1,15}))?"  # file, format
    rf"(?:\s+({_FLOAT})(?:\(({_INT})\))?(?:/(\S{{1,80}}))?"  # gain(baseline)/units
    rf"(?:\s+{_INT}(?:\s+({_INT})(?:\s+({_INT})(?:\s+({_INT})"  # resolution, zero, first value, checksum
    rf"(?:\s+{_INT}(?:\s+(\S.*))?)?)?)?)?)?)?",  # block size, description
    re.ASCII,
)
_SIGNAL_START = re.compile(r"(\S+)\s+(?:0|8|16|24|32|61|80|160|212|310|311|508|516|524)(?:[x:+]\d+)*(?:\s|$)", re.ASCII)
_SEGMENT_START = re.compile(r"\S{1,255}\s+\d", re.ASCII)
_RECORD_START = re.compile(r"[^\s\[\]{}<>\",;:]{1,255}\s+\d{1,9}(?:\s|$)", re.ASCII)
_MOMENT = re.compile(r"\d[:/]\d|\d[-.]\w{1,9}[-.]\d", re.ASCII)
_NUMBER = re.compile(_FLOAT, re.ASCII)
_SEGMENT = re.compile(r"(\S{1,255})\s+(\d{1,15})", re.ASCII)
_WHEN = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,9}))?\s+(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)

_MOST_A_FRAME = 1000
_MOST_SEGMENTS = 1000


class Channel(NamedTuple):
    """One signal line. `gain` in units of the file a `units`, None where it is absent or zero;
    `units` is empty where it is absent, which stands for mV.

    `initial` is the value before the first sample, which only format 8 needs; `skew` counts frames.
    """

    file: str
    format: int
    per_frame: int
    skew: int
    offset: int
    gain: float | None
    baseline: int
    initial: int
    units: str
    checksum: int | None
    name: str


class Header(NamedTuple):
    """A single-segment header; `samples` is None where it states no length."""

    record: str
    rate: float
    samples: int | None
    time: datetime | None
    channels: tuple[Channel, ...]
    comments: tuple[str, ...]
    notices: tuple[Notice, ...]


def is_header(head: bytes) -> bool:
    """Whether text that begins with `head` is a WFDB header: a record line, then a signal line.

    Numbers between blanks are none, though some look like a record line.

    >>> is_header(b"100 2 360\\n100.dat 212 200 11 1024 995 -22131 0 MLII\\n"), is_header(b"a,b\\n1,2\\n")
    (True, False)
    >>> is_header(b"1 2 3 4 5 6 7 8"), is_header(b"100 2 360 650000")
    (False, True)
    """
    if b"\0" in head:
        return False
    body = [line for line in _lines(head) if not line.startswith("#")]
    if not body or not _RECORD_START.match(body[0]):
        return False
    record = _RECORD.fullmatch(body[0])
    # The second line may be cut by the end of the head, so only its beginning counts; a table
    # of numbers must not pass, so it needs one of WFDB's formats and looks like a file's name.
    signal = _SIGNAL_START.match(body[1]) if len(body) > 1 else None
    signal = None if signal and _NUMBER.fullmatch(signal[1]) else signal
    if record is None:  # damaged, which its reader says
        return signal is not None and "." in signal[1] and _SIGNAL.fullmatch(body[1]) is not None
    if record["when"] and not _MOMENT.search(record["when"]):
        return False
    if record["segments"]:
        return record["rate"] is not None and (len(body) == 1 or _SEGMENT_START.match(body[1]) is not None)
    if len(body) == 1:
        named = _NUMBER.fullmatch(record["name"]) is None
        return record["rate"] is not None and (named or float(record["rate"]) >= RATES[0])
    return signal is not None and (record["rate"] is not None or "." in signal[1])


class Segments(NamedTuple):
    """The header of a record in several segments: (name, samples) of each; `samples` is None where it is not stated."""

    record: str
    rate: float
    samples: int | None
    time: datetime | None
    parts: tuple[tuple[str, int], ...]
    comments: tuple[str, ...]
    notices: tuple[Notice, ...]


def parse_header(data: bytes) -> Header | Segments:
    """The header in `data`.

    Raises:
        FormatError: not a header, no signals, no sampling rate.
        TruncatedError: fewer lines than it announces, or no samples.
        UnsafeFileError: more channels or segments than an ECG has.
        SignalError: a rate or length that no ECG has.
    """
    lines = _lines(data)
    body = [line for line in lines if line[0] != "#"]
    record = _RECORD.fullmatch(body[0]) if body else None
    if record is None:
        first = clean(body[0], 60) if body else ""
        raise FormatError(
            f"The first line of the WFDB header, '{first}', is no record line.",
            "It holds a name, the number of signals, the rate in Hz and the number of samples: export it again.",
        )
    announced = int(record["channels"])
    check_channels(announced)
    if announced == 0:
        raise FormatError(
            "The WFDB header names no signals (a record of annotations alone).",
            "Read the record that holds the ECG itself.",
        )
    if record["rate"] is None:
        raise FormatError("The WFDB header states no sampling rate.", "Write it after the number of signals, in Hz.")
    rate = float(record["rate"])
    if (
        not RATES[0] / _MOST_A_FRAME <= rate <= RATES[1]
    ):  # it is the rate of frames, each of which may hold many samples
        check_rate(rate)
    samples = int(record["samples"] or 0) or None  # 0 says "not stated", as absence does
    if samples:
        check_length(samples, rate)
    time, notices = _time(record["when"])
    what = "segments" if record["segments"] else "signals"
    announced = int(record["segments"] or announced)
    if len(body) - 1 < announced:
        raise TruncatedError(
            f"The WFDB header announces {announced} {what} and describes {len(body) - 1}.", "Copy or export it again."
        )
    if len(body) - 1 > announced:
        text = f"The header has lines after its last {what[:-1]}; they were left out."
        notices += (Notice("extra-lines", text),)
    body = body[1 : announced + 1]
    comments = tuple(line[1:].strip() for line in lines if line[0] == "#")
    if record["segments"]:
        return Segments(record["name"], rate, samples, time, _segments(body), comments, notices)
    channels = tuple(_channel(line, number) for number, line in enumerate(body, 1))
    check_rate(rate * max(channel.per_frame for channel in channels))
    return Header(record["name"], rate, samples, time, channels, comments, notices)


def _segments(lines: list[str]) -> tuple[tuple[str, int], ...]:
    if not 1 <= len(lines) <= _MOST_SEGMENTS:
        raise UnsafeFileError(
            f"The WFDB record has {len(lines)} segments; 1 to {_MOST_SEGMENTS} are read.",
            "Read one of its segments by its own .hea.",
        )
    found = [_SEGMENT.fullmatch(line) for line in lines]
    if not all(found):
        raise FormatError("A segment's line of the WFDB header is damaged.", "Copy or export the record again.")
    return tuple((part[1], int(part[2])) for part in found if part)


def _lines(data: bytes) -> list[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError:  # older files write the micro sign in Latin-1
        text = data.decode("latin-1")
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return [bare for line in text.split("\n") if (bare := line.strip())]


def _channel(line: str, number: int) -> Channel:
    fields = _SIGNAL.fullmatch(line)
    if fields is None:
        raise FormatError(
            f"Line {number} of the header's signals is not one: '{clean(line, 80)}'.",
            "Copy or export the record again.",
        )
    file, form, per_frame, skew, offset, gain, baseline, units, zero, initial, checksum, name = fields.groups()
    if per_frame is not None and not 1 <= int(per_frame) <= _MOST_A_FRAME:
        raise UnsafeFileError(
            f"Signal {number} holds {int(per_frame)} samples a frame; 1 to {_MOST_A_FRAME} are read.",
            "Copy or export the record again.",
        )
    return Channel(
        file=file,
        format=int(form),
        per_frame=int(per_frame or 1),
        skew=int(skew or 0),
        offset=int(offset or 0),
        gain=(float(gain) or None) if gain else None,
        baseline=int(baseline or zero or 0),
        initial=int(initial or 0),
        units=clean(units, NAME_LENGTH) if units else "",
        checksum=int(checksum) if checksum else None,
        name=clean(name, NAME_LENGTH) if name else f"signal {number}",
    )


def _time(when: str | None) -> tuple[datetime | None, tuple[Notice, ...]]:
    """The base time with its date; a time of day alone is no moment, and other orders are not guessed."""
    if when is None:
        return None, ()
    if fields := _WHEN.fullmatch(when):
        hour, minute, second, fraction, day, month, year = fields.groups()
        micro = int((fraction or "0").ljust(6, "0")[:6])
        try:
            moment = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second), micro)
        except ValueError:
            moment = None
        if moment:
            return moment, ()
    unread = (
        f"The header's '{clean(when, 40)}' is no time with a date in WFDB's order "
        "(HH:MM:SS DD/MM/YYYY); the ECG carries no time."
    )
    return None, (Notice("unread-time", unread),)
