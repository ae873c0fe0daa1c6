"""Bytes to a pydicom data set: what to refuse before pydicom sees it, and its exceptions made ours."""

from __future__ import annotations

import itertools
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError
from einthoven.formats.limits import MOST_INFLATED_BYTES

PREAMBLE = 132  # 128 bytes of anything, then "DICM"
_MEDIA_STORAGE_CLASS = (0x0002, 0x0002)
_TRANSFER_SYNTAX = (0x0002, 0x0010)
_LONG_VRS = {b"OB", b"OW", b"OF", b"OD", b"OL", b"SQ", b"UC", b"UR", b"UT", b"UN"}
_MOST_ELEMENTS = 5000  # on the top level; a real ECG has below a hundred
_HEADER = 8  # bytes of the shortest element's
_NO_LENGTH = 0xFFFFFFFF  # of a sequence that ends with a mark
_DIRECTORY = "1.2.840.10008.1.3.10"
_DEFLATED = "1.2.840.10008.1.2.1.99"
_EXPLICIT = "1.2.840.10008.1.2.1"


def parse(data: bytes) -> Any:
    """The pydicom data set in a DICOM file; call it inside `guarded`.

    Raises:
        FormatError: a directory of files (DICOMDIR), or not DICOM.
        TruncatedError: the file ends within an element.
        UnsafeFileError: deflated content of absurd size, or absurdly many elements.
    """
    from pydicom.filereader import read_partial

    meta, end = _meta(data)
    if len(data) < end + _HEADER:
        raise _too_early()
    if meta.get(_MEDIA_STORAGE_CLASS) == _DIRECTORY:
        raise FormatError(
            "The file is a DICOMDIR, a directory of other files.",
            "Read the ECG file itself, not its directory.",
        )
    if meta.get(_TRANSFER_SYNTAX) == _DEFLATED:  # pydicom would inflate it without a bound
        data = _preamble(_EXPLICIT) + _inflate(data[end:])
    count = itertools.count(1)

    def too_many(*element: object) -> bool:
        if next(count) > _MOST_ELEMENTS:
            raise UnsafeFileError(f"The DICOM file holds more than {_MOST_ELEMENTS} elements.", "Export the ECG alone.")
        return False

    stream = BytesIO(data)
    try:
        dataset = read_partial(stream, stop_when=too_many)
    except (OSError, ValueError, struct.error) as error:  # pydicom's, where it finds no further tag, length or value
        if stream.tell() < len(data):
            raise
        raise _too_early() from error
    last = dataset.get_item(max(map(int, dataset.keys()))) if len(dataset) else None
    held = getattr(last, "value", None)
    if isinstance(held, bytes) and len(held) < getattr(last, "length", 0) < _NO_LENGTH:
        raise _too_early()
    return dataset


@contextmanager
def guarded() -> Iterator[None]:
    """Turns what pydicom raises on a damaged or hostile file, at reading or at any later access, into ours.

    pydicom converts values when they are first looked at and has no common base of errors.
    Its warnings are about single values; what matters of them ends in an error or a notice here.
    """
    from pydicom.errors import BytesLengthException, InvalidDicomError

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="pydicom")
            yield
    except RecursionError as error:
        raise UnsafeFileError(
            "The DICOM file nests its sequences deeper than any ECG does.", "Export it again."
        ) from error
    except EOFError as error:
        raise _too_early() from error
    except (
        BytesLengthException,
        InvalidDicomError,
        struct.error,
        zlib.error,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        NotImplementedError,
        OSError,
        TypeError,
        ValueError,
    ) as error:
        raise FormatError("The DICOM file is damaged or not DICOM.", "Copy or export it again.") from error


def _too_early() -> TruncatedError:
    return TruncatedError("The DICOM file ends too early.", "Copy or export it again.")


def _meta(data: bytes) -> tuple[dict[tuple[int, int], str], int]:
    """The short values of the file meta group, always explicit little endian, and where it ends."""
    found: dict[tuple[int, int], str] = {}
    place = PREAMBLE
    while place + 8 <= len(data):
        group, element, vr, size = struct.unpack_from("<HH2sH", data, place)
        if group != 2:
            break
        start = place + 8
        if vr in _LONG_VRS:
            size = int.from_bytes(data[start : start + 4], "little")
            start += 4
        if size <= 64:
            found[group, element] = data[start : start + size].decode("latin-1").rstrip("\0 ")
        place = start + size
    return found, place


def _preamble(syntax: str) -> bytes:
    value = syntax.encode() + b"\0" * (len(syntax) % 2)
    element = struct.pack("<HH2sH", *_TRANSFER_SYNTAX, b"UI", len(value)) + value
    return bytes(128) + b"DICM" + struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(element)) + element


def _inflate(deflated: bytes) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflater.decompress(deflated, MOST_INFLATED_BYTES)
    if inflater.unconsumed_tail:
        raise UnsafeFileError(
            f"The deflated DICOM file inflates to more than {MOST_INFLATED_BYTES / 2**20:g} MB.",
            "Export it without compression.",
        )
    if not inflater.eof:
        raise TruncatedError("The deflated DICOM file ends too early.", "Copy or export it again.")
    return data
