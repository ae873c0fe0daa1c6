"""Ways to say a statement: for text search and for training on text."""

from __future__ import annotations

from functools import cache

from einthoven.statements.table import rows
from einthoven.statements.term import Language, check_language
from einthoven.statements.vocabulary import VOCABULARY

_COLUMNS = {"en": "english", "de": "german"}


@cache
def _further() -> dict[tuple[str, str], tuple[str, ...]]:
    return {
        (row["code"], language): tuple(row[column].split("|"))
        for row in rows("wordings")
        for language, column in _COLUMNS.items()
    }


def wordings(code: str, language: Language = "en") -> tuple[str, ...]:
    """Three or four phrasings of a statement, the report wording first, with common abbreviations.

    Within a language no phrasing belongs to two codes. The report wording is the precise one;
    the others may leave out what it adds ("age undetermined").

    >>> wordings("LNGQT")
    ('prolonged QT interval', 'QT prolongation', 'long QT', 'QTc prolonged')
    """
    term = VOCABULARY.term(code)
    return (term.text(language), *_further()[code, check_language(language)])
