"""Moments as tables write them: one way for a whole column, and refused where two ways are possible."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from einthoven.ecg import UsageError
from einthoven.formats.documents.dates import compact, iso, moment

_YEAR_FIRST = re.compile(r"(\d{4})[./](\d{1,2})[./](\d{1,2})[ T]+(.+)", re.ASCII)
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}),? +(.+)", re.ASCII)
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}),? +(.+)", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)? *([AaPp][Mm])?(?: Uhr)?", re.ASCII)


def moments(texts: Sequence[str]) -> list[datetime | None]:
    """A column of moments, None where a cell holds none, each with its offset from UTC if it states one.

    ISO 8601, HL7's digits, 31.12.2020 13:05, and 12/31/2020 1:05 PM or 31/12/2020 13:05, whichever of the two
    fits all the cells.

    >>> moments(["31/12/2020 13:05", "01/02/2020 07:00"])[1]
    datetime.datetime(2020, 2, 1, 7, 0)

    Raises:
        UsageError: both orders of day and month fit all cells.
    """
    found: list[datetime | None] = []
    slashed: dict[int, tuple[int, int, int, str]] = {}
    for place, text in enumerate(text.strip() for text in texts):
        found.append(iso(text) or compact(text))
        if found[-1] is None and (parts := _YEAR_FIRST.fullmatch(text)):
            found[-1] = _at(int(parts[1]), int(parts[2]), int(parts[3]), parts[4])
        elif found[-1] is None and (parts := _DOTS.fullmatch(text)):
            found[-1] = _at(int(parts[3]), int(parts[2]), int(parts[1]), parts[4])
        elif found[-1] is None and (parts := _SLASHES.fullmatch(text)):
            slashed[place] = (int(parts[3]), int(parts[1]), int(parts[2]), parts[4])
    first_is_day = any(first > 12 for _, first, _, _ in slashed.values())
    second_is_day = any(second > 12 for _, _, second, _ in slashed.values())
    if any(first != second for _, first, second, _ in slashed.values()) and first_is_day == second_is_day:
        raise UsageError(
            "Whether day or month comes first in the column of times is not clear.", "Write them as 2020-12-31 13:05."
        )
    for place, (year, first, second, clock) in slashed.items():
        found[place] = _at(year, second, first, clock) if first_is_day else _at(year, first, second, clock)
    return found


def _at(year: int, month: int, day: int, clock: str) -> datetime | None:
    parts = _CLOCK.fullmatch(clock.strip())
    if parts is None:
        return None
    hour = int(parts[1])
    if parts[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if parts[5].lower() == "pm" else 0)
    return moment(year, month, day, hour, int(parts[2]), int(parts[3] or 0), parts[4])
