"""A site's own words: a small CSV file of phrases and their codes, which goes before all tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from einthoven.ecg import DataError
from einthoven.statements.parse.normalise import tokens
from einthoven.statements.parse.stated import STANCES
from einthoven.statements.vocabulary import VOCABULARY

NOTHING = "-"
"""The code of a phrase that says nothing."""

MOST_WORDS = 12


@dataclass(frozen=True)
class Synonyms:
    """Phrases as folded words, by their first word, each with its codes as the tables write them ("IMI?")."""

    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)

    def longest(self, words: list[str]) -> tuple[int, str] | None:
        """How many of these words the longest phrase takes that they begin with, and its codes."""
        for phrase, codes in self.phrases.get(words[0], ()):
            if tuple(words[: len(phrase)]) == phrase:
                return len(phrase), codes
        return None

    def __bool__(self) -> bool:
        return bool(self.phrases)


def synonyms_of(rows: Iterable[tuple[str, str, str]]) -> Synonyms:
    """From phrases, codes and polarities ("" is present).

    Raises:
        DataError: one of them cannot be meant; the message says which.
    """
    made = Synonyms()
    for number, (phrase, code, stance) in enumerate(rows, 1):
        _add(made, phrase, code, stance, f"Synonym {number}")
    return _sorted(made)


def read_synonyms(path: Path) -> Synonyms:
    """A CSV file with the columns phrase, code and, if wanted, polarity; code "-" for a phrase that says nothing.

    Raises:
        DataError: the file cannot be read, or a line is wrong; the message has its number.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file)
            if not {"phrase", "code"} <= set(lines.fieldnames or ()):
                raise DataError(
                    f"{path} has no columns phrase and code.", "Begin it with the line phrase,code,polarity."
                )
            made = Synonyms()
            for line in lines:
                said = [(line.get(name) or "").strip() for name in ("phrase", "code", "polarity")]
                _add(made, said[0], said[1], said[2], f"{path}, line {lines.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise DataError(f"{path} cannot be read ({fault}).", "Give a CSV file in UTF-8.") from None
    return _sorted(made)


def _add(made: Synonyms, phrase: str, code: str, stance: str, where: str) -> None:
    words = tuple(token.form for token in tokens(phrase) if token.form[0].isalnum() or token.is_word)
    if not words or len(words) > MOST_WORDS:
        raise DataError(f"{where}: the phrase has {len(words)} words.", f"Use 1 to {MOST_WORDS}.")
    if code != NOTHING and code not in VOCABULARY:
        raise DataError(f"{where}: '{code}' is no SCP code.", f"Use one such as IMI, or {NOTHING} for none.")
    if stance and stance not in STANCES:
        raise DataError(f"{where}: '{stance}' is no polarity.", f"Use {', '.join(STANCES)}, or leave it empty.")
    marked = "" if code == NOTHING else code + {"possible": "?", "absent": "-", "prior": "<"}.get(stance, "")
    made.phrases.setdefault(words[0], []).append((words, marked))


def _sorted(made: Synonyms) -> Synonyms:
    for phrases in made.phrases.values():
        phrases.sort(key=lambda pair: -len(pair[0]))
    return made
