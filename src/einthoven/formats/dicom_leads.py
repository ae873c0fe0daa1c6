"""Which lead a DICOM channel is: by code (DICOM CID 3001), then by the words beside it."""

from __future__ import annotations

import re

from einthoven.ecg import canonical

# The numbers of SCP-ECG and of ISO/IEEE 11073-10102 (MDC, where 2: stands before them).
_NUMBERS = {
    1: "I",
    2: "II",
    **{n + 2: f"V{n}" for n in range(1, 7)},
    61: "III",
    62: "aVR",
    63: "aVL",
    64: "aVF",
}
_CODE = re.compile(r"(?:2:|5\.6\.3-9-)(\d{1,3})", re.ASCII)
_MDC_PARTITION = 2 * 2**16
_MDC_POTENTIAL = 2**8  # a lead's potential (MDC_ECG_ELEC_POTL_...) stands so far behind the lead itself


def lead_of(code: str, meaning: str) -> str | None:
    """The canonical lead of a channel source, None for a channel that is none of the twelve.

    >>> lead_of("2:3", ""), lead_of("5.6.3-9-61", "Lead III"), lead_of("131136", ""), lead_of("131330", "")
    ('V1', 'III', 'aVF', 'II')
    >>> lead_of("local", "Lead I (Einthoven)"), lead_of("2:72", "CM5")
    ('I', None)
    """
    return lead_by_code(code) or canonical(code) or canonical(meaning)


def lead_by_code(code: str) -> str | None:
    """The lead that a code of CID 3001 stands for, whichever of the two schemes it is from."""
    if found := _CODE.fullmatch(code.strip()):
        return _NUMBERS.get(int(found[1]))
    if re.fullmatch(r"13\d{4}", code.strip(), re.ASCII):  # MDC's context-free number
        number = int(code) - _MDC_PARTITION
        return _NUMBERS.get(number - _MDC_POTENTIAL if number > _MDC_POTENTIAL else number)
    return None
