"""Samples of SCP-ECG as Huffman codes (EN 1064, 5.5) and as differences (5.8)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError

Values = NDArray[np.int64]
_DEFAULT = 19999  # stands for the table that the standard itself gives
_WINDOW = 32  # bits of the longest prefix
_MOST_LITERAL = 16  # bits of a value that stands behind its prefix
_MOST_TABLES = 8
_FAR = 16  # values in one step through the data
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
        self.sizes = (self.lengths + self.literals).astype(np.int32)
        self.targets = np.array([-1 if code.table is None else code.table for code in self.codes], np.int32)


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
    ways = _ways(windows, tables)
    place, left, marks = ways.start, count, []
    far, near, nowhere = ways.steps[-1].data, ways.steps[0].data, len(ways.entries)
    while left >= _FAR and (after := far[place]) < nowhere:
        marks.append(place)
        place, left = after, left - _FAR
    rest = []
    while left and (after := near[place]) < nowhere:
        rest.append(place)
        place, left = after, left - 1
    if left:
        table, place = divmod(place, len(windows))
        raise _unread(tables[table], windows, place, whose)
    at = np.concatenate([_between(marks, ways.steps), np.array(rest, np.int64)])
    return _values(windows, tables, ways.entries[at], at % len(windows))


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


class _Ways(NamedTuple):
    """Where codes lead, from each place in the data by each table: place + table x number of places.

    Args:
        start: the first value.
        entries: the code that begins there, of all tables' codes one after another; -1 for none.
        steps: the value 1, 2, 4 ... values further; len(entries) where there is none.
    """

    start: int
    entries: NDArray[np.int32]
    steps: tuple[NDArray[np.int32], ...]


def _ways(windows: NDArray[np.uint32], tables: Sequence[Table]) -> _Ways:
    wide = len(windows)
    entries = np.concatenate(
        [_entries(windows, table, first) for table, first in zip(tables, _firsts(tables), strict=True)]
    )
    numbers = np.arange(len(entries), dtype=np.int32)
    sizes = np.concatenate([table.sizes for table in tables])[entries]
    whole = (entries >= 0) & (np.tile(numbers[:wide], len(tables)) + sizes < wide)
    ends = numbers + sizes
    start, nowhere = 0, len(entries)
    if max(int(table.targets.max()) for table in tables) >= 0:
        targets = np.concatenate([table.targets for table in tables])[entries]
        turning = whole & (targets >= 0)
        ends = np.where(turning, ends + (targets - numbers // wide) * wide, ends)
        whole &= ~turning
        behind = np.where(turning, ends, numbers)  # the first place that turns to no other table
        while turning[behind].any():
            behind = behind[behind]
        start = int(behind[0])
        ends = behind[np.where(whole, ends, 0)]
    steps = [np.append(np.where(whole, ends, nowhere), nowhere).astype(np.int32)]
    while 2 ** len(steps) <= _FAR:
        steps.append(steps[-1][steps[-1]])
    return _Ways(start, entries, tuple(steps))


def _firsts(tables: Sequence[Table]) -> list[int]:
    """The number of each table's first code among those of all."""
    return [sum(len(table.codes) for table in tables[:number]) for number in range(len(tables))]


def _entries(windows: NDArray[np.uint32], table: Table, first: int) -> NDArray[np.int32]:
    found = np.searchsorted(table.starts, windows, "right").astype(np.int32) - np.int32(1)
    none = (found < 0) | (windows > table.lasts[found])
    return np.where(none, np.int32(-1), found + np.int32(first))


def _between(marks: list[int], steps: Sequence[NDArray[np.int32]]) -> Values:
    """All places of values from some that lie `_FAR` values apart."""
    places = np.array(marks, np.int32)
    for step in steps[-2::-1]:
        places = np.stack([places, step[places]], axis=1).reshape(-1)
    return places.astype(np.int64)


def _unread(table: Table, windows: NDArray[np.uint32], place: int, whose: str) -> FormatError:
    """Why there is no value at a place, and no way on."""
    entry, bits = int(_entries(windows[place : place + 1], table, 0)[0]), len(windows) - 1
    if place >= bits or (entry >= 0 and place + int(table.sizes[entry]) > bits):
        return TruncatedError(f"{whose} holds fewer samples than the SCP-ECG file promises.", _AGAIN)
    return FormatError(f"{whose} holds bits that are no code of its Huffman table.", _AGAIN)


def _values(windows: NDArray[np.uint32], tables: Sequence[Table], codes: NDArray[np.int32], places: Values) -> Values:
    values: Values = np.concatenate([table.bases for table in tables])[codes]
    literals = np.concatenate([table.literals for table in tables])[codes]
    if literals.any():
        lengths = np.concatenate([table.lengths for table in tables])
        behind = np.flatnonzero(literals)
        bits = literals[behind]
        raw = windows[places[behind] + lengths[codes[behind]]].astype(np.int64) >> (_WINDOW - bits)
        values[behind] += np.where(raw >> (bits - 1), raw - (1 << bits), raw)
    return values
