"""Deflated data, unpacked within bounds."""

from __future__ import annotations

import zlib

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError


def inflate(packed: bytes, most: int, raw: bool = False) -> bytes:
    """What a deflated stream holds, never more than `most` bytes of it in memory.

    Raises:
        FormatError: damaged.
        TruncatedError: cut short.
        UnsafeFileError: more than `most` bytes.
    """
    stream = zlib.decompressobj(-zlib.MAX_WBITS if raw else zlib.MAX_WBITS)
    try:
        content = stream.decompress(packed, most + 1)
    except zlib.error as error:
        raise FormatError("Compressed data of the file is damaged.", "Copy or save it again.") from error
    if len(content) > most:
        raise UnsafeFileError(
            f"Compressed data of the file unpacks to more than the {most} bytes that it may have.",
            "Check that this is the right file.",
        )
    if not stream.eof:
        raise TruncatedError("Compressed data of the file is cut short.", "Copy or save it again.")
    return content
