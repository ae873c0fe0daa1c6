"""What is only known beside what is there now: "known atrial fibrillation, currently sinus rhythm"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from einthoven.statements.parse.stated import Stated

COMES_AND_GOES = frozenset({"AFIB", "AFLT", "SVTAC", "PSVT", "SVARR"})
SINUS = frozenset({"SR", "STACH", "SBRAD", "SARRH"})
FAR = 200
"""Characters that a word may stand away."""
_NOW = re.compile(
    r"\b(?:now|currently|at present|presently|today|aktuell\w*|jetzt|derzeit|momentan|zurzeit|zur zeit|gegenwärtig"
    r"|heute|nu|för närvarande)\b",
    re.IGNORECASE,
)
_KNOWN = re.compile(r"\b(?:known|paroxysmal\w*|intermitt\w*|(?:vor)?bekannt\w*|känt|känd)\b", re.IGNORECASE)
_ENDS = re.compile(r"[.;,!?\n:]")


def without_former(text: str, found: Sequence[Stated]) -> tuple[Stated, ...]:
    """The statements; what is only known is "prior" where the text denies it as well, and a rhythm that comes and goes
    where it says, or goes on to say, that sinus rhythm is there now."""
    present = [one for one in found if one.polarity == "present"]
    ended = {one.code for one in found if one.polarity == "absent"}
    sinus = [one.span[0] for one in present if one.code in SINUS and _NOW.search(_clause(text, one))]
    if sinus:
        ended |= COMES_AND_GOES
    if not any(one.code in ended for one in present):
        return tuple(found)

    def is_former(one: Stated) -> bool:
        if one.polarity != "present" or one.code not in ended or _NOW.search(clause := _clause(text, one)):
            return False
        then_sinus = one.code in COMES_AND_GOES and any(one.span[1] <= begin for begin in sinus)
        return then_sinus or bool(_KNOWN.search(clause))

    return tuple(replace(one, polarity="prior") if is_former(one) else one for one in found)


def _clause(text: str, one: Stated) -> str:
    """What stands around a statement up to the marks before and after it."""
    first, last = one.span
    begin = max((mark.end() for mark in _ENDS.finditer(text, max(0, first - FAR), first)), default=max(0, first - FAR))
    end = _ENDS.search(text, last, last + FAR)
    return text[begin : end.start() if end else last + FAR]
