"""Reasons of a draft in its language: `tables/reasons.csv` has each English sentence with its German one.

Sentences are made in English, where what they tell is found: in the rooms of quality and measurement, too. In the table
`{n}` stands for a number, which is written as the language writes it, `{}` for what is not translated, such as leads
and the words of a file, and `{why}` for a part that has a line of its own. A sentence without a line stays as it is.
"""

from __future__ import annotations

import csv
import pkgutil
import re
from functools import cache

from einthoven.statements import Language

_PLACES = re.compile(r"\{(?:n|why)?\}")
_TAKES = {"{n}": r"([-+]?\d[\d.,/]*%?)", "{}": r"(.+?)", "{why}": r"(.+)"}
_SWAPPED = str.maketrans(".,", ",.")


def in_language(reason: str, language: Language) -> str:
    """A reason in a language; one that is not English already, or has no line, as it stands.

    >>> in_language("Strong baseline wander in V1, V2.", "de")
    'Stark wandernde Grundlinie in V1, V2.'
    >>> in_language("'sinus bradycardia' (61%) was left out: the measured heart rate of 81 bpm contradicts it.", "de")
    '„sinus bradycardia“ (61 %) wurde weggelassen: die gemessene Herzfrequenz von 81/min widerspricht.'
    """
    return reason if language == "en" else _german(reason)


def _german(text: str) -> str:
    for pattern, german, places in _table():
        found = pattern.fullmatch(text)
        if found:
            values = [_value(place, said) for place, said in zip(places, found.groups(), strict=True)]
            literal = _PLACES.split(german)
            return "".join(a + b for a, b in zip(literal, [*values, ""], strict=True))
    return text


def _value(place: str, text: str) -> str:
    if place == "{why}":
        return _german(text)
    return text.translate(_SWAPPED).replace("%", " %") if place == "{n}" else text


@cache
def _table() -> tuple[tuple[re.Pattern[str], str, tuple[str, ...]], ...]:
    data = pkgutil.get_data("einthoven.reporting", "tables/reasons.csv")
    if data is None:
        raise FileNotFoundError("einthoven/reporting/tables/reasons.csv")
    return tuple(_line(**row) for row in csv.DictReader(data.decode("utf-8").splitlines()))


def _line(english: str, german: str) -> tuple[re.Pattern[str], str, tuple[str, ...]]:
    places = tuple(_PLACES.findall(english))
    literal = [re.escape(part) for part in _PLACES.split(english)]
    takes = [*(_TAKES[place] for place in places), ""]
    return re.compile("".join(a + b for a, b in zip(literal, takes, strict=True)), re.DOTALL), german, places
