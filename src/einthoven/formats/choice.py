"""Which of several waveforms in a file is the rhythm to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from einthoven.ecg import canonical

RHYTHM_SECONDS = 2.0
"""A waveform that is shorter is taken only where there is no longer one."""

_BEAT = re.compile(r"median|beat|average|template|representative|cycle", re.I)
_LIMB_PAIR = 2


def is_beat(label: str) -> bool:
    """Whether a waveform calls itself a median or average beat.

    >>> is_beat("MEDIAN BEAT"), is_beat("RHYTHM")
    (True, False)
    """
    return _BEAT.search(label) is not None


def coverage(names: Iterable[str]) -> int:
    """How many of the twelve leads channels hold, those that follow from two limb leads included.

    >>> coverage(["I", "II", "V1", "RESP"]), coverage(["II", "aVR"])
    (7, 2)
    """
    leads = {lead for name in names if (lead := canonical(name))}
    limb = len(leads & {"I", "II", "III"})
    return 6 + sum(lead.startswith("V") for lead in leads) if limb >= _LIMB_PAIR else len(leads)
