"""How far a denial reaches: "no ischaemia, infarct or block" denies all three, "no infarct, sinus rhythm" no rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Literal

from einthoven.statements.parse.claim import Claim, between
from einthoven.statements.parse.match import Item
from einthoven.statements.vocabulary import VOCABULARY

Reach = Literal["denied", "unsure", "stated"]

_CAUSES = ("infarction", "st-t", "other")
_RHYTHMS = ("ventricular-tachycardia", "ventricular-fibrillation", "ventricular-flutter", "torsades", "asystole")
_WHOLE = ("SR", "NORM")
"""What nobody adds to a list of what is missing."""


def reach(items: Sequence[Item], claims: Sequence[Claim], place: int, start: int, before: Sequence[Claim]) -> Reach:
    """How the claim at a place stands, which follows on what is denied.

    An "or" or "and" that is still to come makes all before it one list. Without one, a comma alone goes on to findings
    of the same kind, begins a new statement before a rhythm, and leaves the reader unsure before another kind.

    Args:
        start: the place of the item after which the gap before the claim begins.
        before: the claims of the list so far; none where what is denied has no code.
    """
    claim = claims[place]
    gap = between(items, start, claim.first)
    comma = max((at for at, item in enumerate(gap) if item.value == ","), default=0)
    joined = _links(gap[comma:])
    if "or" in joined or "nor" in joined:
        return "denied"
    if set(claim.codes) & set(_WHOLE) or (not joined and _is_old(gap)):
        return "stated"
    ahead = _ahead(items, claims, place)
    kind = _kind(claim)
    if (before and kind == _kind(before[-1])) or "or" in ahead or "nor" in ahead:
        return "denied"
    if kind in ("rhythm", "sinus", "pacing"):
        return "stated"
    if joined or ahead:
        return "denied"
    earlier = (between(items, one.last, other.first) for one, other in pairwise(before))
    closed = any(_links(parted) for parted in (gap[:comma], *earlier))
    return "stated" if closed else "unsure"


def begins_anew(parted: Sequence[Item]) -> bool:
    """Whether a comma parts a denial's first claim from it, with what has no code before: "no block, LVH"."""
    comma = next((at for at, item in enumerate(parted) if item.kind == "mark" and item.value == ","), 0)
    return any(item.kind in ("unknown", "none", "sign", "subject") for item in parted[:comma])


def _is_old(parted: Sequence[Item]) -> bool:
    """ "No acute ischaemia, old inferior infarct": the age is one of a statement of its own."""
    return any(item.kind == "age" and not item.acute for item in parted)


def _links(parted: Sequence[Item]) -> list[str]:
    """The links of a gap; "/" has a link's value, and is shorter than its word."""
    return [item.value if item.end - item.start > 1 else "/" for item in parted if item.kind == "link"]


def _ahead(items: Sequence[Item], claims: Sequence[Claim], place: int) -> list[str]:
    """The links of the first gap that has any, as far as commas alone part the claims from a place on."""
    for one, other in pairwise(claims[place:]):
        parted = between(items, one.last, other.first)
        if not any(item.kind in ("mark", "link") for item in parted) or any(item.kind == "cue" for item in parted):
            return []
        if links := _links(parted):
            return links
    return _trailing(items, claims[-1])


def _trailing(items: Sequence[Item], last: Claim) -> list[str]:
    """Of a list that ends with what has no code: "ischaemia, infarct or block"."""
    return _links(items[last.last + 1 : last.last + 3]) if len(items) > last.last + 2 else []


@cache
def _kind_of(code: str) -> str:
    term = VOCABULARY[code]
    if code == "SR" or "SR" in term.parents:
        return "sinus"
    return "cause" if term.group in _CAUSES and code != "LNGQT" else term.group


def _kind(claim: Claim) -> str:
    if claim.mention in _RHYTHMS:
        return "rhythm"
    return _kind_of(claim.codes[0]) if claim.codes else "cause"
