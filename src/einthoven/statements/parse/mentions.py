"""What a sentence says that no code says: an axis, ventricular tachycardia, that an infarct is acute."""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.statements.parse.claim import Claim
from einthoven.statements.parse.match import Item

_BEFORE = ("wall", "age", "none", "severity", "qualifier")
_AFTER = (*_BEFORE, "mark", "link", "in", "lead", "number")
_UNSURE = ("auto", "adjective", "pre", "post", "wide")


def mark_urgent(items: Sequence[Item], claims: Sequence[Claim]) -> None:
    """Names infarcts, injuries and ischaemias that are acute, in `Claim.mention`, before they are weighed."""
    for claim in claims:
        if claim.core == "stemi":
            claim.mention = "acute-infarct"
        elif claim.core == "injury" and not claim.codes:
            claim.mention = "injury"
        elif claim.core and _is_acute(items, claim):
            claim.mention = f"acute-{claim.core}"


def mentions_of(items: Sequence[Item], claims: Sequence[Claim]) -> list[str]:
    """The mentions of a sentence whose claims are weighed, in its order as far as they are claims."""
    plain = [item.value for item in items if item.kind == "none" and item.value]
    plain += ["normal-variant" for item in items if item.kind == "cue" and item.value == "variant"]
    said = [one for one in claims if one.mention and not one.dropped and one.mentioned in ("present", "possible")]
    return [*plain, *(claim.mention for claim in said)]


def _is_acute(items: Sequence[Item], claim: Claim) -> bool:
    """ "Acute inferior infarct", "infarct, possibly acute", "infarct, age undetermined, probably recent"."""
    first, last = claim.first, claim.last
    while first and items[first - 1].kind in _BEFORE:
        first -= 1
    while last + 1 < len(items) and _goes_on(items[last + 1]):
        last += 1
    return any(item.acute for item in items[first : last + 1])


def _goes_on(item: Item) -> bool:
    return item.kind in _AFTER or (item.kind == "cue" and item.value in _UNSURE)
