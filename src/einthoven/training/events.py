"""A run's metrics as TensorBoard reads them: a record an epoch in a file of its own format, written without it.

A file is a chain of records (TFRecord): length, its check sum, an `Event` of tensorflow/core/util/event.proto as
protocol buffer, its check sum. An event has a time (field 1), a step (2), and either a version (3) or a summary (5) of
values (1), each a tag (1) and a number (2).
"""

from __future__ import annotations

import struct
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from einthoven.ecg import FileError

FILE = "events.out.tfevents.run"
APART = ("epoch", "seconds")
CASTAGNOLI = 0x82F63B78
"""The polynomial of CRC-32C (RFC 3720, section 12.1), bits reversed."""


def start_events(folder: Path, lines: Sequence[Mapping[str, float]]) -> None:
    """Writes the epochs that are done anew: whatever a killed run left there is replaced.

    Raises:
        FileError: it cannot be written.
    """
    began = time.time() - (lines[-1].get("seconds", 0.0) if lines else 0.0)
    version = _double(1, began) + _bytes(3, b"brain.Event:2")
    events = [_record(version), *(_record(_event(line, began + line.get("seconds", 0.0))) for line in lines)]
    _put(folder, "wb", b"".join(events))


def add_event(folder: Path, line: Mapping[str, float]) -> None:
    """Adds an epoch to the file, which TensorBoard may be reading.

    Raises:
        FileError: it cannot be written.
    """
    _put(folder, "ab", _record(_event(line, time.time())))


def _put(folder: Path, mode: str, data: bytes) -> None:
    try:
        with (folder / FILE).open(mode) as file:
            file.write(data)
    except OSError as fault:
        raise FileError(
            f"The metrics of the run cannot be written to {folder} ({fault}).", "Make room there, and go on: --resume."
        ) from None


def _event(line: Mapping[str, float], at: float) -> bytes:
    values = [
        _bytes(1, _bytes(1, name.encode()) + b"\x15" + struct.pack("<f", value))
        for name, value in line.items()
        if name not in APART
    ]
    return _double(1, at) + b"\x10" + _varint(int(line["epoch"])) + _bytes(5, b"".join(values))


def _double(field: int, value: float) -> bytes:
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", _masked(length)) + data + struct.pack("<I", _masked(data))


def _masked(data: bytes) -> int:
    check = crc32c(data)
    return ((check >> 15 | check << 17) + 0xA282EAD8) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """The Castagnoli check sum of bytes.

    >>> hex(crc32c(b"123456789"))
    '0xe3069283'
    """
    check = 0xFFFFFFFF
    for byte in data:
        check ^= byte
        for _ in range(8):
            check = check >> 1 ^ (CASTAGNOLI if check & 1 else 0)
    return check ^ 0xFFFFFFFF
