"""The handbook's sections by what their statements are called."""

from __future__ import annotations

from functools import cache

from einthoven.knowledge.handbook import Section, sections
from einthoven.knowledge.words import search_words
from einthoven.statements import VOCABULARY, wordings

SHORTEST = 3
"""Letters of a name that names something by itself: "ST" and "AF" stand for too much."""
_NOTES = "normal_technical.md"  # its sections are about recordings and verdicts


def section_named(text: str) -> Section | None:
    """The section with the longest name among a text's words; None where none is there.

    >>> section_named("probable LAE").title
    'Left atrial enlargement'
    """
    words = f" {' '.join(search_words(text))} "
    inside = [name for name in _sections() if f" {name} " in words]
    return _sections()[max(inside, key=len)] if inside else None


def names_of(section: Section) -> tuple[str, ...]:
    """All names of a section's statement, its title first: the handbook's, and the vocabulary's of its SCP codes."""
    scp = [code for code in section.codes if code in VOCABULARY]
    further = [name for code in scp for name in (*wordings(code, "en"), *wordings(code, "de"))]
    return tuple(dict.fromkeys([section.title, *section.names, *further]))


@cache
def _sections() -> dict[str, Section]:
    named = ((" ".join(search_words(name)), one) for one in sections() if one.file != _NOTES for name in names_of(one))
    found: dict[str, Section] = {}
    for name, section in named:
        if len(name) >= SHORTEST:
            found.setdefault(name, section)
    return found
