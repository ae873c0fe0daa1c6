"""The gate's table of wordings, `tables/gate.csv`, and where they stand in a text.

A row has a kind, a scope, codes, a reason and patterns. A pattern is words: "a/b" is either, "a?" may be missing,
"*" stands for any letters, "#" for a number, and a "*" by itself for any word (at the end: for one or none).
"""

from __future__ import annotations

import csv
import pkgutil
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from einthoven.statements.parse.normalise import Token, fold

ENDS = frozenset(".;!\n")
"""Marks that no pattern reaches across."""

_KEY = 2
"""Letters of a pattern's first word that it is looked up by."""


@dataclass(frozen=True)
class Meaning:
    """What a row of the table says of its wordings.

    Args:
        kind: "finding", "technical", "demographic", "comparison", "unknown".
        scope: of a note, what it makes of its surroundings: "words", "sentence", "rest", "text". Of a finding: "also"
            (beside others), "alone" (only where nothing more exact is named), "verdict" and "borderline".
        codes: SCP codes, `aha:NUMBER` or `snomed:NUMBER`.
        reason: why it is not described, as the end of a sentence that begins with "it".
    """

    kind: str
    scope: str
    codes: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Found:
    """A wording in a text: the places of its first word and of the one after its last, and what it means."""

    first: int
    after: int
    meaning: Meaning


@dataclass(frozen=True)
class _Part:
    words: re.Pattern[str]
    optional: bool


def find(words: Sequence[Token]) -> list[Found]:
    """The wordings of the table in a text, the longest at each place, none inside another.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> [one.meaning.kind for one in find(tokens("Linkstyp, Elektrodenvertauschung?"))]
    ['finding', 'technical']
    """
    by_start, anywhere, _ = _table()
    found: list[Found] = []
    place = 0
    while place < len(words):
        best: Found | None = None
        form = words[place].form
        if form[0].isalnum():
            for parts, meaning in (*by_start.get(form[:_KEY], ()), *anywhere):
                after = _reach(words, place, parts) if parts[0].words.fullmatch(form) else 0
                if after > (best.after if best else place):
                    best = Found(place, after, meaning)
        if best is not None:
            found.append(best)
        place = best.after if best else place + 1
    return found


def mention(name: str) -> Meaning | None:
    """What a mention of the parser (`Parsed.mentions`) is; None for one that names no finding."""
    return _table()[2].get(name)


def _reach(words: Sequence[Token], place: int, parts: Sequence[_Part]) -> int:
    """The place after the last word that the parts take from a place on; 0 where they do not fit."""
    while place < len(words) and not words[place].form[0].isalnum() and words[place].form not in ENDS:
        place += 1
    if not parts:
        return place
    fits = place < len(words) and words[place].form[0].isalnum() and parts[0].words.fullmatch(words[place].form)
    taken = _reach(words, place + 1, parts[1:]) if fits and parts[1:] else (place + 1 if fits else 0)
    if taken or not parts[0].optional:
        return taken
    return _reach(words, place, parts[1:]) if parts[1:] else _before(words, place)


def _before(words: Sequence[Token], place: int) -> int:
    """The place after the last word before a place, marks between them left out."""
    while place and not words[place - 1].form[0].isalnum():
        place -= 1
    return place


_Rows = dict[str, list[tuple[tuple[_Part, ...], Meaning]]]


@cache
def _table() -> tuple[_Rows, list[tuple[tuple[_Part, ...], Meaning]], dict[str, Meaning]]:
    """Patterns by the first letters of their first word, those that may begin with any, and the mentions."""
    data = pkgutil.get_data("einthoven.knowledge", "tables/gate.csv")
    if data is None:
        raise FileNotFoundError("einthoven/knowledge/tables/gate.csv")
    by_start: _Rows = {}
    anywhere: list[tuple[tuple[_Part, ...], Meaning]] = []
    mentions: dict[str, Meaning] = {}
    for row in csv.DictReader(data.decode("utf-8").splitlines()):
        meaning = Meaning(row["kind"], row["scope"], tuple(row["codes"].split()), row["reason"])
        for pattern in row["patterns"].split(";"):
            words = pattern.split()
            if meaning.kind == "mention":
                mentions[words[0].lstrip("@")] = Meaning("finding", "also", meaning.codes, "")
                continue
            if words[-1] == "*":
                words[-1:] = [] if meaning.kind == "finding" else ["*?"]
            while words:
                parts = tuple(_part(word) for word in words)
                for start in _starts(words[0]):
                    (by_start.setdefault(start, []) if start else anywhere).append((parts, meaning))
                words = words[1:] if parts[0].optional else []
    return by_start, anywhere, mentions


def _part(word: str) -> _Part:
    choices = word.split("/")
    return _Part(
        re.compile("|".join(_expression(choice.rstrip("?")) for choice in choices)),
        any(choice.endswith("?") for choice in choices),
    )


def _expression(choice: str) -> str:
    if choice == "#":
        return r"\d+(?:[.,]\d+)?"
    return ".*".join(re.escape(fold(piece)) for piece in choice.split("*"))


def _starts(word: str) -> Iterator[str]:
    """The first letters that a word may have; "" for any."""
    starts = set()
    for choice in word.split("/"):
        plain = fold(choice.rstrip("?").split("*")[0].split("#")[0])
        whole = not set("*#") & set(choice)
        starts.add(plain[:_KEY] if whole or len(plain) >= _KEY else "")
    yield from [""] if "" in starts else starts
