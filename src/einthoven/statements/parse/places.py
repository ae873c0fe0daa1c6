"""Infarcts, injuries and ischaemias: which wall they are said of. Codes are in `tables/places.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from einthoven.statements.parse.claim import Claim, claim_of
from einthoven.statements.parse.match import Item
from einthoven.statements.table import rows

WALLS = frozenset(row["walls"].replace(" ", "+") for row in rows("places")) | {"septal"}
_BEFORE = ("wall", "age", "none", "severity", "qualifier")
_JOINING = (",", "(", "/", "and", ":")
_AFTER = ("wall", "in", "lead", "age")


def cores(items: Sequence[Item], carrier: str, taken: set[int]) -> list[Claim]:
    """The claims of a sentence, each with its walls.

    Args:
        carrier: the last wave spoken of before the sentence: damage of a wall is an infarct under QRS, and an
            injury under ST or T.
        taken: places of walls that belong to something else; those that are used here are added.
    """
    found: list[Claim] = []
    for place, item in enumerate(items):
        if item.kind == "subject" and item.value in ("QRS", "ST", "T", "STT", "Q"):
            carrier = item.value
        elif item.kind == "finding" and item.value == "ABQRS":
            carrier = "QRS"
        if item.kind != "core":
            continue
        places = _walls_before(items, place, taken) or _walls_after(items, place, taken)
        taken.update(places)
        walls = tuple(tuple(items[at].value.split("+")) for at in places)
        if not walls and found and _same_list(items[found[-1].last + 1 : place]):
            walls = found[-1].walls
        what = item.value
        if what == "damage":
            what = "injury" if carrier in ("ST", "T", "STT") else "infarct"
        first, last = min([place, *places]), max([place, *places])
        claim = claim_of(" ".join(codes_of(what, walls)), items, first, last, "core")
        claim.walls, claim.core = walls, what
        claim.location = tuple("+".join(wall) for wall in walls)
        found.append(claim)
    return found


def codes_of(core: str, walls: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The code of all walls together, or else that of each.

    >>> codes_of("infarct", [("inferior",), ("lateral",)]), codes_of("infarct", [("inferior",), ("anterior", "septal")])
    (('ILMI',), ('IMI', 'ASMI'))
    """
    together = _codes().get((core, frozenset(one for wall in walls for one in wall)))
    if together is not None:
        return together
    each = [_codes().get((core, frozenset(wall)), ()) for wall in walls]
    if not any(each):
        each = [_codes().get((core, frozenset((one,))), ()) for wall in walls for one in wall]
    return tuple(dict.fromkeys(code for codes in each for code in codes))


def _walls_before(items: Sequence[Item], place: int, taken: set[int]) -> list[int]:
    found = []
    for at in range(place - 1, -1, -1):
        item = items[at]
        if item.kind == "wall":
            if at in taken:
                break
            found.append(at)
        elif item.kind in ("mark", "link") and item.value in (",", "and", "/"):
            if not (found or (item.value == "," and at and items[at - 1].kind == "wall")):
                break
        elif item.kind not in _BEFORE:
            break
    return found[::-1]


def _walls_after(items: Sequence[Item], place: int, taken: set[int]) -> list[int]:
    """ "Infarct, inferior" and "infarct (inferior, posterior)": nothing that follows may own the walls."""
    found: list[int] = []
    at = place + 1
    while at < len(items):
        item = items[at]
        if item.kind == "wall" and at not in taken:
            found.append(at)
        elif item.kind not in _AFTER and not (item.kind in ("mark", "link") and item.value in _JOINING):
            break
        at += 1
    if found and at < len(items) and items[at].kind in ("core", "subject") and found[0] > place + 1:
        return []
    return [] if at < len(items) and items[at].kind == "core" else found


def _same_list(parted: Sequence[Item]) -> bool:
    return any(item.kind == "link" for item in parted) and all(
        item.kind in ("link", "age", "none", "severity") for item in parted
    )


@cache
def _codes() -> dict[tuple[str, frozenset[str]], tuple[str, ...]]:
    return {(row["core"], frozenset(row["walls"].split())): tuple(row["code"].split()) for row in rows("places")}
