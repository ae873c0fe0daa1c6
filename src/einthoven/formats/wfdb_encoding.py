"""Bytes to integers: the sample formats of WFDB signal files.

As signal(5) of the WFDB Applications Guide (physionet.org) lays them out. The compressed formats
(508, 516, 524) are in `wfdb_flac`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.signedinteger[Any]]


class Encoding(NamedTuple):
    """How samples lie in a file: `bits` of precision, `invalid` the value that stands for none."""

    bits: int
    invalid: int | None
    capacity: Callable[[int], int]
    """How many whole samples so many bytes hold."""
    decode: Callable[[bytes, int, int], Integers]
    """(data, offset, count) to `count` samples; the caller has made sure that the bytes are there."""


def _each(size: int) -> Callable[[int], int]:
    return lambda count: count // size


def _capacity_212(count: int) -> int:
    return count * 8 // 12


def _capacity_310(count: int) -> int:
    return count // 4 * 3 + (0, 0, 1, 1)[count % 4]


def _capacity_311(count: int) -> int:
    return count // 4 * 3 + (0, 0, 1, 2)[count % 4]


def _plain(stored: str) -> Callable[[bytes, int, int], Integers]:
    native = np.dtype(stored).newbyteorder("=")

    def decode(data: bytes, offset: int, count: int) -> Integers:
        return np.frombuffer(data, stored, count, offset).astype(native, copy=False)

    return decode


def _offset_binary(stored: str, zero: int) -> Callable[[bytes, int, int], Integers]:
    def decode(data: bytes, offset: int, count: int) -> Integers:
        return np.frombuffer(data, stored, count, offset).astype(np.int32) - zero

    return decode


def _decode_24(data: bytes, offset: int, count: int) -> Integers:
    # Into the upper three bytes, then back: the sign comes along.
    wide = np.zeros((count, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(data, np.uint8, 3 * count, offset).reshape(-1, 3)
    return wide.view("<i4")[:, 0] >> 8


def _decode_212(data: bytes, offset: int, count: int) -> Integers:
    """Two 12-bit samples in three bytes; the middle byte holds both upper halves, the first one's below."""
    size = (3 * count + 1) // 2
    packed = np.zeros(3 * ((count + 1) // 2), np.int16)
    packed[:size] = np.frombuffer(data, np.uint8, size, offset)
    low, middle, high = packed.reshape(-1, 3).T
    pairs = np.stack([(middle & 0x0F) << 8 | low, (middle & 0xF0) << 4 | high], axis=1)
    return (pairs.ravel()[:count] << 4) >> 4  # in 16 bits: 12 bits become signed


def _quads(data: bytes, offset: int, count: int) -> Integers:
    """Four bytes at a time as one number, for three samples each; a cut last one is filled with zeros."""
    size = 4 * ((count + 2) // 3)
    return np.frombuffer(data[offset : offset + size].ljust(size, b"\0"), "<u4").astype(np.int64)


def _signed_10(parts: list[Integers], count: int) -> Integers:
    values: Integers = np.stack(parts, axis=1).ravel()[:count].astype(np.int16)
    return (values << 6) >> 6


def _decode_310(data: bytes, offset: int, count: int) -> Integers:
    """Two samples in the lower 11 bits of two 16-bit halves (the lowest bit unused), the third in what is above."""
    quads = _quads(data, offset, count)
    third = quads >> 11 & 0x1F | quads >> 22 & 0x3E0
    return _signed_10([quads >> 1 & 0x3FF, quads >> 17 & 0x3FF, third], count)


def _decode_311(data: bytes, offset: int, count: int) -> Integers:
    """Three samples one after the other from the lowest bit on; the two highest bits mean nothing."""
    quads = _quads(data, offset, count)
    return _signed_10([quads & 0x3FF, quads >> 10 & 0x3FF, quads >> 20 & 0x3FF], count)


DIFFERENCES = 8
"""The format whose samples are differences to the one before, the first one to the header's initial value."""

ENCODINGS = {
    DIFFERENCES: Encoding(32, None, _each(1), _plain("i1")),  # the sums are wide, the differences are not
    16: Encoding(16, -(2**15), _each(2), _plain("<i2")),
    24: Encoding(24, -(2**23), _each(3), _decode_24),
    32: Encoding(32, -(2**31), _each(4), _plain("<i4")),
    61: Encoding(16, -(2**15), _each(2), _plain(">i2")),
    80: Encoding(8, -(2**7), _each(1), _offset_binary("u1", 2**7)),
    160: Encoding(16, -(2**15), _each(2), _offset_binary("<u2", 2**15)),
    212: Encoding(12, -(2**11), _capacity_212, _decode_212),
    310: Encoding(10, -(2**9), _capacity_310, _decode_310),
    311: Encoding(10, -(2**9), _capacity_311, _decode_311),
}
