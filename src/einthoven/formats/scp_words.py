"""Patient, time, device, measurements and statements of an SCP-ECG record (EN 1064, sections 1, 7, 8 and 11)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from einthoven.ecg import Notice, Patient, Statement
from einthoven.formats.documents.dates import age_in_years, age_of, moment, unread_time
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.statements import VOCABULARY

_ID, _AGE, _BIRTH, _SEX, _DEVICE, _DATE, _TIME, _END = 2, 4, 5, 8, 14, 25, 26, 255
_AGE_UNITS = {1: "years", 2: "months", 3: "weeks", 4: "days", 5: "hours"}
_SEXES = {1: "male", 2: "female"}
_MAKERS = (
    *("", "Burdick", "Cambridge", "Compumed", "Datamed", "Fukuda", "Hewlett-Packard", "Marquette", "Mortara"),
    *("Nihon Kohden", "Okin", "Quinton", "Siemens", "Spacelabs", "Telemed", "Hellige", "ESA-OTE", "Schiller"),
    *("Picker-Schwarzer", "et medical devices", "Zwönitz"),
)
# The number of the language in section 1, as ISO 8859-1 has none, by how its letters are written.
_LETTERS = {
    **{0x03: "iso8859-2", 0x0B: "iso8859-4", 0x13: "iso8859-5", 0x1B: "iso8859-6", 0x23: "iso8859-7"},
    **{0x2B: "iso8859-8", 0x33: "iso8859-11", 0x3B: "iso8859-15", 0x07: "utf-16-le", 0x0F: "shift_jis"},
    **{0x17: "euc_jp", 0x1F: "euc_jp", 0x27: "gb2312", 0x2F: "cp949", 0x37: "utf-8"},
}
_MACHINE = 36  # bytes before the texts of a device
_UNMEASURED = {29999, 0xFFFF}
_FORMULAS = {1: "qtc_bazett", 2: "qtc_hodges"}
_CODED, _TEXT = 1, 2  # kinds of statement in section 11


@dataclass(frozen=True)
class Header:
    """What section 1 says; names in it are not read. `letters` is the codec of all texts in the file."""

    patient: Patient
    time: datetime | None
    device: str
    letters: str
    notices: tuple[Notice, ...]


def read_header(body: bytes) -> Header:
    """Section 1. Where its fields do not fill it, none of them is certain and none is read."""
    tags = _tags(body)
    notices = []
    if tags is None:
        text = "The fields of the SCP-ECG file's header overrun it; patient, time and device were not read."
        notices.append(Notice("header-unread", text))
        tags = {}
    device = tags.get(_DEVICE, b"")
    letters = _LETTERS.get(device[16], "latin-1") if len(device) > 16 else "latin-1"
    day, clock = tags.get(_DATE, b""), tags.get(_TIME, b"")
    time = _moment(day, clock)
    notices += unread_time((day + clock).hex() if any(day) else "", time)
    birth = _moment(tags.get(_BIRTH, b""), bytes(3))
    age, doubt = age_of(_age(tags.get(_AGE, b"")), birth.date() if birth else None, time)
    sex = tags.get(_SEX, b"")
    patient = Patient(
        id=clean(decoded(tags.get(_ID, b""), letters)[0], NAME_LENGTH) or None,
        age=age,
        sex=_SEXES.get(sex[0]) if len(sex) == 1 else None,
    )
    return Header(patient, time, _device(device, letters), letters, (*notices, *doubt))


def decoded(value: bytes, letters: str) -> list[str]:
    """The texts in a field, each ended by a zero."""
    if letters == "utf-16-le":
        value = value[: len(value) // 2 * 2]
    return value.decode(letters, errors="replace").split("\0")


def measured(body: bytes) -> Iterator[tuple[str, float | None]]:
    """What section 7 holds, by the names of `MEASURED_UNITS`: of all beats, and of the reference beat.

    The intervals follow from where the waves of the reference beat begin and end.
    """
    if len(body) < 6:
        return
    blocks, spikes, rr = struct.unpack_from("<BBH", body)
    yield "rr", _known(rr)
    place = 6 + 16 * blocks
    if blocks and len(body) >= 22:
        p, p_end, qrs, qrs_end, t_end = map(_known, struct.unpack_from("<5H", body, 6))
        yield "p", _between(p, p_end)
        yield "pr", _between(p, qrs) if _between(p, p_end) else None  # a P of no length is none
        yield "qrs", _between(qrs, qrs_end)
        yield "qt", _between(qrs, t_end)
        for name, axis in zip(("p_axis", "qrs_axis", "t_axis"), struct.unpack_from("<3h", body, 16), strict=True):
            yield name, float(axis)  # 999 and 29999, for none, are no angles
    place += 10 * spikes
    if len(body) < place + 2:
        return
    place += 2 + int.from_bytes(body[place : place + 2], "little")
    if len(body) >= place + 7:
        ventricles, atria, qtc, formula = struct.unpack_from("<HHHB", body, place)
        yield "heart_rate", _known(ventricles)
        yield "atrial_rate", _known(atria)
        yield _FORMULAS.get(formula, "qtc"), _known(qtc)


def statements(texts: bytes, codes: bytes, letters: str) -> Iterator[Statement]:
    """Those in full text (section 8), then the coded ones (section 11) that say something else.

    A coded statement counts as its code only where it is nothing but one code of the vocabulary:
    modifiers, which can say "possible", "old" or "absent", stay in the text.
    """
    seen = set()
    for field in _fields(texts):
        text = " ".join(filter(None, decoded(field, letters)))
        seen.add(text)
        yield Statement(text)
    for field in _fields(codes):
        parts = [part.strip() for part in decoded(field[1:], letters) if part.strip()]
        if field[:1] in {bytes([_CODED]), bytes([_TEXT])} and (text := " ".join(parts)) not in seen:
            code = text if field[0] == _CODED and text in VOCABULARY else None
            yield Statement(text, code, "SCP" if code else None)


def _tags(body: bytes) -> Mapping[int, bytes] | None:
    """The fields of section 1, the first of each number; None where they do not fill it."""
    tags: dict[int, bytes] = {}
    place = 0
    while place + 3 <= len(body) and body[place] != _END:
        size = int.from_bytes(body[place + 1 : place + 3], "little")
        value = body[place + 3 : place + 3 + size]
        if len(value) < size:
            return None
        tags.setdefault(body[place], value)
        place += 3 + size
    return tags


def _fields(body: bytes) -> Iterator[bytes]:
    """The statements of section 8 or 11: behind confirmation, date, time and count each its number and size."""
    place = 9
    for _ in range(body[8] if len(body) > 8 else 0):
        if len(body) < place + 3:
            return
        size = int.from_bytes(body[place + 1 : place + 3], "little")
        yield body[place + 3 : place + 3 + size]
        place += 3 + size


def _moment(day: bytes, clock: bytes) -> datetime | None:
    if len(day) != 4 or len(clock) != 3:
        return None
    return moment(int.from_bytes(day[:2], "little"), day[2], day[3], clock[0], clock[1], clock[2])


def _age(value: bytes) -> float | None:
    """A stated age; 0 stands for none."""
    number = int.from_bytes(value[:2], "little")
    unit = _AGE_UNITS.get(value[2]) if len(value) == 3 else None
    return age_in_years(str(number), unit) if unit and number else None


def _device(value: bytes, letters: str) -> str:
    """Maker and model; the maker's name stands behind three texts about software and the serial number."""
    if len(value) < _MACHINE:
        return ""
    texts = decoded(value[_MACHINE:], letters)
    named = texts[4].strip() if len(texts) > 4 else ""
    maker = named or (_MAKERS[value[7]] if value[7] < len(_MAKERS) else "")
    return f"{maker} {value[8:14].decode('latin-1').split(chr(0))[0]}"


def _known(value: int) -> float | None:
    return None if value in _UNMEASURED else float(value)


def _between(start: float | None, end: float | None) -> float | None:
    return end - start if start is not None and end is not None and end > start else None
