"""Rows of an HDF5 data set, read within bounds.

HDF5 lets a data set lie in other files, be made of others, or pass through any filter that is installed; and its
library inflates a chunk to whatever it unpacks to. Here a data set lies in its own file, uncompressed or by gzip and
shuffle, and chunks are taken as stored and inflated to at most the size they must have.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, MissingPackageError, TruncatedError, UnsafeFileError
from einthoven.formats.files import shown
from einthoven.formats.inflate import inflate
from einthoven.formats.limits import MOST_BYTES

MAGIC = b"\x89HDF\r\n\x1a\n"
_GZIP, _SHUFFLE = 1, 2
_MOST_CHUNKS = 4096
_LATE = (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, MemoryError)
"""What the library raises of a damaged file."""


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The file, by h5py.

    Raises:
        MissingPackageError: h5py is not installed.
        FormatError: damaged, on opening or inside the block.
    """
    try:
        import h5py
    except ImportError:
        raise MissingPackageError(
            "HDF5 files need the package h5py.", "Install it: pip install 'einthoven[formats]'."
        ) from None
    try:
        with h5py.File(path, "r", locking=False, rdcc_nbytes=0) as file:
            yield file
    except _LATE as error:
        kind, what = (TruncatedError, "cut short") if "truncated" in str(error) else (FormatError, "damaged")
        raise kind(f"The HDF5 file '{shown(path)}' is {what}.", "Copy or download it again.") from error


def holds(file: Any, name: str) -> bool:
    """Whether the file's root has an entry of that name; what it leads to is not looked at."""
    return bool(file.id.links.exists(name.encode()))


def data_set(file: Any, name: str) -> Any | None:
    """The data set of numbers of that name in the file's root; None where there is none.

    Raises:
        UnsafeFileError: a link elsewhere, a data set in other files or made of others.
        FormatError: a filter that is not read, or no plain numbers.
    """
    import h5py

    if not holds(file, name):
        return None
    # Asked by its low interface: h5py's own `in` and `get` would open the file that a link leads to.
    if file.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
        raise UnsafeFileError(f"'{name}' of the HDF5 file is a link.", "Copy the data into the file itself.")
    found = file.get(name)
    if not isinstance(found, h5py.Dataset):
        return None
    if found.is_virtual or found.external:
        raise UnsafeFileError(f"'{name}' of the HDF5 file lies in other files.", "Copy the data into the file itself.")
    if found.dtype.kind not in "fiu" or found.dtype.itemsize > 8:
        raise FormatError(f"'{name}' of the HDF5 file holds no plain numbers.", "Check that this is the right file.")
    filters = _filters(found)
    if set(filters) - {_GZIP, _SHUFFLE} or len(set(filters)) < len(filters) or filters == [_GZIP, _SHUFFLE]:
        raise FormatError(
            f"'{name}' of the HDF5 file is compressed by a filter that is not read.",
            "Write it again by gzip or uncompressed (h5repack -f GZIP=4).",
        )
    return found


def rows(found: Any, start: int, stop: int) -> NDArray[Any]:
    """Rows `start` to `stop` of a data set: (stop - start, ...).

    Raises:
        UnsafeFileError: rows or chunks larger than any ECG needs.
        TruncatedError: the file ends before them.
        FormatError: damaged.
    """
    shape = (stop - start, *found.shape[1:])
    if _size(shape, found) > MOST_BYTES:
        raise UnsafeFileError("A row of the HDF5 file is larger than any ECG.", "Check that this is the right file.")
    if found.chunks is None:
        values: NDArray[Any] = found[start:stop]
        return values
    chunk = found.chunks
    if _size(chunk, found) > MOST_BYTES:
        raise UnsafeFileError("A chunk of the HDF5 file is larger than any ECG.", "Write it again in small chunks.")
    first = [start // chunk[0] * chunk[0], *(0 for _ in shape[1:])]
    places = [range(begin, end, step) for begin, end, step in zip(first, (stop, *shape[1:]), chunk, strict=True)]
    if np.prod([len(place) for place in places], dtype=float) > _MOST_CHUNKS:
        raise UnsafeFileError("An ECG of the HDF5 file is cut into too many chunks.", "Write it again in larger ones.")
    out = np.empty(shape, found.dtype)
    for corner in product(*places):
        block = _chunk(found, corner)
        low, high = max(corner[0], start), min(corner[0] + chunk[0], stop)
        inner = [slice(at, min(at + size, end)) for at, size, end in zip(corner, chunk, shape, strict=True)][1:]
        kept = [slice(0, part.stop - part.start) for part in inner]
        out[(slice(low - start, high - start), *inner)] = block[(slice(low - corner[0], high - corner[0]), *kept)]
    return out


def _size(shape: tuple[int, ...], found: Any) -> float:
    return float(np.prod(shape, dtype=float)) * int(found.dtype.itemsize)


def _filters(found: Any) -> list[int]:
    plan = found.id.get_create_plist()
    return [plan.get_filter(number)[0] for number in range(plan.get_nfilters())]


def _chunk(found: Any, corner: tuple[int, ...]) -> NDArray[Any]:
    """One chunk; what was never written holds the fill value."""
    size = int(_size(found.chunks, found))
    stored = found.id.get_chunk_info_by_coord(corner)
    if stored.byte_offset is None:
        return np.full(found.chunks, found.fillvalue, found.dtype)
    if stored.size > 2 * size + 1024:
        raise UnsafeFileError("A chunk of the HDF5 file is larger than its data.", "Copy or download it again.")
    skipped, data = found.id.read_direct_chunk(corner)
    for number, code in reversed(list(enumerate(_filters(found)))):
        if skipped >> number & 1:
            continue
        if code == _GZIP:
            data = inflate(data, size)
        else:  # the first byte of every number, then the second of every one ...
            width = found.dtype.itemsize
            data = np.frombuffer(data, np.uint8)[: len(data) // width * width].reshape(width, -1).T.tobytes()
    if len(data) != size:
        raise TruncatedError("A chunk of the HDF5 file is cut short.", "Copy or download it again.")
    return np.frombuffer(data, found.dtype).reshape(found.chunks)
