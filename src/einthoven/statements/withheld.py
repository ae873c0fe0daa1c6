"""Groups of codes that a model can be trained without, and whether a text tells of them all the same.

A model knows a label only by its description if no text that it was trained on held the label in any wording. The
five groups are closed: what implies a code, is implied by it, or has its wording within its own, is in the same group.
Sinus rhythms and the normal ECG are in none, for without them few texts would be left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

from einthoven.statements.parse import parse_report
from einthoven.statements.parse.normalise import tokens
from einthoven.statements.suggest import unknown
from einthoven.statements.table import rows
from einthoven.statements.term import LANGUAGES
from einthoven.statements.wordings import wordings

Words = tuple[str, ...]


@cache
def withheld_groups() -> Mapping[str, tuple[str, ...]]:
    """The codes of each group.

    >>> {name: len(codes) for name, codes in withheld_groups().items()}
    {'conduction': 10, 'rhythm': 15, 'hypertrophy': 8, 'infarction': 9, 'repolarisation': 24}
    """
    found: dict[str, list[str]] = {}
    for row in rows("withheld"):
        found.setdefault(row["group"], []).append(row["code"])
    return {name: tuple(codes) for name, codes in found.items()}


def withheld(group: str) -> tuple[str, ...]:
    """The codes of one group.

    Raises:
        UsageError: there is no such group.
    """
    groups = withheld_groups()
    if group not in groups:
        raise unknown("group of codes", group, groups)
    return groups[group]


def told_of(text: str, codes: Collection[str]) -> tuple[str, ...]:
    """Which of the codes a text tells of, whatever it says of them: by a wording of theirs, or as reports are read.

    A finding that is denied, possible or of an earlier ECG is told of, too.

    >>> told_of("Sinus rhythm, no left bundle branch block", ["CLBBB", "LVH"])
    ('CLBBB',)
    >>> told_of("LVH by voltage; V.a. Linksherzhypertrophie", ["LVH"]), told_of("Sinusrhythmus", ["LVH"])
    (('LVH',), ())
    """
    words = [token.form for token in tokens(text)]
    read = {one.code for one in parse_report(text).statements}
    return tuple(code for code in codes if code in read or any(_within(said, words) for said in _worded(code)))


@cache
def _worded(code: str) -> frozenset[Words]:
    said = (wording for language in LANGUAGES for wording in wordings(code, language))
    return frozenset(tuple(token.form for token in tokens(wording)) for wording in said)


def _within(said: Words, words: list[str]) -> bool:
    first, length = said[0], len(said)
    return any(word == first and tuple(words[at : at + length]) == said for at, word in enumerate(words))
