"""What the words of a question mean, so that German finds English and one name of a finding another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from einthoven.knowledge.stems import meaning_of
from einthoven.statements import VOCABULARY
from einthoven.statements.parse import parse_report
from einthoven.statements.parse.lexicon import IGNORED, Entry, lexicon
from einthoven.statements.parse.normalise import tokens

_LONGEST = 8
"""Words of a group, at most."""


def lemmas(text: str) -> list[str]:
    """Meanings of words and word groups in their order, by the tables that reports are read with.

    German, Swedish and English words of one meaning are equal, compounds are taken apart, and words that say nothing
    are left out. What the tables do not know stays as a stem.

    >>> lemmas("Vorhofflimmern") == lemmas("the atrial fibrillation")
    True
    """
    words = [token.form for token in tokens(text) if token.form[0].isalnum()]
    return [meaning for meanings in _meant(words) for meaning in meanings]


def codes_named(text: str) -> frozenset[str]:
    """The SCP codes of findings that a question names and does not deny; empty where it only describes them.

    >>> sorted(codes_named("Was ist ein Linksschenkelblock?"))
    ['CLBBB']
    """
    said = parse_report(text).statements
    return frozenset(one.code for one in said if one.polarity != "absent" and one.code in VOCABULARY)


def _meant(words: list[str]) -> Iterator[tuple[str, ...]]:
    place = 0
    while place < len(words):
        if group := lexicon().phrase(words[place : place + _LONGEST]):
            size, entry = group
            yield _meanings(entry)
        else:
            size = 1
            yield _of_word(words[place])
        place += size


@lru_cache(100_000)
def _of_word(word: str) -> tuple[str, ...]:
    entry = lexicon().meaning(word)
    return (meaning_of(word),) if entry is None else _meanings(entry)


def _meanings(entry: Entry) -> tuple[str, ...]:
    return () if entry.meanings == (IGNORED,) else tuple(" ".join(entry.meanings).split())
