"""The gate's table of wordings, `tables/gate.csv`, and where they stand in a text.

A row has a kind, a scope, codes, a reason and patterns. A pattern is words: "a/b" is either, "a?" may be missing,
"*" stands for any letters, "#" for a number, a "*" by itself for any word with no mark before it (at the end: for one
or none), and "<name>" for any word of a list: a row of the kind "list" with that name as its scope.
"""

from __future__ import annotations

import csv
import pkgutil
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from einthoven.statements.parse.normalise import Token, fold

ENDS = frozenset(".;!\n")
"""Marks that no pattern reaches across."""

_KEY = 2
"""Letters of a pattern's first word that it is looked up by."""

_REMEMBERED = 10_000
"""Words whose patterns are kept: a text of noise must not fill the memory."""

_LONGEST_WORD = 100
"""Letters; what is longer is no word of a report, and patterns with several `*` would take minutes over it."""

_LIST = re.compile(r"<(\w+)>(\??)")


@dataclass(frozen=True)
class Meaning:
    """What a row of the table says of its wordings.

    Args:
        kind: "finding", "technical", "demographic", "comparison", "unknown".
        scope: of a note, what goes with it: its "words", its "clause", its "sentence", the sentence "after" it, the
            "rest", the whole "text"; or nothing: its words are "kept", or no more than a "hint" of the kind where
            nothing else tells it.
            Of a finding: "also" (beside others), "alone" (only where nothing more exact is named), "verdict", and
            what is one but is not described: "borderline", "measured".
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
    any_word: bool


_Pattern = tuple[tuple[_Part, ...], Meaning]


def find(words: Sequence[Token]) -> list[Found]:
    """The wordings of the table in a text, the longest at each place, none inside another.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> [one.meaning.kind for one in find(tokens("Linkstyp, Elektrodenvertauschung?"))]
    ['finding', 'technical']
    """
    found: list[Found] = []
    place = 0
    while place < len(words):
        best: Found | None = None
        for parts, meaning in _beginning(words[place].form):
            after = _reach(words, place, parts)
            if after > (best.after if best else place):
                best = Found(place, after, meaning)
        if best is not None:
            found.append(best)
        place = best.after if best else place + 1
    return found


def mention(name: str) -> Meaning | None:
    """What a mention of the parser (`Parsed.mentions`) is; None for one that names no finding."""
    return _table().mentions.get(name)


@cache
def listed(name: str) -> frozenset[str]:
    """The words of a list of the table, as they are written there."""
    return frozenset(_table().lists[name].split("/"))


@lru_cache(_REMEMBERED)
def _beginning(form: str) -> tuple[_Pattern, ...]:
    """The patterns that may begin with a word; reports have few words, and each is looked up once."""
    if not form[0].isalnum() or len(form) > _LONGEST_WORD:
        return ()
    near = (*_table().by_start.get(form[:_KEY], ()), *_table().anywhere)
    return tuple(pattern for pattern in near if pattern[0][0].words.fullmatch(form))


def _reach(words: Sequence[Token], place: int, parts: Sequence[_Part]) -> int:
    """The place after the last word that the parts take from a place on; 0 where they do not fit."""
    start = place
    while place < len(words) and not words[place].form[0].isalnum() and words[place].form not in ENDS:
        place += 1
    if not parts:
        return place
    there = place < len(words) and words[place].form[0].isalnum() and not (parts[0].any_word and place > start)
    fits = there and len(words[place].form) <= _LONGEST_WORD and parts[0].words.fullmatch(words[place].form)
    taken = _reach(words, place + 1, parts[1:]) if fits and parts[1:] else (place + 1 if fits else 0)
    if taken or not parts[0].optional:
        return taken
    return _reach(words, place, parts[1:]) if parts[1:] else _before(words, place)


def _before(words: Sequence[Token], place: int) -> int:
    """The place after the last word before a place, marks between them left out."""
    while place and not words[place - 1].form[0].isalnum():
        place -= 1
    return place


@dataclass(frozen=True)
class _Table:
    """Patterns by the first letters of their first word, those that may begin with any, mentions, lists of words."""

    by_start: dict[str, list[_Pattern]] = field(default_factory=dict)
    anywhere: list[_Pattern] = field(default_factory=list)
    mentions: dict[str, Meaning] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)


@cache
def _table() -> _Table:
    data = pkgutil.get_data("einthoven.knowledge", "tables/gate.csv")
    if data is None:
        raise FileNotFoundError("einthoven/knowledge/tables/gate.csv")
    table = _Table()
    for row in csv.DictReader(data.decode("utf-8").splitlines()):
        meaning = Meaning(row["kind"], row["scope"], tuple(row["codes"].split()), row["reason"])
        if meaning.kind == "list":
            table.lists[meaning.scope] = row["patterns"]
        elif meaning.kind == "mention":
            table.mentions[row["patterns"].lstrip("@")] = Meaning("finding", "also", meaning.codes, "")
        else:
            for pattern in row["patterns"].split(";"):
                _enter(table, pattern.split(), meaning)
    return table


def _enter(table: _Table, words: list[str], meaning: Meaning) -> None:
    words = [_LIST.sub(lambda name: _optional(table.lists[name[1]], name[2]), word) for word in words]
    if words[-1] == "*":
        words[-1:] = [] if meaning.kind == "finding" else ["*?"]
    while words:
        parts = tuple(_part(word) for word in words)
        for start in _starts(words[0]):
            (table.by_start.setdefault(start, []) if start else table.anywhere).append((parts, meaning))
        words = words[1:] if parts[0].optional else []


def _optional(words: str, mark: str) -> str:
    return "/".join(word + mark for word in words.split("/"))


def _part(word: str) -> _Part:
    choices = word.split("/")
    return _Part(
        re.compile("|".join(_expression(choice.rstrip("?")) for choice in choices)),
        any(choice.endswith("?") for choice in choices),
        word.rstrip("?") == "*",
    )


def _expression(choice: str) -> str:
    kinds = {"*": ".*", "#": r"\d+(?:[.,]\d+)?"}
    return "".join(kinds.get(piece) or re.escape(fold(piece)) for piece in re.split("([*#])", choice))


def _starts(word: str) -> Iterator[str]:
    """The first letters that a word may have; "" for any."""
    starts = set()
    for choice in word.split("/"):
        plain = fold(choice.rstrip("?").split("*")[0].split("#")[0])
        whole = not set("*#") & set(choice)
        starts.add(plain[:_KEY] if whole or len(plain) >= _KEY else "")
    yield from [""] if "" in starts else starts
