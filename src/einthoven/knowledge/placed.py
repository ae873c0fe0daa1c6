"""Whether what a sentence says of a lead is what its passages say of that lead, and not of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from einthoven.knowledge.polarity import leads_meant
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.stems import COMMON, meaning_of
from einthoven.knowledge.words import search_words

SAID = 0.6
"""The share of a clause's words that a passage must hold somewhere, for this check to judge it."""
ELSEWHERE = 0.34
"""How much less of them may be said of the lead itself."""

_PARTS = re.compile(r"[,;:()]|\b(?:and|but|while|whereas|or)\b")
_LEAD = re.compile(r"\b(?:aV[RLF]|V[1-9]|I{1,3})\b|\b(?:inferior|(?:high |low )?lateral) leads\b", re.I)
_TO = re.compile(r"\b(V[1-9]|I{1,3}|aV[RLF]) (?:to|through|as far as) (V[1-9]|I{1,3}|aV[RLF])\b")
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?\s?(?:ms|mV|mm|s|bpm|degrees|%)?(?![\w])")


class Clause(NamedTuple):
    """Leads that stand together, and the words that are said of them."""

    leads: frozenset[str]
    words: frozenset[str]


def clauses(sentence: str) -> Iterator[Clause]:
    """A sentence's clauses: a list of leads goes with the words that it stands beside.

    >>> [sorted(one.leads) for one in clauses("I and aVL show a qR complex, II and aVF an rS complex")]
    [['I', 'aVL'], ['II', 'aVF']]
    """
    said = ""
    waiting = ""
    for piece in _PARTS.split(_TO.sub(r"\1-\2", sentence.rstrip("."))):
        words = _words(piece)
        if not words and not _LEAD.search(piece):
            continue
        if not words:  # only leads: of the list that ends before them, or of what is to come
            if said and not waiting and _ends_on_lead(said):
                said += f", {piece}"
            else:
                waiting += f", {piece}"
            continue
        if said and _LEAD.search(said) and (waiting or _LEAD.search(piece)):
            yield _clause(said)
            said = ""
        said = f"{said} {waiting} {piece}"
        waiting = ""
    if said or waiting:
        yield _clause(f"{said} {waiting}")


def elsewhere(sentence: str, passages: str) -> str:
    """Why what is said of a lead is said of others, in words; empty where it is not.

    >>> elsewhere("V1 has an rS complex.", "V1 and V2 show a QS complex; an rS complex stands in III.")
    'the passages say that of other leads, not of V1'
    """
    there = _clauses_of(passages)
    for clause in clauses(sentence):
        if not clause.leads or not clause.words:
            continue
        if max((_share(clause, one) for one in there), default=0.0) < SAID:
            continue  # not said so of anything; the other checks judge it
        best = max(_share(clause, one) for one in there)
        for lead in sorted(clause.leads):
            own = max((_share(clause, one) for one in there if not one.leads or lead in one.leads), default=0.0)
            if own + ELSEWHERE <= best:
                return f"the passages say that of other leads, not of {lead}"
    return ""


@lru_cache(2000)
def _clauses_of(text: str) -> tuple[Clause, ...]:
    return tuple(clause for sentence in sentences_of(text) for clause in clauses(sentence))


def _clause(text: str) -> Clause:
    return Clause(frozenset(leads_meant(text)), _words(text))


def _words(text: str) -> frozenset[str]:
    plain = _NUMBER.sub(" ", _LEAD.sub(" ", text))
    return frozenset(meaning_of(word) for word in search_words(plain) if word not in COMMON and not word[0].isdigit())


def _ends_on_lead(text: str) -> bool:
    return re.search(rf"(?:{_LEAD.pattern})\s*$", text, re.I) is not None


def _share(clause: Clause, other: Clause) -> float:
    return len(clause.words & other.words) / len(clause.words)
