"""How sure a sentence is of its claims: cues before and after them, alternatives, earlier tracings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from einthoven.statements.parse.claim import THROUGH, Claim, between
from einthoven.statements.parse.denial import begins_anew, reach
from einthoven.statements.parse.match import Item
from einthoven.statements.parse.stated import Stance

WAIT = 7
"""Items that may stand between a cue and what it is said of."""

VARIANTS = ("STE_", "QWAVE", "HVOLT", "STD_", "INVT")
"""What may be a normal variant, and is then no more than possible."""

_AFTERWARDS: dict[str, Stance] = {"post": "possible", "absent-post": "absent", "prior-post": "prior"}
_WITH_AGE = ("mark", "none", "age", "wall", "severity")
_WEIGHING = ("auto", "adjective", "pre", "wide")
_LINKS = {"wide": ("or", "and", "with"), "due": ("or", "and", "with"), "absent": ("or", "and", "nor")}
_CHAIN = ("wall", "age", "none", "qualifier", "severity", "in")


def weigh(items: Sequence[Item], claims: Sequence[Claim], earlier: Sequence[Claim] = ()) -> None:
    """Sets the stances of a sentence's claims, which are in order.

    Args:
        earlier: the claims of the sentence before, which "this is probably a normal variant" is said of.
    """
    if not claims and any(item.kind == "cue" and item.value == "variant" for item in items):
        _vary(earlier)
    for place, item in enumerate(items):
        if item.kind == "cue":
            _apply(items, claims, place, item.value)
    for one, other in pairwise(claims):
        if "shape" not in (one.kind, other.kind) and one.codes != other.codes and _alternatives(items, one, other):
            one.weigh("possible")
            other.weigh("possible")


def _apply(items: Sequence[Item], claims: Sequence[Claim], place: int, cue: str) -> None:
    if cue in ("auto", "adjective") and _said_of_age(items, claims, place, cue):
        return
    if cue in ("auto", "adjective"):
        cue = "post" if _stands_after(items, claims, place) else "pre"
    likely = items[place].mention == "likely"
    if cue == "no-longer":
        cue = "absent" if _goes_on_at_once(items, claims, place) else "absent-post"
    if cue == "absent-post" and not any(claim.last < place for claim in claims):
        if _said_of_what_has_no_code(items, claims, place):
            return
        cue = "absent"  # "resolved ST elevation", "unlikely to be ischaemia"
    if cue in _AFTERWARDS:
        for claim in _before(items, claims, place):
            claim.weigh(_AFTERWARDS[cue], likely)
    elif cue == "variant":
        _vary([claim for claim in claims if claim.last < place])
    elif cue == "prior":
        if not _of_age(items, place):
            now = next((at for at in range(place, len(items)) if items[at].value == "now"), len(items))
            for claim in claims:
                if place < claim.at < now:
                    claim.weigh("prior")
    elif cue == "instead":  # "instead of atrial fibrillation sinus rhythm": of the first alone
        for claim in [claim for claim in claims if claim.at > place][:1]:
            claim.weigh("prior")
    elif cue == "handed-over":  # "Vorhofflimmern wurde durch Sinusrhythmus abgelöst"
        for claim in _handed_over(items, claims, place):
            claim.weigh("prior")
    elif cue == "unconfirmed":  # after a mark it may be the report that nobody has confirmed, but not a suspicion
        for claim in _before(items, claims, place):
            if "possible" in claim.stances or items[place - 1].kind != "mark":
                claim.weigh("absent")
    elif cue == "history":
        for claim in () if _of_age(items, place) else _after(items, claims, place, cue):
            claim.weigh("prior")
    elif cue == "absent" and place >= len(items) - 2 and not any(claim.at > place for claim in claims):
        for claim in _before(items, claims, place):  # "cannot be", and the text ends
            claim.weigh("possible")
    elif cue != "now" and (cue != "due" or _weighed_before(items, place)):
        for claim in _after(items, claims, place, cue):
            if cue == "recommend":
                claim.dropped = True
            else:
                claim.weigh("absent" if cue == "absent" else "possible", likely)


def _goes_on_at_once(items: Sequence[Item], claims: Sequence[Claim], place: int) -> bool:
    """ "No longer atrial fibrillation" denies what follows, "atrial fibrillation no longer, sinus rhythm" what was."""
    after = next((claim for claim in claims if claim.at > place), None)
    return after is not None and not any(item.kind == "mark" for item in between(items, place, after.at))


def _said_of_what_has_no_code(items: Sequence[Item], claims: Sequence[Claim], place: int) -> bool:
    """ "U waves not seen, atrial fibrillation" and "absent U waves, atrial fibrillation" deny no fibrillation."""
    follows = next((claim.at for claim in claims if claim.at > place), len(items))
    before, after = items[max(place - 1, 0) : place], items[place + 1 : place + 2] if follows > place + 2 else ()
    if any(item.kind == "subject" for item in (*before, *after)):
        return True
    parted = any(item.kind == "mark" for item in between(items, place, follows))
    return parted and place > 0 and items[place - 1].kind != "mark"


def _vary(claims: Sequence[Claim]) -> None:
    for claim in reversed(claims):
        if set(claim.codes) & set(VARIANTS):
            claim.weigh("possible")
            return


def _said_of_age(items: Sequence[Item], claims: Sequence[Claim], place: int, cue: str) -> bool:
    """ "Inferior infarct, probably old": the age is unsure, the infarct is not; "possible old infarct" is."""
    if place + 1 >= len(items) or items[place + 1].kind != "age" or (cue == "adjective" and _of_age(items, place)):
        return False
    before = [claim for claim in claims if claim.last < place]
    if not before or before[-1].kind != "core":
        return False
    return all(item.kind in _WITH_AGE for item in between(items, before[-1].last, place))


def _of_age(items: Sequence[Item], place: int) -> bool:
    """ "A previous inferior infarct" is an old one, not one of an earlier tracing."""
    for item in items[place + 1 :]:
        if item.kind == "core":
            return item.value in ("infarct", "damage")
        if item.kind not in ("wall", "age", "none", "severity"):
            return False
    return False


def _stands_after(items: Sequence[Item], claims: Sequence[Claim], place: int) -> bool:
    """Whether a word such as "probable" belongs to what stands before it."""
    before = [claim for claim in claims if claim.last < place]
    if not before or not _near(between(items, before[-1].last, place)):
        return False
    after = [claim for claim in claims if claim.first > place]
    if not after or len(between(items, place, after[0].first)) > 2:
        return True
    if after[0].kind == "core" or "NORM" in after[0].codes:
        return False
    comma = place > 0 and items[place - 1].kind == "mark"
    if comma and after[0].first == place + 1:  # "sinus rhythm, possible LVH"
        return False
    return (comma or after[0].kind == "shape") and before[-1].kind != "shape"


def _near(parted: Sequence[Item]) -> bool:
    said = sum(item.kind not in ("mark", "lead", "number") for item in parted)
    return said <= WAIT and all(item.kind in THROUGH or item.kind in ("mark", "code") for item in parted)


def _before(items: Sequence[Item], claims: Sequence[Claim], place: int) -> list[Claim]:
    """The claim before a cue, and those that it is listed with."""
    found: list[Claim] = []
    limit = place
    if place and items[place - 1].kind == "unknown":  # it is said of that, whatever it is
        return found
    for claim in reversed([claim for claim in claims if claim.last < place]):
        parted = between(items, claim.last, limit)
        if not found:
            if not _near(parted):
                break
        elif not _listed(parted, ("or", "and")) or claim.kind != found[-1].kind:
            break
        found.append(claim)
        limit = claim.first
    return found


def _handed_over(items: Sequence[Item], claims: Sequence[Claim], place: int) -> list[Claim]:
    """What the claim right before a verb at the end has taken the place of."""
    before = [claim for claim in claims if claim.last < place]
    if not before or any(item.kind == "mark" for item in between(items, before[-1].last, place)):
        return []
    by = before[-1].first
    by -= by > 0 and items[by - 1].value == "due"  # "durch"
    return _before(items, before[:-1], by)


def _after(items: Sequence[Item], claims: Sequence[Claim], place: int, cue: str) -> list[Claim]:
    """The claim after a cue, and those that follow it in one list; those that may be denied become possible."""
    found: list[Claim] = []
    unsure: list[Claim] = []
    denies = cue == "absent"
    links = _LINKS.get(cue, ("or", "and"))
    limit = place
    for at, claim in enumerate(claims):
        if claim.at <= place:
            continue
        chain = [*found, *unsure]
        parted = between(items, limit, max(claim.first, limit + 1) if chain else claim.at)
        asked = denies
        if not chain:
            if len(parted) > WAIT or _overruled(parted) or (cue == "history" and _parted(parted)):
                break
            asked = denies and begins_anew(parted)
        elif parted or claim.core != chain[-1].core or not claim.core:  # "possibly anterior damage inferior damage"
            listed = _listed(parted, links) or (denies and _listed(parted, links, ","))
            if not listed or (denies and _has_own(items, claims, claim)):
                break
        goes_on = reach(items, claims, at, limit, chain) if asked else "denied"
        if goes_on == "stated":
            break
        (unsure if unsure or goes_on == "unsure" else found).append(claim)
        limit = claim.last
    for claim in unsure:
        claim.weigh("possible", likely=True)
    return found


def _has_own(items: Sequence[Item], claims: Sequence[Claim], claim: Claim) -> bool:
    """ "No sign of ischaemia, atrial fibrillation not excluded": the second is not denied with the first."""
    for place in range(claim.last + 1, len(items)):
        item = items[place]
        if item.kind == "mark" or any(place == other.first for other in claims):
            return False
        if item.kind == "cue":
            after = item.value in ("auto", "adjective") and _stands_after(items, claims, place)
            return item.value == "post" or after
    return False


def _overruled(parted: Sequence[Item]) -> bool:
    """Whether a nearer cue has taken the place of one that other words part from it."""
    for at, item in enumerate(parted):
        if item.kind == "cue":
            return item.value == "post" or any(one.kind in ("unknown", "none", "sign") for one in parted[:at])
    return False


def _parted(parted: Sequence[Item]) -> bool:
    """ "State after bypass, atrial fibrillation": what is past is what follows at once."""
    return any(item.kind in ("mark", "unknown") for item in parted)


def _listed(parted: Sequence[Item], links: Sequence[str], mark: str = "/") -> bool:
    joined = [item for item in parted if item.kind == "link" or (item.kind == "mark" and item.value == mark)]
    rest = [item for item in parted if item.kind not in ("link", "mark")]
    return (
        bool(joined)
        and all(item.value in links or item.kind == "mark" for item in joined)
        and all(item.kind in _CHAIN for item in rest)
        and all(item.value == mark for item in parted if item.kind == "mark")
    )


def _alternatives(items: Sequence[Item], one: Claim, other: Claim) -> bool:
    """Whether "or" stands between them, with nothing but adjectives."""
    return _listed(between(items, one.last, other.first), ("or",))


def _weighed_before(items: Sequence[Item], place: int) -> bool:
    """ "Due to" is weighed after a cue: "are likely to be due to"."""
    return any(item.kind == "cue" and item.value in _WEIGHING for item in items[max(0, place - 2) : place])
