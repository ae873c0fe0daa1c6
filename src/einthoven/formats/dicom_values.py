"""Single values of a DICOM data set, without pydicom's conversion where they are plain ASCII. Call inside `guarded`."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

_TEXTS = {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "SH", "ST", "TM", "UC", "UI", "UT"}
_CONVERTED = (b"\\", b"\x1b")  # between several values; before letters of another character set


def text_of(item: Any, keyword: str) -> str:
    """The value as text, "" where there is none.

    Args:
        item: a pydicom data set.
        keyword: the element's, as pydicom names it.
    """
    raw = item.get_item(_tag(keyword))  # what was not looked at before, pydicom gives as its bytes
    if raw is None:
        return ""
    value = raw.value
    if (
        isinstance(value, bytes)
        and raw.VR in _TEXTS
        and value.isascii()
        and not any(map(value.__contains__, _CONVERTED))
    ):
        return value.decode("ascii").rstrip("\0 ")
    value = item.get(keyword)
    return str(value) if value or value == 0 else ""


def number_of(item: Any, keyword: str) -> float | None:
    """The value as a finite number, None where there is none."""
    text = text_of(item, keyword).strip()
    number = float(text) if text else math.nan
    return number if math.isfinite(number) else None


def first_of(item: Any, keyword: str) -> Any:
    """The first item of a sequence, None where there is none."""
    tag = _tag(keyword)
    if item.get_item(tag) is None:
        return None
    sequence = item[tag].value
    return sequence[0] if sequence else None


@cache
def _tag(keyword: str) -> Any:
    from pydicom.tag import Tag

    return Tag(keyword)
