"""PTB-XL's noise columns: cells such as " , I-AVR,  ", "v5-6", "alles", "V1???" or "mittel"."""

from __future__ import annotations

import re
from functools import cache

from einthoven.datasets.ecg_qa.facts import Marks
from einthoven.ecg import LEADS

_LEAD = {lead.upper(): lead for lead in LEADS} | {str(n): f"V{n}" for n in range(1, 7)} | {"ALF": "aVF", "V!": "V1"}
_ALL = {"ALLES", "ALLE", "ALLE ABL"}
_WORDS = re.compile(
    r"\b(leicht|mittel|stark|starke|noisy recording|noise|drift|ja|stufen?|kontaktprobleme|elektroden vertauscht)\b",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*-+\s*")


@cache
def marks_of(cell: str) -> Marks:
    """What a cell says. Doubt ("???") counts as the mark; the slip "ALF" is read as aVF and "V!" as V1.

    >>> sorted(marks_of(" , I,III-AVR,  ").leads), marks_of("mittel,  ,  ")
    (['I', 'III', 'aVR'], Marks(there=True, leads=frozenset(), complete=False))
    """
    text = cell.replace("?", " ")
    words = bool(_WORDS.search(text))
    leads: set[str] = set()
    strange = False
    for part in re.split(r"[,;.()]", _WORDS.sub(" ", text)):
        token = " ".join(part.upper().split())
        token = token if token.endswith("V!") else token.rstrip("! ")
        if not token:
            continue
        found = _leads_of(token)
        strange |= not found
        leads |= found
    there = True if leads or words else None if strange else False
    return Marks(there, frozenset(leads), complete=not strange and (bool(leads) or not words))


def _leads_of(token: str) -> set[str]:
    """The leads of "AVL", "V2-4", "II-V1" or "ALLES"; none for what is not one of these."""
    if token in _ALL:
        return set(LEADS)
    ends = [_LEAD.get(one.replace(" ", "")) for one in _RANGE.split(token)]
    if len(ends) == 1 and ends[0]:
        return {ends[0]}
    if len(ends) == 2 and ends[0] and ends[1]:
        first, last = LEADS.index(ends[0]), LEADS.index(ends[1])
        return set(LEADS[first : last + 1])
    return set()
