"""Samples of SCP-ECG as Huffman codes (EN 1064, 5.5) and as differences (5.8)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError

Values = NDArray[np.int64]
_DEFAULT = 19999  # stands for the table that the standard itself gives
_WINDOW = 32  # bits of the longest prefix
_MOST_LITERAL = 16  # bits of a value that stands behind its prefix
_MOST_TABLES = 8
_WIDE = 40  # bits from a byte on: whole windows at each of its bits
_SHOWN = 12  # bits that are looked up at once
_MASK = (1 << _SHOWN) - 1
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

    A step takes all codes that are whole within the next `_SHOWN` bits, by a table of what such bits say; a code that
    needs more bits is a step of its own. The work is bounded by the data: two steps go `_SHOWN` bits forward or more.

    Args:
        tables: the first is used until a code says otherwise.
        whose: what the values are, for the error.

    Raises:
        TruncatedError: the data ends before the last value.
        FormatError: bits that are no code.
    """
    bits = 8 * len(data)
    if count > bits:
        raise TruncatedError(f"{whose} holds fewer samples than the SCP-ECG file promises.", _AGAIN)
    said = _said(tuple(tables))
    counts, used, after, codes = said.counts, said.used, said.after, said.codes
    wide = _wide(data).tolist()
    place, table, left, safe = 0, 0, count, bits - _SHOWN
    steps: list[int] = []  # rows of `said.values`, and behind them those of single codes
    places: list[int] = []  # of single codes, with what they are
    single: list[int] = []
    while left:
        key = table + (wide[place >> 3] >> (_WIDE - _SHOWN - (place & 7)) & _MASK)
        if (bits_used := used[key]) and (several := counts[key]) <= left and place <= safe:
            steps.append(key)
            place, table, left = place + bits_used, after[key], left - several
            continue
        code = codes[key]
        if code < 0:
            code = said.code(table >> _SHOWN, wide[place >> 3] >> (_WIDE - _WINDOW - (place & 7)) & 0xFFFFFFFF)
        end = place + (said.sizes[code] if code >= 0 else 0)
        if place >= bits or end > bits:
            raise TruncatedError(f"{whose} holds fewer samples than the SCP-ECG file promises.", _AGAIN)
        if code < 0:
            raise FormatError(f"{whose} holds bits that are no code of its Huffman table.", _AGAIN)
        if (target := said.targets[code]) >= 0:
            table = target << _SHOWN
        else:
            steps.append(len(used) + len(places))
            places.append(place)
            single.append(code)
            left -= 1
        place = end
    return said.values_of(np.array(steps, np.int64), np.array(places, np.int64), np.array(single, np.int64), data)


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


class _Said:
    """What the next `_SHOWN` bits say, by a key: they plus 2^`_SHOWN` x the number of the table.

    Lists by key: the number of whole values, the bits of all whole codes, the first key of the table that then holds,
    and the code that begins there (-1 where its prefix is longer); by code of all tables: its bits, and the table that
    it turns to (-1 for a value). `values` (keys, `_SHOWN`) are the whole values.
    """

    def __init__(self, tables: tuple[Table, ...]) -> None:
        self._tables = tables
        self._firsts = [sum(len(table.codes) for table in tables[:number]) for number in range(len(tables))]
        every = {
            name: np.concatenate([getattr(table, name) for table in tables])
            for name in ("lengths", "literals", "bases", "sizes", "targets")
        }
        self._ranges = [(table.starts.tolist(), table.lasts.tolist()) for table in tables]
        self._lengths, self._literals, self._bases = every["lengths"], every["literals"], every["bases"]
        self.sizes: list[int] = every["sizes"].tolist()
        self.targets: list[int] = every["targets"].tolist()
        shown = np.arange(1 << _SHOWN)
        codes = np.concatenate([self._known(number, shown) for number in range(len(tables))])
        shown = np.tile(shown, len(tables))
        sizes = np.where(codes < 0, _SHOWN + 1, every["sizes"][codes])
        targets = every["targets"][codes]
        literals = np.where(sizes <= _SHOWN, self._literals[codes], 0)
        behind = (shown << self._lengths[codes] & _MASK) >> (_SHOWN - literals)
        plain = self._bases[codes] + _signed(behind, literals)
        keys = np.arange(len(codes))
        at, place, counts = keys, np.zeros_like(keys), np.zeros_like(keys)
        self.values = np.zeros((len(keys), _SHOWN), np.int32)
        while (whole := place + sizes[at] <= _SHOWN).any():
            value = whole & (targets[at] < 0)
            self.values[keys[value], counts[value]] = plain[at[value]]
            counts = counts + value
            place = place + np.where(whole, sizes[at], 0)
            table = np.where(whole & ~value, targets[at], at >> _SHOWN)
            at = (table << _SHOWN) + (shown << place & _MASK)
        self._counts = counts
        self.counts: list[int] = counts.tolist()
        self.used: list[int] = place.tolist()
        self.after: list[int] = (at >> _SHOWN << _SHOWN).tolist()
        self.codes: list[int] = codes.tolist()

    def code(self, table: int, window: int) -> int:
        """The code with which 32 bits begin, -1 for none."""
        starts, lasts = self._ranges[table]
        found = bisect_right(starts, window) - 1
        return found + self._firsts[table] if found >= 0 and window <= lasts[found] else -1

    def values_of(self, steps: Values, places: Values, codes: Values, data: bytes) -> Values:
        """The values of all steps; those of single codes stand at `places` in the data."""
        rows, counts = self.values, self._counts
        if len(places):
            literals = self._literals[codes]
            behind = places + self._lengths[codes]
            window = _wide(data)[behind >> 3] >> (_WIDE - _WINDOW - (behind & 7)) & 0xFFFFFFFF
            alone = np.zeros((len(places), _SHOWN), np.int32)
            alone[:, 0] = self._bases[codes] + _signed(window >> (_WINDOW - literals), literals)
            rows, counts = np.concatenate([rows, alone]), np.append(counts, np.ones(len(places), np.int64))
        return rows[steps][np.arange(_SHOWN) < counts[steps, None]].astype(np.int64)

    def _known(self, number: int, shown: Values) -> Values:
        """The codes whose prefix lies within the bits, -1 where it does not."""
        table, window = self._tables[number], shown << (_WINDOW - _SHOWN)
        found = np.searchsorted(table.starts, window, "right") - 1
        known = (found >= 0) & (window <= table.lasts[found]) & (table.lengths[found] <= _SHOWN)
        return np.where(known, found + self._firsts[number], -1)


@lru_cache(4)
def _said(tables: tuple[Table, ...]) -> _Said:
    return _Said(tables)


def _signed(raw: Values, bits: Values) -> Values:
    """Numbers of so many bits, the highest of which is their sign; 0 for no bits."""
    raw = np.where(bits > 0, raw, 0)
    return np.where(raw >> np.maximum(bits - 1, 0) > 0, raw - (1 << bits), raw)


def _wide(data: bytes) -> Values:
    """The `_WIDE` bits from each byte on, zeros behind the last; one more for the end."""
    padded = np.frombuffer(data + bytes(5), np.uint8).astype(np.int64)
    wide = np.zeros(len(data) + 1, np.int64)
    for byte in range(_WIDE // 8):
        wide = wide << 8 | padded[byte : byte + len(wide)]
    return wide
