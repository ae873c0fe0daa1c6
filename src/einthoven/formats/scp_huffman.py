"""Samples of SCP-ECG as Huffman codes (EN 1064, 5.5) and as differences (5.8)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError

Values = NDArray[np.int64]
_DEFAULT = 19999  # stands for the table that the standard itself gives
_WINDOW = 32  # bits of the longest prefix
_MOST_LITERAL = 16  # bits of a value that stands behind its prefix
_MOST_TABLES = 8
_MOST_CODES = 4096  # of all tables together
_CODE = struct.Struct("<BBBhI")
_AGAIN = "Copy or export it again."


@dataclass(frozen=True)
class Code:
    """A prefix of `length` bits (the first one the highest), and what it stands for.

    A value, `base` plus a signed number in the `literal` bits behind it; or, where `table` is not
    None, that the codes which follow are of that table.
    """

    prefix: int
    length: int
    base: int = 0
    literal: int = 0
    table: int | None = None


class Table:
    """Codes of which none begins another, as ranges of the 32 bits that a place in the data begins with."""

    def __init__(self, codes: Iterable[Code]) -> None:
        self.codes = sorted(codes, key=lambda code: code.prefix << (_WINDOW - code.length))
        starts = [code.prefix << (_WINDOW - code.length) for code in self.codes]
        ends = [start + (1 << (_WINDOW - code.length)) for start, code in zip(starts, self.codes, strict=True)]
        if not starts or any(end > start for end, start in zip(ends, starts[1:], strict=False)):
            raise FormatError("A Huffman table of the SCP-ECG file contradicts itself or is empty.", _AGAIN)
        self.starts = np.array(starts, np.uint32)
        self.lasts = np.array([end - 1 for end in ends], np.uint32)
        self.lengths = np.array([code.length for code in self.codes], np.int64)
        self.literals = np.array([code.literal for code in self.codes], np.int64)
        self.bases = np.array([code.base for code in self.codes], np.int64)
        self.switches = np.array([code.table is not None for code in self.codes])


def _default() -> Table:
    """The table of the standard: 0, then 1 to 8 ones with a zero and a sign, then values of 8 and of 16 bits."""
    codes = [Code(0b0, 1)]
    for size in range(1, 9):
        ones = (1 << size) - 1
        codes += [Code(ones << 2, size + 2, size), Code(ones << 2 | 1, size + 2, -size)]
    return Table([*codes, Code(0b1111111110, 10, literal=8), Code(0b1111111111, 10, literal=16)])


DEFAULT = _default()


def read_tables(body: bytes) -> tuple[Table, ...]:
    """The tables of section 2, none where samples are not Huffman coded.

    Raises:
        TruncatedError: the section ends within a table.
        FormatError: codes that cannot be told apart, or of lengths that no sample has.
        UnsafeFileError: far too many tables or codes.
    """
    count = int.from_bytes(body[:2], "little")
    if count == 0:
        return ()
    if count == _DEFAULT:
        return (DEFAULT,)
    if count > _MOST_TABLES:
        raise UnsafeFileError(f"The SCP-ECG file announces {count} Huffman tables.", _AGAIN)
    tables, place, left = [], 2, _MOST_CODES
    for _ in range(count):
        codes = int.from_bytes(body[place : place + 2], "little")
        place, left = place + 2, left - codes
        if left < 0:
            raise UnsafeFileError(f"The Huffman tables of the SCP-ECG file hold over {_MOST_CODES} codes.", _AGAIN)
        end = place + codes * _CODE.size
        if end > len(body):
            raise TruncatedError("The SCP-ECG file ends within a Huffman table.", _AGAIN)
        tables.append(Table(_code(fields, count) for fields in _CODE.iter_unpack(body[place:end])))
        place = end
    return tuple(tables)


def _code(fields: tuple[int, ...], tables: int) -> Code:
    length, total, mode, base, reversed_prefix = fields
    literal = total - length
    legal = 1 <= length <= _WINDOW and 0 <= literal <= _MOST_LITERAL and mode in {0, 1}
    if not legal or (mode == 0 and not (literal == 0 and 1 <= base <= tables)):
        raise FormatError("A Huffman table of the SCP-ECG file holds a code that cannot be.", _AGAIN)
    prefix = int(f"{reversed_prefix & ((1 << length) - 1):0{length}b}"[::-1], 2)
    return Code(prefix, length, table=base - 1) if mode == 0 else Code(prefix, length, base, literal)


def decode(data: bytes, count: int, tables: Sequence[Table], whose: str) -> Values:
    """`count` values (count,) from a stream of codes, the first bit of a byte being its highest.

    The work is bounded by the data: each place in it is looked up once a table, each step goes forward.

    Args:
        tables: the first is used until a code says otherwise.
        whose: what the values are, for the error.

    Raises:
        TruncatedError: the data ends before the last value.
        FormatError: bits that are no code.
    """
    if count > 8 * len(data):
        raise TruncatedError(f"{whose} holds fewer samples than the SCP-ECG file promises.", _AGAIN)
    windows = _windows(data)
    known: dict[int, tuple[Values, memoryview]] = {}
    places: list[int] = []  # where each value's code begins
    runs: list[tuple[int, int]] = []  # a table, and how many values follow by it
    number = place = 0
    while len(places) < count:
        if number not in known:
            known[number] = _steps(windows, tables[number])
        entries, steps = known[number]
        before = len(places)
        while place >= 0 and len(places) < count:
            places.append(place)
            place = steps[place]
        stop = places.pop() if place < 0 else None
        runs.append((number, len(places) - before))
        if stop is not None:
            number, place = _switched(tables[number], int(entries[stop]), stop, len(windows) - 1, whose)
    found = np.empty(count, np.int64)
    at = np.array(places, np.int64)
    by = np.repeat(*np.array(runs, np.int64).reshape(-1, 2).T)
    for number, (entries, _) in known.items():
        mine = by == number
        found[mine] = _values(windows, tables[number], entries, at[mine])
    return found


def undo_differences(values: Values, order: int) -> Values:
    """Amplitudes from themselves (order 0), first or second differences.

    The first one or two values are amplitudes. Samples have 16 bits and wrap around, as those who
    compute differences in 16 bits expect.
    """
    if order == 2 and len(values) > 1:
        slopes = values[1:].copy()
        slopes[0] -= values[0]
        values = np.concatenate([values[:1], np.cumsum(slopes)])
    if order:
        values = np.cumsum(values)
    return values.astype(np.int16).astype(np.int64)


def _windows(data: bytes) -> NDArray[np.uint32]:
    """The 32 bits from each bit on, zeros behind the last; one more for the end."""
    padded = np.frombuffer(data + bytes(5), np.uint8).astype(np.int64)
    wide = np.zeros(len(data) + 1, np.int64)
    for byte in range(5):
        wide = wide << 8 | padded[byte : byte + len(wide)]
    shifted = wide[:, None] >> np.arange(8, 0, -1)
    return (shifted & 0xFFFFFFFF).astype(np.uint32).reshape(-1)[: 8 * len(data) + 1]


def _steps(windows: NDArray[np.uint32], table: Table) -> tuple[Values, memoryview]:
    """For each place the code that begins there, -1 for none, and where the next does, -1 where that cannot be said."""
    entries = np.searchsorted(table.starts, windows, "right").astype(np.int64) - 1
    entries[windows > table.lasts[entries]] = -1
    places = np.arange(len(windows))
    ends = places + table.lengths[entries] + table.literals[entries]
    known = (entries >= 0) & ~table.switches[entries] & (ends < len(windows))
    # A view, not a list: of many places only those where codes begin are looked at.
    return entries, np.where(known, ends, -1).astype(np.int32).data


def _switched(table: Table, entry: int, place: int, bits: int, whose: str) -> tuple[int, int]:
    """The table to go on with and where, after a place that holds no value."""
    code = table.codes[entry] if entry >= 0 else None
    if place >= bits or (code and place + code.length + code.literal > bits):
        raise TruncatedError(f"{whose} holds fewer samples than the SCP-ECG file promises.", _AGAIN)
    if code is None or code.table is None:
        raise FormatError(f"{whose} holds bits that are no code of its Huffman table.", _AGAIN)
    return code.table, place + code.length


def _values(windows: NDArray[np.uint32], table: Table, entries: Values, places: Values) -> Values:
    found = entries[places]
    values = table.bases[found]
    literals = table.literals[found]
    if literals.any():
        behind = np.flatnonzero(literals)
        bits = literals[behind]
        raw = windows[places[behind] + table.lengths[found[behind]]].astype(np.int64) >> (_WINDOW - bits)
        values[behind] += np.where(raw >> (bits - 1), raw - (1 << bits), raw)
    return values
