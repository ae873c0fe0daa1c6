"""Which leads an SCP-ECG file holds, and from which sample to which (EN 1064, 5.6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from einthoven.ecg import FormatError, Notice, TruncatedError
from einthoven.formats.dicom_leads import lead_by_code
from einthoven.formats.limits import check_channels

_OTHERS = {9: "V7", 16: "X", 17: "Y", 18: "Z", 66: "V8", 67: "V9", **{n + 8: f"V{n}R" for n in range(2, 8)}}
_LEAD = struct.Struct("<IIB")
_BEAT_SUBTRACTED, _ALL_AT_ONCE, _AT_ONCE = 0x01, 0x04, 3  # the last is a shift
_AGAIN = "Copy or export it again."


@dataclass(frozen=True)
class Lead:
    """One lead and the numbers of its first and last sample on the recording's own count."""

    name: str
    first: int
    last: int

    @property
    def samples(self) -> int:
        """How many samples the lead has."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Leads:
    """All leads in the order of their samples; `subtracted` says that only what differs from a beat is stored."""

    all: tuple[Lead, ...]
    subtracted: bool
    notices: tuple[Notice, ...]

    @property
    def first(self) -> int:
        """Number of the first sample of any lead."""
        return min(lead.first for lead in self.all)

    @property
    def last(self) -> int:
        """Number of the last sample of any lead."""
        return max(lead.last for lead in self.all)


def read_leads(body: bytes) -> Leads:
    """The leads of section 3.

    Raises:
        FormatError: there is none, or one that ends before it begins.
        TruncatedError, UnsafeFileError: fewer bytes than leads; more leads than any ECG has.
    """
    if len(body) < 2:
        raise FormatError("The SCP-ECG file does not say which leads it holds (section 3).", "Export it again.")
    count, flags = body[0], body[1]
    check_channels(count)
    if count == 0:
        raise FormatError("The SCP-ECG file holds no lead.", "Export the ECG with its rhythm.")
    if len(body) < 2 + count * _LEAD.size:
        raise TruncatedError("The SCP-ECG file ends within the list of its leads.", _AGAIN)
    leads = [
        Lead(_name(code), first, last) for first, last, code in _LEAD.iter_unpack(body[2 : 2 + count * _LEAD.size])
    ]
    for lead in leads:
        if lead.last < lead.first:
            raise FormatError(f"Lead {lead.name} of the SCP-ECG file ends before it begins.", _AGAIN)
    notices = []
    together = flags >> _AT_ONCE
    if not flags & _ALL_AT_ONCE and 0 < together < count:
        text = f"The device recorded {together} leads at a time; those of different times do not belong together."
        notices.append(Notice("not-simultaneous", text))
    return Leads(tuple(leads), bool(flags & _BEAT_SUBTRACTED), tuple(notices))


def _name(code: int) -> str:
    return lead_by_code(f"2:{code}") or _OTHERS.get(code) or f"SCP-ECG lead {code}"
