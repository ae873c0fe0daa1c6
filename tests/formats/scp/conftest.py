"""Writes SCP-ECG files in every way of storing, bit by bit, from the standard's text alone and for no speed."""

from __future__ import annotations

import binascii
import itertools
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

CODES = {"I": 1, "II": 2, **{f"V{n}": n + 2 for n in range(1, 7)}, "III": 61, "aVR": 62, "aVL": 63, "aVF": 64}
Codes = list[tuple[str, int, int, int]]  # prefix, bits in all, mode (1 value, 0 switch), base value

DEFAULT: Codes = [("0", 1, 1, 0)]
for size in range(1, 9):
    DEFAULT += [("1" * size + "00", size + 2, 1, size), ("1" * size + "01", size + 2, 1, -size)]
DEFAULT += [("1111111110", 18, 1, 0), ("1111111111", 26, 1, 0)]


def differences(values: Sequence[int], order: int) -> list[int]:
    """Differences in 16 bits, as a small device computes them."""
    values = [int(value) for value in values]
    if order == 0:
        found = values
    elif order == 1:
        found = values[:1] + [b - a for a, b in itertools.pairwise(values)]
    else:
        found = values[:2] + [c - 2 * b + a for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return [(value + 2**15) % 2**16 - 2**15 for value in found]


def encode(values: Sequence[int], tables: Sequence[Codes], plan: Callable[[int], int] = lambda place: 0) -> bytes:
    """A stream of codes; before value number `place` it goes over to table `plan(place)` if it is not there yet."""
    bits, now = "", 0
    for place, value in enumerate(values):
        if plan(place) != now:
            bits += next(prefix for prefix, _, mode, base in tables[now] if mode == 0 and base == plan(place) + 1)
            now = plan(place)
        bits += code_of(value, tables[now])
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))


def code_of(value: int, table: Codes) -> str:
    for prefix, total, mode, base in table:
        literal = total - len(prefix)
        if mode == 1 and literal == 0 and base == value:
            return prefix
        if mode == 1 and literal and -(2 ** (literal - 1)) <= value - base < 2 ** (literal - 1):
            return prefix + f"{(value - base) % 2**literal:0{literal}b}"
    raise AssertionError(f"no code for {value}")


def table_section(tables: Sequence[Codes]) -> bytes:
    out = struct.pack("<H", len(tables))
    for table in tables:
        out += struct.pack("<H", len(table))
        for prefix, total, mode, base in table:
            out += struct.pack("<BBBhI", len(prefix), total, mode, base, int(prefix[::-1], 2))
    return out


@dataclass
class Scp:
    """What goes into a file; `rows` are its amplitudes by lead, as they are to come out again."""

    rows: dict[str, np.ndarray]
    order: int = 0
    tables: Sequence[Codes] | str | None = None  # None for no Huffman coding, "default" for the standard's table
    plan: Callable[[int], int] = lambda place: 0
    step: int = 2500
    interval: int = 2000
    ranges: dict[str, tuple[int, int]] = field(default_factory=dict)
    flags: int = 0x04
    beat: dict[str, np.ndarray] | None = None
    beat_step: int = 2500
    beat_fiducial: int = 1
    zones: Sequence[tuple[int, int, int, int]] = ()  # kind, first, fiducial, last
    areas: Sequence[tuple[int, int]] = ()
    factor: int = 1
    bimodal: int | None = None
    subtract: bool = False
    sections: dict[int, bytes] = field(default_factory=dict)
    version: int = 20

    def stored(self, lead: str) -> list[int]:
        """The row with the beat taken out and, outside areas, each `factor` samples averaged."""
        row = [int(value) for value in self.rows[lead]]
        first = self.ranges.get(lead, (1, 0))[0]
        if self.subtract and self.beat is not None:
            assert self.step == self.beat_step or self.beat_step % self.step == 0
            beat = [int(value) * (self.beat_step // self.step) for value in self.beat[lead]]
            for kind, start, fiducial, end in self.zones:
                for number in range(start, end + 1):
                    place = number - fiducial + self.beat_fiducial - 1
                    if kind == 0 and 0 <= place < len(beat) and first <= number < first + len(row):
                        row[number - first] -= beat[place]
        out: list[int] = []
        waiting: list[int] = []
        for number, value in enumerate(row, first):
            if any(start <= number <= end for start, end in self.areas) or self.factor == 1:
                assert not waiting
                out.append(value)
            else:
                waiting.append(value)
                if len(waiting) == self.factor:
                    out.append(round(sum(waiting) / self.factor))
                    waiting = []
        return out + ([round(sum(waiting) / len(waiting))] if waiting else [])

    def data(self, values: Sequence[int]) -> bytes:
        found = differences(values, self.order)
        if self.tables is None:
            return struct.pack(f"<{len(found)}h", *found)
        out = encode(found, [DEFAULT] if isinstance(self.tables, str) else self.tables, self.plan)
        return out + b"\0" * (len(out) % 2)

    def signal_section(self, step: int, interval: int, bimodal: int, rows: Sequence[Sequence[int]]) -> bytes:
        data = [self.data(row) for row in rows]
        sizes = struct.pack(f"<{len(data)}H", *map(len, data))
        return struct.pack("<HHBB", step, interval, self.order, bimodal) + sizes + b"".join(data)

    def bodies(self) -> dict[int, bytes]:
        leads = b"".join(
            struct.pack("<IIB", *self.ranges.get(lead, (1, len(row))), CODES[lead]) for lead, row in self.rows.items()
        )
        found = {1: tag(25, struct.pack("<HBB", 2002, 11, 22)) + tag(26, bytes([9, 10, 0])) + tag(255, b"")}
        if self.tables is not None:
            found[2] = struct.pack("<H", 19999) if isinstance(self.tables, str) else table_section(self.tables)
        found[3] = struct.pack("<BB", len(self.rows), self.flags | self.subtract) + leads
        rows = [self.stored(lead) for lead in self.rows]
        if self.beat is not None:
            samples = len(next(iter(self.beat.values())))
            length = samples * self.interval // 1000
            found[4] = struct.pack("<HHH", length, self.beat_fiducial, len(self.zones))
            found[4] += b"".join(struct.pack("<HIII", *zone) for zone in self.zones)
            found[4] += b"".join(struct.pack("<II", *area) for area in self.areas)
            found[5] = self.signal_section(self.beat_step, self.interval, 0, [self.beat[lead] for lead in self.rows])
        bimodal = self.bimodal if self.bimodal is not None else int(self.factor > 1)
        found[6] = self.signal_section(self.step, self.interval * self.factor, bimodal, rows)
        return found | self.sections

    def bytes(self) -> bytes:
        return record({number: body for number, body in self.bodies().items() if body}, self.version)


def tag(number: int, value: bytes) -> bytes:
    return struct.pack("<BH", number, len(value)) + value


def text_tags(**values: bytes) -> bytes:
    """Section 1 from `t2=b"..."` and so on."""
    return b"".join(tag(int(name[1:]), value) for name, value in values.items()) + tag(255, b"")


def section(number: int, body: bytes, version: int) -> bytes:
    whole = struct.pack("<HIBB6s", number, 16 + len(body), version, version, b"SCPECG" if number == 0 else b"")
    return checked(whole + body)


def checked(rest: bytes) -> bytes:
    return struct.pack("<H", crc(rest)) + rest


def crc(data: bytes) -> int:
    """CRC-CCITT bit by bit; `binascii` must agree."""
    register = 0xFFFF
    for byte in data[:64]:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1 ^ 0x1021 if register & 0x8000 else register << 1) & 0xFFFF
    assert register == binascii.crc_hqx(data[:64], 0xFFFF)
    return binascii.crc_hqx(data[64:], register)


def record(bodies: dict[int, bytes], version: int = 20, numbers: Sequence[int] = range(12)) -> bytes:
    """A whole record; bodies of an odd length get a byte more, as the standard wants."""
    numbers = sorted({*numbers, *bodies} - {0})
    place, pointers, parts = 6 + 16 + 10 * (len(numbers) + 1), b"", b""
    for number in numbers:
        body = bodies.get(number, b"")
        made = section(number, body + b"\0" * (len(body) % 2), version) if body else b""
        pointers += struct.pack("<HII", number, len(made), place + len(parts) + 1 if made else 0)
        parts += made
    size = 16 + 10 * (len(numbers) + 1)
    head = section(0, struct.pack("<HII", 0, size, 7) + pointers, version)
    return checked(struct.pack("<I", 6 + len(head) + len(parts)) + head + parts)


def without_checksums(data: bytes) -> bytes:
    """The record as a device writes it that computes no checksums: damage to it is not noticed."""
    changed = bytearray(data)
    count = (int.from_bytes(data[10:14], "little") - 16) // 10
    for place in range(22, 22 + 10 * count, 10):
        _, size, start = struct.unpack_from("<HII", data, place)
        if size:
            changed[start - 1 : start + 1] = b"\0\0"
    changed[:2] = b"\0\0"
    return bytes(changed)


@pytest.fixture(scope="session")
def scp() -> type[Scp]:
    """The maker of files; `bytes()` gives one."""
    return Scp


@pytest.fixture(scope="session")
def parts() -> dict[str, Callable[..., object]]:
    """The encoder's own functions."""
    return {
        function.__name__: function
        for function in (
            differences,
            encode,
            table_section,
            tag,
            text_tags,
            section,
            checked,
            record,
            without_checksums,
        )
    }


@pytest.fixture(scope="session")
def default_codes() -> Codes:
    """The standard's own table."""
    return DEFAULT


@pytest.fixture(scope="session")
def two_tables() -> list[Codes]:
    """Two tables that lead to each other: one for small values, one for large; prefixes up to 20 bits."""
    small: Codes = [
        ("00", 2, 1, 0),
        ("01", 2, 1, 1),
        ("100", 3, 1, -1),
        ("101", 7, 1, 10),
        ("110", 3, 0, 2),
        ("1110", 20, 1, 0),
    ]
    large: Codes = [
        ("1" * 19 + "0", 20, 1, 77),
        ("1" * 20, 20, 0, 1),
        ("10", 12, 1, -500),
        ("0", 17, 1, 0),
    ]
    return [small, large]


@pytest.fixture(scope="session")
def rows() -> dict[str, np.ndarray]:
    """Amplitudes of I, II and V1 to V6, 300 samples each, with steps that need every kind of code."""
    noise = np.random.default_rng(5)
    walk = np.cumsum(noise.integers(-9, 10, (8, 300)), axis=1) + noise.integers(-200, 200, (8, 1))
    walk[:, 100:108] += np.array([0, 90, 400, 900, 1500, 700, -300, -40])
    leads = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
    return dict(zip(leads, walk.astype(int), strict=True))


@pytest.fixture(scope="session")
def units() -> Callable[..., np.ndarray]:
    """A lead in steps of the file."""

    def of(ecg, lead: str, step: int = 2500) -> np.ndarray:
        return ecg.lead(lead).astype(float) * 1e6 / step

    return of
