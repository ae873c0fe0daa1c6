"""MATLAB 5 files, as far as ECGs need them: a struct of numbers and texts, compressed or not.

By "MAT-File Format" (MathWorks), level 5. A parser of our own, for the core install has no other: the format is small,
and here nothing is built that is not asked for, no size is believed before it is checked, and nothing nests. Cells,
objects, functions and sparse matrices are passed over. Files of MATLAB 7.3 are HDF5 and not read here.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, TruncatedError
from einthoven.formats.inflate import inflate
from einthoven.formats.limits import MOST_BYTES, check_values
from einthoven.formats.text import clean

Values = NDArray[Any]
_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16"}
_STRUCT, _CHAR = 2, 4
_NUMERIC = range(6, 16)
_MOST_FIELDS, _MOST_VARIABLES = 64, 64
_COMPLEX = 0x0800


class Part(NamedTuple):
    """A data element: its type and the bytes it holds."""

    kind: int
    data: bytes | memoryview  # a view: arrays lie in each other, and a copy of each would be one of all samples


class Matrix(NamedTuple):
    """The head of an array: its class, whether it is complex, shape, name, and the elements that follow."""

    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    name: str
    rest: bytes | memoryview


def is_matlab(head: bytes) -> bool:
    """Whether a file with these first bytes is of MATLAB 5 to 7.2."""
    return head.startswith(b"MATLAB") and head[124:128] in {b"\0\1IM", b"\1\0MI"}


def begins_with_struct(head: bytes, name: str) -> bool:
    """Whether the first variable is a struct of that name; `head` may end anywhere behind its name."""
    order = _order(head)
    kind, size = struct.unpack_from(order + "II", head.ljust(_HEADER + 8, b"\0"), _HEADER)
    data = head[_HEADER + 8 :]
    if kind == _COMPRESSED:
        try:
            data = zlib.decompressobj().decompress(data[:size], 1024)
        except zlib.error:
            return False
        kind, data = (struct.unpack_from(order + "I", data)[0], data[8:]) if len(data) > 8 else (0, b"")
    try:
        return kind == _MATRIX and (found := _matrix(data, order)).kind == _STRUCT and found.name == name
    except FormatError:
        return False


def struct_of(data: bytes, name: str) -> dict[str, Values | str]:
    """The fields of the struct of that name that hold numbers or text, real and of one struct.

    Raises:
        FormatError: damaged, or without such a struct.
        TruncatedError: an element is longer than the file.
        UnsafeFileError: compressed data that unpacks to more than 64 MB, or more values than an ECG has.
    """
    order = _order(data)
    for count, part in enumerate(_parts(memoryview(data)[_HEADER:], order)):
        if count >= _MOST_VARIABLES:
            break
        if part.kind == _COMPRESSED:
            part = next(_parts(memoryview(inflate(bytes(part.data), MOST_BYTES)), order), Part(0, b""))
        if part.kind != _MATRIX:
            continue
        matrix = _matrix(part.data, order)
        if matrix.kind == _STRUCT and matrix.name == name:
            return _fields(matrix, order)
    raise FormatError(f"The MATLAB file holds no struct '{clean(name, 20)}'.", "Check that this is the right file.")


def _order(data: bytes) -> str:
    return "<" if data[126:128] == b"IM" else ">"


def _parts(data: bytes | memoryview, order: str) -> Iterator[Part]:
    place = 0
    while place + 8 <= len(data):
        kind, size = struct.unpack_from(order + "II", data, place)
        if kind >> 16:  # a small element: type, size and at most 4 bytes in 8
            kind, size, start = kind & 0xFFFF, kind >> 16, place + 4
            if size > 4:
                raise _damaged()
            following = place + 8
        else:
            start = place + 8
            following = start + size + (0 if kind == _COMPRESSED else -size % 8)
        if start + size > len(data):
            raise TruncatedError("The MATLAB file ends within its data.", "Copy or save it again.")
        yield Part(kind, data[start : start + size])
        place = following


def _matrix(data: bytes | memoryview, order: str) -> Matrix:
    """The head of an array, whose data may be cut off behind its name."""
    place = 0
    heads = []
    for _ in range(3):
        if place + 8 > len(data):
            raise _damaged()
        kind, size = struct.unpack_from(order + "II", data, place)
        small = kind >> 16
        start, length = (place + 4, small) if small else (place + 8, size)
        place += 8 if small else 8 + length + -length % 8
        if length > 1024 or start + length > len(data):
            raise _damaged()
        heads.append(bytes(data[start : start + length]))
    flags, shape, name = heads
    if len(flags) < 4 or not 8 <= len(shape) <= 32 or len(shape) % 4:
        raise _damaged()
    bits = struct.unpack_from(order + "I", flags)[0]
    sizes = struct.unpack(f"{order}{len(shape) // 4}i", shape)
    if min(sizes) < 0:
        raise _damaged()
    return Matrix(bits & 0xFF, bool(bits & _COMPLEX), sizes, name.decode("latin-1"), data[place:])


def _fields(matrix: Matrix, order: str) -> dict[str, Values | str]:
    parts = _parts(matrix.rest, order)
    width, names = next(parts, Part(0, b"")), next(parts, Part(0, b""))
    if matrix.shape != (1, 1) or len(width.data) != 4:
        raise FormatError("The MATLAB struct is an array of several.", "Save one ECG alone.")
    length = struct.unpack(order + "i", width.data)[0]
    if not 1 <= length <= 64 or len(names.data) % length or len(names.data) // length > _MOST_FIELDS:
        raise _damaged()
    titles = [
        bytes(names.data[place : place + length]).split(b"\0")[0].decode("latin-1")
        for place in range(0, len(names.data), length)
    ]
    found: dict[str, Values | str] = {}
    for title in titles:
        part = next(parts, None)
        if part is None or part.kind != _MATRIX:
            raise TruncatedError("The MATLAB struct has fewer fields than names.", "Copy or save it again.")
        value = _value(_matrix(part.data, order), order) if part.data else None
        if value is not None:
            found[title] = value
    return found


def _value(matrix: Matrix, order: str) -> Values | str | None:
    """Numbers of the matrix's shape, or the text of its one row; None for what is neither."""
    if matrix.kind not in {_CHAR, *_NUMERIC} or matrix.is_complex:
        return None
    count = 1
    for length in matrix.shape:
        count *= length
    check_values(1, count)
    part = next(_parts(matrix.rest, order), None)
    if part is None:
        raise TruncatedError("A field of the MATLAB file holds no data.", "Copy or save it again.")
    if matrix.kind == _CHAR:
        coding = _TEXTS.get(part.kind)
        wide = coding == "utf-16" and ("-le" if order == "<" else "-be")
        return None if coding is None else bytes(part.data).decode(coding + (wide or ""), errors="replace")
    if part.kind not in _NUMBERS:  # numbers may lie in the file in a smaller type than they are
        raise _damaged()
    stored = np.dtype(order + _NUMBERS[part.kind])
    if len(part.data) != count * stored.itemsize:
        raise _damaged()
    return np.frombuffer(part.data, stored).reshape(matrix.shape, order="F")


def _damaged() -> FormatError:
    return FormatError("The MATLAB file is damaged.", "Copy or save it again.")
