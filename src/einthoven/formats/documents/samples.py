"""Samples written as base64."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, Notice, TruncatedError
from einthoven.formats.text import clean

Samples = NDArray[np.number[Any]]
"""Samples as they are stored, whole numbers or not; the last axis is time."""

INVALID_16 = -(2**15)
"""The value of 16 bits that devices write where they have no sample."""


def from_base64(text: str, whose: str) -> bytes:
    """The bytes; white space in the text does not count.

    Raises:
        FormatError: letters that are not base64, or nothing at all.
        TruncatedError: the text ends within a byte.
    """
    bare = "".join(text.split())
    try:
        data = base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError) as error:
        if len(bare) % 4:
            raise TruncatedError(f"The samples of {clean(whose, 40)} are cut short.", "Export it again.") from error
        raise FormatError(f"The samples of {clean(whose, 40)} are not base64.", "Export it again.") from error
    if not data:
        raise FormatError(f"{clean(whose, 40)} holds no samples.", "Export it again.")
    return data


def integers(data: bytes, size: int, whose: str) -> Samples:
    """Little-endian signed integers of `size` bytes (samples,); `FormatError` for other sizes than 1, 2 and 4."""
    if size not in {1, 2, 4}:
        raise FormatError(f"Samples of {size} bytes are not read ({clean(whose, 40)}).", "Export it with 2 bytes.")
    if len(data) % size:
        raise TruncatedError(f"The samples of {clean(whose, 40)} end within a sample.", "Export it again.")
    return np.frombuffer(data, np.dtype(f"<i{size}"))


def promised(raw: Samples, count: int | None, whose: str) -> tuple[Samples, list[Notice]]:
    """As many samples as the file promises, and a notice where it holds more.

    Raises:
        TruncatedError: it holds fewer.
    """
    if count is None or count == len(raw):
        return raw, []
    if count <= 0 or count > len(raw):
        raise TruncatedError(
            f"{clean(whose, 40)} holds {len(raw)} of the {count} samples that its header promises.",
            "Copy or export it again.",
        )
    text = f"{clean(whose, 40)} holds {len(raw)} samples; the header's {count} were read."
    return raw[:count], [Notice("longer-data", text)]
