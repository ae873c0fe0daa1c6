"""What a statement says is known from before, and not there now: "known AF, currently not in AF"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from einthoven.knowledge.phrases import ENDS, Found, Meaning
from einthoven.statements.parse.former import COMES_AND_GOES, SINUS
from einthoven.statements.parse.normalise import Token, fold

Codes = Callable[[str], tuple[tuple[str, ...], tuple[str, ...]]]
"""The codes that a text states, and those that it denies."""

PAST = Meaning("comparison", "words", (), "speaks of what is known from before, and is said not to be there now")


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


_NOW = _words(
    "now currently presently today aktuell aktuelle aktueller aktuelles aktuellen aktuellem jetzt nun derzeit "
    "derzeitig momentan zurzeit heute heutige heutigen heutigem gegenwärtig nu idag"
)
_NOW_TWO = frozenset(
    [
        *("at present", "this time", "the moment", "im moment", "zur zeit", "this ecg", "this ekg", "this tracing"),
        *("this recording", "diesem ekg", "dieser aufnahme"),
    ]
)
_KNOWN = ("known", "bekannt", "vorbekannt", "kant", "kand", "anamn", "histor")
_COMING_AND_GOING = ("parox", "intermitt", "episod")
_NONE = _words("no not none never absent gone kein keine keiner keines nicht inte")
_BARE = _words(
    "is in it any evidence of at ecg on the present time moment seen evident found there detected detectable visible "
    "apparent longer more this tracing recording zeit zur im ekg mehr nachweisbar vorhanden erkennbar sichtbar "
    "nachgewiesen zu sehen ist sind diesem dieser aufnahme but aber and und"
)
_BLOCKS = frozenset(["CLBBB", "CRBBB", "IVCD", "aha:107", "snomed:6374002"])
_NARROW = ("narrow", "schmal")
_SAME = {"aha:108": "WPW", "snomed:195060002": "WPW"}
_TURN = frozenset(["but", "aber", "jedoch", "however", "men"])
_CUTS = frozenset([*ENDS, ",", ":", "(", ")"])


@dataclass(frozen=True)
class _Clause:
    """A clause: its places, its words, whether it speaks of now, and the codes that it states and denies."""

    places: range
    forms: frozenset[str]
    now: bool
    stated: frozenset[str]
    denied: frozenset[str]

    def has(self, *beginnings: str) -> bool:
        return any(form.startswith(beginnings) for form in self.forms)


def past(words: Sequence[Token], codes: Codes) -> list[Found]:
    """The clauses of a statement that name what another one says is not there now, as notes.

    Args:
        words: of the statement.
        codes: reads a clause, which is given as its words.
    """
    places = list(_clauses(words))
    if len(places) == 1 or not any(word.form in _NOW or word.form.startswith(_KNOWN) for word in words):
        return []
    clauses = [_read(words, one, codes) for one in places]
    return [
        Found(one.places.start, one.places.stop, PAST)
        for at, one in enumerate(clauses)
        if one.stated and not one.now and any(_ended(one, other, later - at) for later, other in enumerate(clauses))
    ]


def _ended(one: _Clause, other: _Clause, later: int) -> bool:
    """Whether a clause, so many places later, says that what `one` states is not there, or names what is instead."""
    known = one.has(*_KNOWN)
    if later == 0 or not (known or other.now):
        return False
    if one.stated & other.denied:
        return True
    bare = other.forms & _NONE and other.forms <= _NOW | _NONE | _BARE
    if later == 1 and (bare or (one.stated & _BLOCKS and other.has(*_NARROW))):
        return True
    instead = bool(SINUS & other.stated) and not one.stated & other.stated
    return instead and bool(one.stated & COMES_AND_GOES) and (known or later > 0 or one.has(*_COMING_AND_GOING))


def _read(words: Sequence[Token], places: range, codes: Codes) -> _Clause:
    forms = [word.form for word in words[places.start : places.stop]]
    stated, denied = ({_SAME.get(code, code) for code in some} for some in codes(" ".join(forms)))
    return _Clause(places, frozenset(forms), _of_now(forms), frozenset(stated), frozenset(denied))


def _of_now(forms: Sequence[str]) -> bool:
    return not _NOW.isdisjoint(forms) or any(f"{one} {other}" in _NOW_TWO for one, other in pairwise(forms))


def _clauses(words: Sequence[Token]) -> Iterator[range]:
    """Up to a mark or a turn, or up to "now" where more follows: "paroxysmal AF currently sinus rhythm"."""
    cuts = [0]
    for place, word in enumerate(words):
        if word.form in _CUTS:
            cuts += [place, place + 1]
        elif word.form in _TURN:
            cuts.append(place)
        elif word.form in _NOW and place > cuts[-1]:
            more = place + 1 < len(words) and words[place + 1].is_word
            begin = place - (words[place - 1].form in _NONE)
            cuts += [begin] if more and begin > cuts[-1] else []
    cuts.append(len(words))
    for first, after in pairwise(cuts):
        if any(word.is_word for word in words[first:after]):
            yield range(first, after)
