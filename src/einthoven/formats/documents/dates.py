"""Moments, birthdays and ages as documents write them; what is unclear is none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from einthoven.ecg import Notice
from einthoven.formats.documents.numbers import number

_OLDEST = 130
_COMPACT = re.compile(r"(\d{8})(\d{2})(\d{2})(\d{2})?(?:\.(\d{1,9}))?([+-]\d{4}|Z)?", re.ASCII)
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)
_AMERICAN = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
# Years in one of each, by the first letters of the unit: words, HL7 and UCUM abbreviations.
_YEARS = {
    **dict.fromkeys(("", "y", "a", "yr", "year", "years"), 1.0),
    **dict.fromkeys(("m", "mo", "month", "months"), 1 / 12),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 7 / 365.25),
    **dict.fromkeys(("d", "day", "days"), 1 / 365.25),
    **dict.fromkeys(("h", "hour", "hours"), 1 / 8766),
}


def compact(text: str) -> datetime | None:
    """HL7's and DICOM's `YYYYMMDDhhmm[ss[.f]]`, with its offset from UTC if it states one; a day alone is no moment.

    >>> compact("20021122091000.25-0500").isoformat(), compact("20021122"), compact("20021322091000")
    ('2002-11-22T09:10:00.250000-05:00', None, None)
    """
    found = _COMPACT.fullmatch(text.strip())
    if found is None:
        return None
    day, hour, minute, second, fraction, zone = found.groups()
    return moment(int(day[:4]), int(day[4:6]), int(day[6:]), int(hour), int(minute), int(second or 0), fraction, zone)


def iso(text: str) -> datetime | None:
    """`YYYY-MM-DDThh:mm[:ss[.f]]`, with its offset from UTC if it states one.

    >>> iso("2015-02-19T09:30:35+01:00").isoformat(), iso("2015-02")
    ('2015-02-19T09:30:35+01:00', None)
    """
    found = _ISO.fullmatch(text.strip())
    if found is None:
        return None
    *parts, second, fraction, zone = found.groups()
    year, month, day, hour, minute = map(int, parts)
    return moment(year, month, day, hour, minute, int(second or 0), fraction, zone)


def day_and_clock(day: date | None, clock: str) -> datetime | None:
    """A day and `hh:mm[:ss]` as a moment."""
    found = _CLOCK.fullmatch(clock.strip())
    if day is None or found is None:
        return None
    return moment(day.year, day.month, day.day, int(found[1]), int(found[2]), int(found[3] or 0))


def moment(
    year: int,
    month: int,
    day: int,
    hour: int,
    minute: int,
    second: int,
    fraction: str | None = None,
    zone: str | None = None,
) -> datetime | None:
    """The moment, None when there is no such one.

    Args:
        fraction: the digits after the second's point.
        zone: the offset from UTC, "Z", "+hhmm" or "+hh:mm"; without it the moment is on the clock of the place.
    """
    try:
        micro = int((fraction or "0").ljust(6, "0")[:6])
        return datetime(year, month, day, hour, minute, second, micro, _offset(zone) if zone else None)
    except (ValueError, OverflowError):  # a thirteenth month, an hour of twelve digits
        return None


def _offset(zone: str) -> timezone:
    if zone == "Z":
        return UTC
    away = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return timezone(-away if zone[0] == "-" else away)


def day_of(text: str) -> date | None:
    """`YYYY-MM-DD` or `YYYYMMDD`, alone or with a time behind it."""
    return _calendar(*map(int, found.groups())) if (found := _DAY.match(text.strip())) else None


def american_day(text: str) -> date | None:
    """`MM-DD-YYYY`, as MUSE writes it whatever the locale.

    >>> american_day("05-10-2021"), american_day("25-10-2021")
    (datetime.date(2021, 5, 10), None)
    """
    found = _AMERICAN.fullmatch(text.strip())
    return _calendar(int(found[3]), int(found[1]), int(found[2])) if found else None


def age_in_years(text: str, unit: str = "") -> float | None:
    """A stated age; `unit` is empty or the word or abbreviation for years, months, weeks, days or hours.

    >>> age_in_years("60", "YEARS"), age_in_years("18", "MONTHS"), age_in_years("60", "moons"), age_in_years("999")
    (60.0, 1.5, None, None)
    """
    value, years = number(text), _YEARS.get(unit.strip().lower())
    if value is None or years is None or not 0 <= value * years <= _OLDEST:
        return None
    return round(value * years, 2)


def age_of(stated: float | None, birth: date | None, time: datetime | None) -> tuple[float | None, list[Notice]]:
    """The stated age, or that by the dates of birth and recording; a notice where they are years apart."""
    by_dates = years_between(birth, time.date()) if birth and time else None
    if stated is None or by_dates is None or abs(stated - by_dates) < 2:
        return (by_dates if stated is None else stated), []
    text = f"The file states an age of {stated:g} years, and dates that make it {by_dates:g}; the stated one was read."
    return stated, [Notice("age", text)]


def unread_time(text: str, found: datetime | None) -> list[Notice]:
    """A notice where a file states a time that is none."""
    if found is not None or not text.strip(" -:.0"):
        return []
    return [Notice("unread-time", "The file's time is none that can be read; the ECG carries no time.")]


def years_between(birth: date, day: date) -> float | None:
    """Whole years from birth to a day, None where that is no age."""
    years = day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
    return float(years) if 0 <= years <= _OLDEST else None


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
