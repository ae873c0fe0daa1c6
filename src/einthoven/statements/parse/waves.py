"""Shapes of waves and intervals: what "depressed" or "flat" is said of. Codes are in `tables/signs.csv`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from einthoven.statements.parse.claim import Claim, claim_of
from einthoven.statements.parse.match import Item
from einthoven.statements.table import rows

GENERIC = ("abnormal", "change")
_OF_ST = {"elevated!": "STE_", "depressed!": "STD_"}
_VERDICTS = {"abnormal": "NORM-", "normal": "NORM"}
_AHEAD = ("qualifier", "sign", "link", "severity")
_PLACES = ("in", "lead", "wall", "link", "mark", "number", "severity", "none", "age")


def waves(items: Sequence[Item]) -> list[Claim]:
    """The claims about waves, in order; a shape that is said of a wave takes the place of "abnormal"."""
    found: list[tuple[int, Claim]] = []  # the subject's place, the claim
    current: int | None = None
    for place, item in enumerate(items):
        if item.kind == "subject":
            current = place
            if item.value == "Q" and (claim := _q_wave(items, place)):
                found.append((place, claim))
        elif item.kind in ("finding", "core") or (item.kind == "none" and current == place - 1):
            current = None if item.kind != "none" else current
        elif item.kind == "sign":
            subject = _said_of(items, place, current, {one for one, _ in found})
            if subject is None and item.value in _OF_ST:  # "Hebung V2" is one of ST
                claim = claim_of(_OF_ST[item.value], items, place, place, "shape")
                claim.location, claim.wave = _location(items, place), "ST"
                found.append((place, claim))
            elif subject is not None:
                claim = _claim(items, subject, place)
                same = [at for at, (one, other) in enumerate(found) if one == subject and other.codes == claim.codes]
                if same and found[same[0]][1].generic:
                    found[same[0]] = (subject, claim)
                elif not same:
                    found.append((subject, claim))
                current = subject if current is None or subject > current else current
    exact = {subject for subject, claim in found if not claim.generic}
    return [claim for subject, claim in found if not (claim.generic and subject in exact)]


def lone_verdict(items: Sequence[Item]) -> Claim | None:
    """A last word "pathological" or "normal" that is said of no wave is said of the ECG."""
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        if item.kind in ("mark", "none", "number"):
            continue
        before = items[place - 1] if place else None
        alone = before is None or before.kind not in ("subject", "cue", "qualifier", "sign", "link")
        if item.value == "normal" and any(one.kind == "subject" for one in items[:place]):
            return None
        if item.kind == "sign" and item.value in _VERDICTS and alone:
            return claim_of(_VERDICTS[item.value], items, place, place, "finding")
        return None
    return None


def _said_of(items: Sequence[Item], place: int, current: int | None, signed: set[int]) -> int | None:
    """The place of the subject of a sign: the one before it, the next one, or the last one spoken of."""
    sign = items[place].value.rstrip("!")
    before = place - 1
    while before >= 0 and items[before].kind in ("qualifier", "severity"):
        before -= 1
    if before >= 0 and _fits(items[before], sign) and before not in signed:
        return before
    ahead = place + 1
    while ahead < len(items) and items[ahead].kind in _AHEAD and ahead - place < 5:
        ahead += 1
    if ahead < len(items) and _fits(items[ahead], sign):
        return ahead
    if current is not None and _fits(items[current], sign):
        return current
    return None


def _fits(item: Item, sign: str) -> bool:
    return item.kind == "subject" and (item.value, sign) in _signs()


def _claim(items: Sequence[Item], subject: int, place: int) -> Claim:
    first, last = min(subject, place), max(subject, place)
    near = [*items[max(0, first - 2) : last + 1]]
    if last + 1 < len(items) and (last + 2 == len(items) or items[last + 2].kind not in ("sign", "subject")):
        near.append(items[last + 1])  # "T changes, unspecific", and not "low voltage, unspecific T changes"
    unspecific = any(item.kind == "qualifier" for item in near)
    slight = items[subject].value == "STT" and any(item.kind == "severity" and item.value == "slight" for item in near)
    exact, broad = _signs()[items[subject].value, items[place].value.rstrip("!")]
    claim = claim_of(broad if unspecific or slight else exact, items, first, last, "shape")
    claim.generic = items[place].value in GENERIC and items[subject].value in ("ST", "T", "STT")
    claim.at = place
    claim.unspecific, claim.wave = unspecific, items[subject].value
    claim.location = _location(items, last)
    return claim


def _location(items: Sequence[Item], last: int) -> tuple[str, ...]:
    """The leads or walls that follow, and the walls before."""
    found: list[str] = []
    for place in range(last + 1, len(items)):
        item = items[place]
        if item.kind not in _PLACES or item.value == ")" or (item.kind == "none" and found):
            break
        if item.kind == "wall" and not _named_place(items, place):
            break
        if item.kind in ("lead", "wall"):
            found.append(item.value)
        elif item.kind == "number" and found and found[-1].startswith("v"):
            found += [f"v{one}" for one in item.value.replace(".", ",").split(",")]
    return tuple(found)


def _named_place(items: Sequence[Item], place: int) -> bool:
    """Whether a wall stands for leads: "in inferior leads"."""
    before = next((one for one in reversed(items[:place]) if one.kind not in ("wall", "link", "mark")), None)
    after = next((one for one in items[place + 1 :] if one.kind not in ("wall", "link", "mark")), None)
    return bool((before and before.kind == "in") or (after and after.kind == "in"))


def placed_walls(items: Sequence[Item]) -> set[int]:
    """The places of walls that say where a wave was seen, so that they belong to no infarct."""
    shaped = False
    found = set()
    for place, item in enumerate(items):
        if item.kind in ("sign", "subject"):
            shaped = True
        elif item.kind in ("core", "finding"):
            shaped = False
        elif item.kind == "wall" and shaped and _named_place(items, place):
            found.add(place)
    return found


def _q_wave(items: Sequence[Item], place: int) -> Claim | None:
    """Q waves are a finding where they are called abnormal, or seen in other leads than III alone."""
    leads = set(_location(items, place))
    near = items[max(0, place - 1) : place + 2]
    called = any(item.kind == "sign" and item.value == "abnormal" for item in near)
    bare = not leads and not any(item.kind == "wall" for item in near) and items[place].end - items[place].start == 1
    if (bare or leads == {"iii"}) and not called:
        return None
    claim = claim_of("QWAVE", items, place, place, "shape")
    claim.location = tuple(sorted(leads))
    return claim


@cache
def _signs() -> dict[tuple[str, str], tuple[str, str]]:
    return {(row["subject"], row["sign"]): (row["codes"], row["unspecific"]) for row in rows("signs")}
