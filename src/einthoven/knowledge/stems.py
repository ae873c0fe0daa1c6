"""Words of ECG texts: what is common, what means the same, and what is the contrary of what."""

from __future__ import annotations

import csv
import importlib.resources
import re
from functools import cache

_ENDINGS = re.compile(r"(?:ations?|ings?|edly|ed|ies|es|s|ly|ment|ness)$")
COMMON = frozenset(
    importlib.resources.files("einthoven.knowledge")
    .joinpath("tables", "common.txt")
    .read_text(encoding="utf-8")
    .split()
)
"""Words that say nothing of an ECG, or that the checks of directions and denials see to."""


def stem(word: str) -> str:
    """A word without its commonest English endings; short words stay."""
    shorter = _ENDINGS.sub("", word)
    return shorter if len(shorter) >= 4 else word


def meaning_of(word: str) -> str:
    """The word that stands for all that mean the same here, or its stem.

    >>> meaning_of("elevation") == meaning_of("raised")
    True
    """
    return _same().get(word) or _same().get(stem(word)) or stem(word)


@cache
def _table() -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    file = importlib.resources.files("einthoven.knowledge").joinpath("tables", "directions.csv")
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return tuple((row["group"], row["meaning"], tuple(row["words"].split())) for row in rows)


@cache
def _same() -> dict[str, str]:
    return {form: meaning for _, meaning, words in _table() for word in words for form in (word, stem(word))}


def _groups() -> tuple[frozenset[str], ...]:
    names = dict.fromkeys(group for group, _, _ in _table() if group)
    return tuple(frozenset(meaning for group, meaning, _ in _table() if group == name) for name in names)


OPPOSED = _groups()
"""Meanings that exclude each other, a set a group."""
