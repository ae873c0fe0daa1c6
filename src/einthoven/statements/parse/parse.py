"""The text of an ECG report to statements: German, English and Swedish, and what carts write.

No text raises an error, and time grows with its length alone. Parts of the way: `normalise` (letters), `lexicon` and
`split` (words and sentences), `match` (phrases), `waves`, `places` and `quoted` (claims), `stance` (how sure),
`former` (no more).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from einthoven.statements.parse.claim import Claim, between, claim_of
from einthoven.statements.parse.former import without_former
from einthoven.statements.parse.lexicon import lexicon
from einthoven.statements.parse.match import Item, items
from einthoven.statements.parse.mentions import mark_urgent, mentions_of
from einthoven.statements.parse.places import WALLS, codes_of, cores
from einthoven.statements.parse.quoted import quoted
from einthoven.statements.parse.split import sentences
from einthoven.statements.parse.stance import weigh
from einthoven.statements.parse.stated import Parsed, Stated
from einthoven.statements.parse.synonyms import Synonyms
from einthoven.statements.parse.waves import lone_verdict, placed_walls, waves

_PLACES = ("in", "lead", "mark", "wall", "number", "none", "severity", "link")
_BRACKETS = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_DATES = re.compile(
    r"\b\d{1,2}[-.](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[-.]\d{2,4}\b"
    r"|(?<=\bvom )\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})?",
    re.IGNORECASE,
)
_BREAKS = ("core", "finding", "subject", "cue", "mark", "sign")


def parse_report(text: str, synonyms: Synonyms | None = None) -> Parsed:
    """What a report says, in SCP codes with polarity, wall or leads, severity and place.

    Args:
        synonyms: a site's own phrases, which go before the tables.

    >>> [(one.code, one.polarity) for one in parse_report("Sinusrhythmus, V.a. Hinterwandinfarkt").statements]
    [('SR', 'present'), ('IMI', 'possible')]
    >>> parse_report("No atrial fibrillation. A wobbly thing.").unparsed
    ('wobbly thing',)
    """
    all_claims: list[Claim] = []
    earlier: list[Claim] = []
    unparsed: list[str] = []
    mentions: list[str] = []
    languages: Counter[str] = Counter()
    carrier = ""
    in_edit = False
    for words in sentences(_without_criteria(text), lexicon(), synonyms):
        languages.update(word.language for word in words if word.language)
        read, in_edit = quoted(words, in_edit)
        line = items(read)
        claims = _claims(line, carrier)
        mark_urgent(line, claims)
        weigh(line, claims, earlier)
        earlier = claims
        _voltage_alone(claims)
        all_claims += claims
        mentions += mentions_of(line, claims)
        unparsed += _unread(text, line)
        carrier = next((item.value for item in reversed(line) if item.kind == "subject"), carrier if in_edit else "")
    language = languages.most_common(1)[0][0] if languages else None
    found = [one for claim in all_claims if not claim.dropped for one in _stated(claim)]
    return Parsed(without_former(text, found), tuple(unparsed), language, tuple(dict.fromkeys(mentions)))


def _without_criteria(text: str) -> str:
    """Blanks for what carts add in brackets as the reason: "(RaVL > 1.1 mV & LVH)" states no hypertrophy.

    And for dates of earlier tracings: no "may" weighs what follows "ECG of 04-MAY-2012", and "vom 3.2." ends nothing.
    """
    blanked = _DATES.sub(lambda found: " " * len(found[0]), text)
    return _BRACKETS.sub(lambda found: " " * len(found[0]) if set("<>") & set(found[0]) else found[0], blanked)


def _claims(line: Sequence[Item], carrier: str) -> list[Claim]:
    fixed = [claim_of(item.value, line, at, at, "finding") for at, item in enumerate(line) if item.kind == "finding"]
    coded = [_of_code(line, at) for at, item in enumerate(line) if item.kind == "code"]
    shapes = waves(line)
    caused = cores(line, carrier, placed_walls(line))
    claims = sorted([*fixed, *coded, *shapes, *caused], key=lambda claim: (claim.first, claim.last))
    verdict = lone_verdict(line)
    if verdict:
        claims.append(verdict)
    _yield_to_causes(line, claims)
    for claim in claims:
        claim.severity = _severity(line, claim)
    return claims


def _of_code(line: Sequence[Item], place: int) -> Claim:
    """A code that the text quotes: a number below 50 beside it says possible, 0 absent."""
    code = line[place].value
    after = line[place + 1] if place + 1 < len(line) else None
    if after and after.kind == "number" and after.value.isdigit():
        number = int(after.value[:4])
        return claim_of(f"{code}{'-' if number == 0 else '?' if number < 50 else ''}", line, place, place, "code")
    return claim_of(code, line, place, place, "code")


def _yield_to_causes(line: Sequence[Item], claims: Sequence[Claim]) -> None:
    """ "ST & T abnormal, probably inferior ischaemia" says the ischaemia alone, "T changes: negative" the shape."""
    for one, other in pairwise(claims):
        parted = between(line, one.last, other.first)
        if one.generic and other.kind == "shape" and not other.generic and one.wave == other.wave:
            one.dropped = all(item.kind in _PLACES for item in parted)
        if one.generic and other.kind == "core" and _gives_cause(parted):
            one.dropped = True
            if not other.walls and (walls := _walls_of(line, one)):
                other.codes = codes_of(other.core, walls)
                other.stances = ["present"] * len(other.codes)
                other.location = tuple("+".join(wall) for wall in walls)


def _gives_cause(parted: Sequence[Item]) -> bool:
    return any(item.kind == "cue" for item in parted) and not any(item.kind == "subject" for item in parted)


def _walls_of(line: Sequence[Item], claim: Claim) -> tuple[tuple[str, ...], ...]:
    """The wall that a change is seen in: "lateral ST-T changes", "ST-T changes in lateral leads"."""
    before = claim.first - 1
    while before >= 0 and line[before].kind in ("qualifier", "severity"):
        before -= 1
    named = [line[before].value] if before >= 0 and line[before].kind == "wall" else []
    after = claim.last + 1
    while after < len(line) and line[after].kind in ("wall", "link", "in", "lead"):
        named += [line[after].value] if line[after].kind == "wall" else []
        after += 1
    named += [place for place in claim.location if place in WALLS and place not in named]
    return tuple(tuple(place.split("+")) for place in named)


def _voltage_alone(claims: Sequence[Claim]) -> None:
    """Hypertrophy that high voltages suggest is VCLVH, and no more than that."""
    high = [claim for claim in claims if claim.codes == ("HVOLT",)]
    for claim in claims:
        if claim.codes == ("LVH",) and any(other.first < claim.first for other in high):
            claim.codes, claim.stances = ("VCLVH",), ["present"]
            for other in high:
                other.dropped = True


def _severity(line: Sequence[Item], claim: Claim) -> str:
    near = line[max(0, claim.first - 2) : claim.last + 1]
    return next((item.value for item in reversed(near) if item.kind == "severity"), "")


def _stated(claim: Claim) -> list[Stated]:
    return [
        Stated(
            code,
            stance,
            claim.location,
            claim.severity,
            (claim.start, claim.end),
            claim.unspecific,
            claim.likely and stance == "possible",
        )
        for code, stance in zip(claim.codes, claim.stances, strict=True)
    ]


def _unread(text: str, line: Sequence[Item]) -> list[str]:
    """The phrases around words that are not known, as the text has them."""
    found: list[str] = []
    run: list[Item] = []
    for item in [*line, None]:
        if item is not None and item.kind not in _BREAKS:
            run.append(item)
            continue
        unknown = [at for at, one in enumerate(run) if one.kind == "unknown"]
        if unknown:
            first, last = run[unknown[0]], run[unknown[-1]]
            found.append(" ".join(text[first.start : last.end].split()))
        run = []
    return found
