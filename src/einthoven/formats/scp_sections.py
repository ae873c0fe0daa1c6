"""The sections of an SCP-ECG record (EN 1064, 5.2 and 5.3): where each lies, and whether it is whole."""

from __future__ import annotations

import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.ecg import FormatError, Notice, TruncatedError, UnsafeFileError

MARK = b"SCPECG"  # in the header of section 0, since version 1.3
MARK_AT = 16
_START = 6  # checksum and size of the whole record
_HEADER = 16  # checksum, number, size, two versions and six reserved bytes of each section
_POINTER = 10
_MOST_POINTERS = 1100  # sections are numbered to 1023
_LAST_STANDARD = 12  # what lies in those behind it, its maker decides
_OF_THE_SIGNAL = range(2, 7)


@dataclass(frozen=True)
class Record:
    """What the sections hold, by their number and without their headers; `version` 20 is 2.0."""

    version: int
    sections: Mapping[int, bytes]
    notices: tuple[Notice, ...]


def is_record(head: bytes) -> bool:
    """Whether a file that begins so is an SCP-ECG record: marked as one, or with a section 0 that points at itself."""
    if head.startswith(MARK, MARK_AT):
        return True
    return len(head) > _START + _HEADER + _POINTER and head[8:10] == bytes(2) and _points_at_itself(head)


def parse(data: bytes) -> Record:
    """The sections of a record.

    Raises:
        TruncatedError: the file is shorter than it says.
        FormatError: sections lie where they cannot, or samples changed since the record was written.
        UnsafeFileError: far too many sections.
    """
    size = _size(data)
    kept = data[:size]
    notices = []
    if size < len(data):
        text = f"The file holds {len(data)} bytes; the SCP-ECG record's {size} were read."
        notices.append(Notice("longer-data", text))
    spans: dict[int, tuple[int, int]] = {}
    for number, length, start in _pointers(kept):
        if number in spans:
            raise FormatError(f"The SCP-ECG file holds section {number} twice.", "Export it again.")
        start, length, found = _placed(kept, number, length, start)
        notices += found
        spans[number] = start, length
    notices += _checked(kept, {0: (_START, int.from_bytes(kept[10:14], "little")), **spans})
    bodies = {
        number: kept[start + _HEADER : start + length] for number, (start, length) in spans.items() if length > _HEADER
    }
    return Record(kept[_START + 9], bodies, tuple(notices))


def _points_at_itself(head: bytes) -> bool:
    number, length, start = struct.unpack_from("<HII", head, _START + _HEADER)
    return bool((number, start) == (0, _START + 1) and length == int.from_bytes(head[10:14], "little"))


def _size(data: bytes) -> int:
    """The size that the record states, which must fit the file and hold a section 0."""
    size = int.from_bytes(data[2:6], "little")
    if len(data) < _START + _HEADER or size > len(data):
        raise TruncatedError(
            f"The file holds {len(data)} of the {max(size, _START + _HEADER)} bytes that its SCP-ECG header promises.",
            "Copy or export it again.",
        )
    number, length = struct.unpack_from("<HI", data, _START + 2)
    if number != 0 or length < _HEADER + _POINTER or _START + length > size:
        raise FormatError("The SCP-ECG file does not say where its sections are.", "Copy or export it again.")
    return int(size)


def _pointers(data: bytes) -> list[tuple[int, int, int]]:
    """Number, size and place of each standard section that is there; section 0 lists them all."""
    table = data[_START + _HEADER : _START + int.from_bytes(data[10:14], "little")]
    if len(table) > _MOST_POINTERS * _POINTER:
        raise UnsafeFileError(
            f"The SCP-ECG file announces {len(table) // _POINTER} sections.", "Check that this is the right file."
        )
    whole = table[: len(table) // _POINTER * _POINTER]
    return [
        (number, length, start - 1)
        for number, length, start in struct.iter_unpack("<HII", whole)
        if 0 < number <= _LAST_STANDARD and length
    ]


def _placed(data: bytes, number: int, length: int, start: int) -> tuple[int, int, list[Notice]]:
    """Where a section lies, compared with its own header."""
    if start < _START or length < _HEADER or start + length > len(data):
        raise FormatError(
            f"Section {number} of the SCP-ECG file ({length} bytes) does not lie within its {len(data)} bytes.",
            "Copy or export it again.",
        )
    inside, said = struct.unpack_from("<HI", data, start + 2)
    if inside != number:
        raise FormatError(
            f"The SCP-ECG file says that section {number} begins where section {inside} does.", "Export it again."
        )
    if said == length:
        return start, length, []
    text = f"The SCP-ECG file states two sizes for section {number}, {length} and {said} bytes; the smaller was read."
    return start, max(_HEADER, min(length, said)), [Notice("section-size", text)]


def _checked(data: bytes, spans: Mapping[int, tuple[int, int]]) -> list[Notice]:
    """A notice where checksums do not fit.

    Some devices compute them wrongly or not at all. Where the record's own and that of samples do
    not fit but those of other sections do, the samples have changed since: in compressed samples
    one wrong bit spoils all that follow, so they are refused.
    """
    wrong = [number for number, (start, length) in spans.items() if not _fits(data[start : start + length])]
    if _fits(data):
        if not wrong:
            return []
        text = f"The checksum of the whole SCP-ECG record fits, but not that of {_listed(wrong)}."
        return [Notice("checksum", text)]
    damaged = [number for number in wrong if number in _OF_THE_SIGNAL]
    if damaged and len(wrong) < len(spans):
        raise FormatError(
            f"The checksum does not fit {_listed(damaged)} of the SCP-ECG file, though others fit: "
            "its samples are damaged.",
            "Copy or export it again.",
        )
    what = _listed(wrong) if wrong else "the whole record"
    return [Notice("checksum", f"The checksum does not fit {what}: the SCP-ECG file may have been altered.")]


def _fits(part: bytes) -> bool:
    """Whether the first two bytes are the CRC-CCITT of the rest."""
    return binascii.crc_hqx(part[2:], 0xFFFF) == int.from_bytes(part[:2], "little")


def _listed(numbers: list[int]) -> str:
    return f"section{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
