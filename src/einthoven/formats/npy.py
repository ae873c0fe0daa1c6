"""NumPy's `.npy`: a header in text, then the numbers as they lie in memory. Only plain numbers and text are read.

The layout is NEP 1 (numpy.org). The header, which is a Python literal, is matched and never evaluated; an array of
objects is refused.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, TruncatedError
from einthoven.formats.limits import check_values
from einthoven.formats.text import clean

MAGIC = b"\x93NUMPY"
Array = NDArray[Any]
_HEADER = re.compile(
    rb"\{\s*'descr':\s*'([<>|=][a-zA-Z]\d{0,4})',\s*'fortran_order':\s*(True|False),"
    rb"\s*'shape':\s*\(((?:\d{1,12}(?:,\s*|(?=\)))){0,8})\),?\s*\}\s*"
)
_PLAIN = re.compile(r"[<>|=](?:f[248]|[iu][1248]|U(?:[1-9]\d{0,2}))")
_OBJECT = re.compile(rb"'descr':\s*(?:'\|?O|\[)")


def shape_of(head: bytes) -> tuple[tuple[int, ...], str] | None:
    """Shape and type of the array that a file with these first bytes holds, None where it is none that is read."""
    try:
        shape, kind, _, _ = _opened(head)
    except FormatError:
        return None
    return shape, kind


def array_of(data: bytes, whose: str = "The NumPy file") -> tuple[Array, int]:
    """The array in the bytes of a file, and how many bytes follow it.

    Raises:
        FormatError: not NumPy's format, or an array of objects, records or numbers of other kinds.
        TruncatedError: fewer bytes than its shape needs.
        UnsafeFileError: more values than any ECG has.
    """
    shape, kind, fortran, start = _opened(data, whose)
    count = 1
    for length in shape:
        count *= length
    check_values(1, count)
    stored = np.dtype(kind)
    if len(data) - start < count * stored.itemsize:
        raise TruncatedError(
            f"{whose} holds {max(len(data) - start, 0) // stored.itemsize} of the {count} values in its header.",
            "Copy or save it again.",
        )
    flat = np.frombuffer(data, stored, count, start)
    return flat.reshape(shape, order="F" if fortran else "C"), len(data) - start - count * stored.itemsize


def _opened(data: bytes, whose: str = "The NumPy file") -> tuple[tuple[int, ...], str, bool, int]:
    """Shape, type, whether the first index runs fastest, and where the numbers begin."""
    wide = data[6:7] in {b"\2", b"\3"}
    start = (12 if wide else 10) + int.from_bytes(data[8 : 12 if wide else 10], "little")
    if data[:6] != MAGIC or data[6:8] not in {b"\1\0", b"\2\0", b"\3\0"} or start > 4096:
        raise FormatError(f"{whose} is not in NumPy's format.", "Save it by numpy.save.")
    if len(data) < start:
        raise TruncatedError(f"{whose} ends within its header.", "Copy or save it again.")
    header = data[12 if wide else 10 : start]
    found = _HEADER.fullmatch(header)
    kind = found[1].decode() if found else ""
    if found is None or not _PLAIN.fullmatch(kind):
        what = "an array of objects or records" if _OBJECT.search(header) else f"values of type '{clean(kind, 12)}'"
        raise FormatError(f"{whose} holds {what}, which are not read.", "Save an array of plain numbers.")
    shape = tuple(int(part) for part in found[3].replace(b",", b" ").split())
    return shape, kind, found[2] == b"True", start
