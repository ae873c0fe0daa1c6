"""Bytes to integers: the sample formats of WFDB signal files.

As signal(5) of the WFDB Applications Guide (physionet.org) lays them out. The compressed
(508, 516, 524), difference (8) and packed 10-bit formats (310, 311) are not among them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.signedinteger[Any]]


class Encoding(NamedTuple):
    """How samples lie in a file: `bits` each, `invalid` the value that stands for none."""

    bits: int
    invalid: int
    decode: Callable[[bytes, int, int], Integers]
    """(data, offset, count) to `count` samples; the caller has made sure that the bytes are there."""


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


ENCODINGS = {
    16: Encoding(16, -(2**15), _plain("<i2")),
    24: Encoding(24, -(2**23), _decode_24),
    32: Encoding(32, -(2**31), _plain("<i4")),
    61: Encoding(16, -(2**15), _plain(">i2")),
    80: Encoding(8, -(2**7), _offset_binary("u1", 2**7)),
    160: Encoding(16, -(2**15), _offset_binary("<u2", 2**15)),
    212: Encoding(12, -(2**11), _decode_212),
}
