"""Words of questions: the tables of phrases in English and German, and finding them in a text."""

from __future__ import annotations

import csv
import pkgutil
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from einthoven.datasets.ecg_qa.tables import names
from einthoven.ecg import LEADS

QuestionLanguage = Literal["en", "de"]
_WORD = re.compile(r"[^\W_]+(?:'s)?")
_LEADS = {lead.casefold(): lead for lead in LEADS}
_COLUMNS: Mapping[QuestionLanguage, str] = {"en": "english", "de": "german"}


@dataclass(frozen=True)
class Word:
    """One word, folded (lower case, no accents), and where it stands in the text."""

    form: str
    start: int
    end: int


@dataclass(frozen=True)
class Item:
    """A phrase that was found: its kind and value in the table, and its first and last word's places."""

    kind: str
    value: str
    first: int
    last: int


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, marks left out.

    >>> [word.form for word in words_of("Liegt eine Überleitungsstörung vor?")]
    ['liegt', 'eine', 'uberleitungsstorung', 'vor']
    """
    return tuple(Word(_folded(found[0]), found.start(), found.end()) for found in _WORD.finditer(text))


def phrases_in(words: Sequence[Word], language: QuestionLanguage) -> tuple[Item, ...]:
    """The longest phrases of the table, from left to right, none within another."""
    found, place = [], 0
    forms = [word.form for word in words]
    while place < len(forms):
        item = _longest(forms, place, language)
        if item is None:
            place += 1
        else:
            found.append(item)
            place = item.last + 1
    return tuple(found)


def fillers(language: QuestionLanguage) -> frozenset[str]:
    """Words of questions that decide nothing."""
    return _fillers()[language]


def language_of(words: Sequence[Word]) -> QuestionLanguage | None:
    """The language that most of the words belong to; None where no word tells.

    >>> language_of(words_of("Y a-t-il une fibrillation auriculaire ?")) is None
    True
    """
    told = [word.form for word in words if len(word.form) > 1]  # "a" is a word of many languages
    known = {one: sum(form in fillers(one) for form in told) for one in _COLUMNS}
    best = max(known, key=lambda one: known[one])
    if not known[best]:
        held = {one: sum(item.last - item.first + 1 for item in phrases_in(words, one)) for one in _COLUMNS}
        best = max(held, key=lambda one: held[one])
        return best if held[best] else None
    return best


def _longest(forms: Sequence[str], place: int, language: QuestionLanguage) -> Item | None:
    if forms[place] in _LEADS and (place == 0 or forms[place] != "i" or forms[place - 1] in ("lead", "ableitung")):
        return Item("lead", _LEADS[forms[place]], place, place)
    if forms[place] in ("or", "oder"):
        return Item("or", "", place, place)
    for phrase, kind, value in _phrases()[language].get(forms[place], ()):
        if tuple(forms[place : place + len(phrase)]) == phrase:
            return Item(kind, value, place, place + len(phrase) - 1)
    return None


@cache
def _phrases() -> Mapping[QuestionLanguage, Mapping[str, Sequence[tuple[tuple[str, ...], str, str]]]]:
    found: dict[QuestionLanguage, dict[str, list[tuple[tuple[str, ...], str, str]]]] = {"en": {}, "de": {}}
    lines: list[tuple[str, str, QuestionLanguage, list[str]]] = [
        (row["kind"], row["value"], language, row[column].split("|"))
        for row in _rows("phrases")
        for language, column in _COLUMNS.items()
    ]
    exact: list[tuple[str, str, QuestionLanguage, list[str]]] = [
        ("statement", code, "en", [name]) for code, name in names("statement").items()
    ]
    exact += [("superclass", code, "en", [name]) for code, name in names("superclass").items() if code != "NORM"]
    for kind, value, language, each in (*lines, *exact):
        for phrase in each:
            forms = tuple(word.form for word in words_of(phrase))
            if forms:
                found[language].setdefault(forms[0], []).append((forms, kind, value))
    for by_first in found.values():
        for phrases in by_first.values():
            phrases.sort(key=lambda one: -len(one[0]))
    return found


@cache
def _fillers() -> Mapping[str, frozenset[str]]:
    return {row["language"]: frozenset(word.form for word in words_of(row["words"])) for row in _rows("fillers")}


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


@cache
def untold() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """What is understood and cannot be answered, by its value in the table: why, and what can be asked instead."""
    return {row["key"]: (row["why"], tuple(row["ask"].split("|"))) for row in _rows("untold")}


def _rows(name: str) -> list[dict[str, str]]:
    data = pkgutil.get_data("einthoven.answering", f"{name}.csv")
    if data is None:
        raise FileNotFoundError(f"einthoven/answering/{name}.csv")
    return list(csv.DictReader(data.decode("utf-8").splitlines()))
