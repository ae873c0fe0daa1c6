"""ISHNE 1.0 Holter recordings (Badilini, Ann Noninvasive Electrocardiol 1998;3:263-266): up to an hour of them."""

from __future__ import annotations

import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from einthoven.ecg import ECG, FormatError, Notice, Patient, TruncatedError
from einthoven.formats.documents.channels import Block, Channel, to_ecg
from einthoven.formats.documents.dates import age_of, moment, unread_time
from einthoven.formats.documents.samples import INVALID_16, Samples
from einthoven.formats.files import file_size, read_bytes, read_head
from einthoven.formats.limits import check_length, check_rate, check_values
from einthoven.formats.text import NAME_LENGTH, clean

_MAGIC = b"ISHNE1.0"
_FIXED = 522  # bytes before the comment
_CHECKED = 10  # where what the checksum covers begins
_MOST_LEADS = 12
_NANOVOLT = 1e-6  # in mV
_NAMES: Mapping[int, str] = {
    **{2: "X", 3: "Y", 4: "Z", 5: "I", 6: "II", 7: "III", 8: "aVR", 9: "aVL", 10: "aVF"},
    **{n + 10: f"V{n}" for n in range(1, 7)},
    **{17: "ES", 18: "AS", 19: "AI"},
}
_SEXES = {1: "male", 2: "female"}
_KINDS = {"analog", "digital"}  # of recorder, where others write their model


@dataclass(frozen=True)
class Header:
    """The fixed part: `comment` bytes follow it, then the samples of all leads in turn."""

    checksum: int
    comment: int
    samples: int
    samples_at: int
    codes: tuple[int, ...]
    steps: tuple[int, ...]
    rate: int
    patient: Patient
    time: datetime | None
    device: str
    notices: tuple[Notice, ...]

    @property
    def start(self) -> int:
        """Where samples begin: right behind the comment, whatever the file states."""
        return _FIXED + self.comment

    @property
    def frame(self) -> int:
        """Bytes of one sample of all leads."""
        return 2 * len(self.codes)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file begins as ISHNE 1.0; `path` tells nothing more."""
    return head.startswith(_MAGIC)


def read(path: Path) -> ECG:
    """Reads an ISHNE file; errors as `einthoven.formats.read`."""
    header = _header(read_head(path, _FIXED))
    check_rate(header.rate)
    # A whole Holter recording is refused for its length, which says more than its size.
    check_length((file_size(path) - header.start) // header.frame, header.rate)
    data = read_bytes(path)
    table, notices = _samples(data, header)
    channels = tuple(
        Channel(_name(code, number), row, step * _NANOVOLT if step > 0 else None, invalid=INVALID_16)
        for number, (code, step, row) in enumerate(zip(header.codes, header.steps, table, strict=True), 1)
    )
    return to_ecg(
        [Block("Holter", float(header.rate), channels)],
        "ISHNE",
        header.patient,
        header.time,
        header.device,
        (),
        {},
        [*_checked(data, header), *notices, *header.notices],
    )


def _header(data: bytes) -> Header:
    if len(data) < _FIXED:
        raise TruncatedError("The ISHNE file ends within its header.", "Copy or export it again.")
    checksum, comment, samples, _, samples_at = struct.unpack_from("<Hiiii", data, 8)
    count, *codes = struct.unpack_from(f"<h{_MOST_LEADS}h", data, 156)
    steps = struct.unpack_from(f"<{_MOST_LEADS}h", data, 206)
    (rate,) = struct.unpack_from("<h", data, 272)
    if not 1 <= count <= _MOST_LEADS or comment < 0:
        raise FormatError(
            f"The ISHNE file announces {count} leads and {comment} bytes of comment.", "Copy or export it again."
        )
    sex, _, day, month, year, *started = struct.unpack_from("<hh3h3h", data, 128)
    birth = moment(year, month, day, 0, 0, 0)
    clock = struct.unpack_from("<3h", data, 150)
    time = moment(*started[::-1], *clock) if started[2] > 0 else None
    age, doubt = age_of(None, birth.date() if birth else None, time)
    recorder = _text(data[232:272])
    return Header(
        checksum,
        comment,
        samples,
        samples_at,
        tuple(codes[:count]),
        steps[:count],
        rate,
        Patient(clean(_text(data[108:128]), NAME_LENGTH) or None, age, _SEXES.get(sex)),
        time,
        "" if recorder.lower() in _KINDS else recorder,
        (*unread_time(" ".join(map(str, started)) if started[2] > 0 else "", time), *doubt),
    )


def _samples(data: bytes, header: Header) -> tuple[Samples, list[Notice]]:
    """(leads, samples). Most programs count the samples of a lead in the header, some those of all leads together."""
    leads = len(header.codes)
    held, rest = divmod(max(len(data) - header.start, 0), header.frame)
    count, notices = header.samples, []
    if header.samples_at != header.start:
        text = f"The ISHNE file states two places for its samples; they were read from byte {header.start} on."
        notices.append(Notice("samples-place", text))
    if leads > 1 and count == held * leads and not rest:
        count = held
        text = f"The ISHNE file counts {header.samples} samples; it holds as many in all its {leads} leads together."
        notices.append(Notice("count-of-all", text))
    elif count <= 0 and not rest:
        count = held
        text = f"The ISHNE file does not count its samples; all {held} of each lead were read."
        notices.append(Notice("no-count", text))
    elif 0 < count < held or (count == held and rest):
        text = f"The ISHNE file holds more than the {count} samples of each lead that it states; those were read."
        notices.append(Notice("longer-data", text))
    elif count != held:
        raise TruncatedError(
            f"The ISHNE file holds {held} samples of each lead and states {max(count, held + 1)}: it is cut short.",
            "Copy or export it again.",
        )
    check_length(count, header.rate)
    check_values(leads, count)
    return np.frombuffer(data, "<i2", count * leads, header.start).reshape(count, leads).T, notices


def _checked(data: bytes, header: Header) -> list[Notice]:
    """A notice where the header's CRC-CCITT does not fit, in either order of its bytes; 0 stands for none."""
    found = binascii.crc_hqx(data[_CHECKED : header.start], 0xFFFF)
    if header.checksum in {0, found, found >> 8 | (found & 0xFF) << 8}:
        return []
    return [Notice("checksum", "The checksum does not fit the ISHNE file's header: it may have been altered.")]


def _name(code: int, number: int) -> str:
    return _NAMES.get(code, f"lead {number}")


def _text(field: bytes) -> str:
    return clean(field.split(b"\0")[0].decode("latin-1"), NAME_LENGTH)
