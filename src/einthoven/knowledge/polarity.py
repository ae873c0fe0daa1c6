"""Which way waves point in which lead by a text, so that a lead of which the contrary is said can be found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import NamedTuple

from einthoven.knowledge.handbook_sentence import leads_in
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.stems import OPPOSED, meaning_of
from einthoven.knowledge.words import search_words

_SIGN = next(group for group in OPPOSED if "upright" in group)
LEVEL = next(group for group in OPPOSED if "up" in group)
_PARTS = re.compile(r"[,;:()]|\b(?:and|but|while|whereas|with|or)\b")
_WAVES = re.compile(r"\b(?:(P|Q|R|S|T|U|QRS|QS|ST|J)(?=[- ]|\b)|(delta|flutter|fibrillation))(?!\w)")
_SAYS_NEITHER = re.compile(
    r"\b(?:no|not|never|without|absent|cannot|neither|nor|part|parts|biphasic|diphasic|terminal|initial)\b", re.I
)
_WALLS: Mapping[re.Pattern[str], tuple[str, ...]] = {
    re.compile(r"\binferior leads", re.I): ("II", "III", "aVF"),
    re.compile(r"(?<!high )(?<!low )\blateral leads", re.I): ("I", "aVL", "V5", "V6"),
}
_ONLY_A_WAVE = re.compile(r"\s*(?:(?:the|a|an)\s+)?[\w-]+(?:\s+(?:waves?|complex(?:es)?|segments?))?\s*", re.I)


class Pointing(NamedTuple):
    """That a wave points some way in a lead; `wave` or `lead` is "" where the text does not say which."""

    lead: str
    wave: str
    way: str


def pointings(sentence: str) -> Iterator[Pointing]:
    """What a sentence says of the direction of waves, lead by lead; of ST alone, whether it is raised or depressed.

    >>> sorted(pointings("Flutter waves are negative in II and III, and positive in V1"))[-1]
    Pointing(lead='V1', wave='flutter', way='upright')
    """
    waves: frozenset[str] = frozenset()
    for pieces in _clauses(sentence):
        clause = ", ".join(pieces)
        waves = _meant(pieces) or waves
        ways = _ways(clause, waves)
        if len(ways) == 1 and not _SAYS_NEITHER.search(clause):
            leads = sorted(leads_meant(clause)) or ([""] if waves else [])
            yield from (Pointing(*one) for one in product(leads, sorted(waves or {""}), ways))


def contrary(sentence: str, others: str) -> str:
    """Why a sentence and what the others say of a lead cannot both hold, in words; empty where they can.

    The others are in the wrong only where they say the contrary of the same wave, and nowhere the same.

    >>> contrary("Flutter waves are negative in V1.", "Flutter waves are negative in II and positive in V1.")
    'the passages say upright in V1, not inverted'
    """
    known = [one for other in sentences_of(others) for one in pointings(other)]
    for lead, wave, way in pointings(sentence):
        near = [one for one in known if not wave or not one.wave or one.wave == wave]
        there = {one.way for one in near if one.lead == lead or not lead}
        opposed = there & next(group for group in (_SIGN, LEVEL) if way in group)
        if opposed and way not in opposed:
            where = f"in {lead}" if lead else f"of {wave}"
            return f"the passages say {' and '.join(sorted(opposed))} {where}, not {way}"
    return ""


def _clauses(sentence: str) -> Iterator[list[str]]:
    """Pieces with one direction each; leads that go on a list stay with the direction before them."""
    gathered: list[str] = []
    for piece in _PARTS.split(sentence.rstrip(".")):
        if _directed(piece) and any(map(_directed, gathered)):
            yield gathered
            gathered = []
        gathered.append(piece)
    yield gathered


def _meant(pieces: list[str]) -> frozenset[str]:
    """The waves that a clause's direction is said of: beside it or in a list with it, else those of the clause."""
    first = next((place for place, piece in enumerate(pieces) if _directed(piece)), None)
    said = frozenset[str]() if first is None else _waves(pieces[first])
    if first is None or not said:
        return _waves(", ".join(pieces))
    for beside in (pieces[first + 1 :], pieces[:first][::-1]):
        for piece in beside:
            if piece.strip() and not (_waves(piece) and _ONLY_A_WAVE.fullmatch(piece)):
                break
            said |= _waves(piece)
    return said


def _directed(text: str) -> bool:
    return bool(_meanings(text) & (_SIGN | LEVEL))


def _ways(clause: str, waves: frozenset[str]) -> frozenset[str]:
    said = _meanings(clause)
    return said & _SIGN or (said & LEVEL if waves == {"ST"} else frozenset())


def _meanings(text: str) -> frozenset[str]:
    return frozenset(map(meaning_of, search_words(text)))


def _waves(clause: str) -> frozenset[str]:
    return frozenset((match[1] or match[2]) for match in _WAVES.finditer(clause.replace("Flutter", "flutter")))


def leads_meant(clause: str) -> set[str]:
    """The leads that a clause names, those of a wall by their names."""
    walls = (leads for wall, leads in _WALLS.items() if wall.search(clause))
    return leads_in(clause).union(*walls)
