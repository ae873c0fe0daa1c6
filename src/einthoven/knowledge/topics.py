"""What a finding is about: the handbook's section of each of its codes, with all the names it goes by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from einthoven.knowledge.gate import Sorted
from einthoven.knowledge.handbook import Section, section_of
from einthoven.knowledge.names import SHORTEST, names_of, section_named
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.words import search_words
from einthoven.statements import VOCABULARY, wordings

MOST = 4
"""Findings of one statement that are described; a longer list is several statements."""
_ACRONYM = re.compile(r"[A-Z][A-Za-z]*[A-Z0-9]")
_CONTRAST = re.compile(
    r"\b(?:(?:tell|telling|told) apart|differential|differen[tz]ial\w*|mimic\w*|look-?alikes?|abgrenzung\w*)\b", re.I
)
"""Headings under which a book says what is true of other findings."""


@dataclass(frozen=True)
class Topic:
    """One finding.

    Args:
        code: an SCP code, `aha:NUMBER` or `snomed:NUMBER`; None where the finding has none.
        title: what it is called in a question.
        names: all that it is called, English and German, `title` included.
        section: of the handbook; None where it has none.
    """

    code: str | None
    title: str
    names: tuple[str, ...]
    section: Section | None = None

    def named_in(self, passage: Passage) -> bool:
        """Whether a passage, or a heading above it, holds one of the names, or is of a section about the code.

        A heading that is itself the name of another finding takes its passages from those above it. What stands under
        "Differential diagnosis" or the like is said of other findings.
        """
        if _CONTRAST.search((passage.section or "").split(" > ")[-1]):
            return False
        if self.code is not None and self.code in passage.codes:
            return True
        headings = (passage.section or "").split(" > ")
        if self._called_in(f"{headings[-1]} . {passage.text}"):
            return True
        # the nearest heading that names a finding says what the passage is about
        about = next((one for one in map(_heading, reversed(headings)) if one is not None), None)
        return (about is None or about is self.section) and self._called_in(" . ".join(headings))

    def _called_in(self, text: str) -> bool:
        words = f" {_joined(text)} "
        return any(_holds(name, text, words) for name in self.names)


def topics(found: Sorted) -> tuple[Topic, ...]:
    """What a finding that is to be described is about, each of its codes once; () of what abstains."""
    if found.abstains:
        return ()
    if not found.codes:
        return (_by_words(found.part),)
    unlike = {topic.title: topic for topic in reversed([topic_of(code) for code in found.codes])}
    return tuple(reversed(unlike.values()))


@cache
def topic_of(code: str) -> Topic:
    """What a code is about; one that nobody knows is called by itself."""
    section = section_of(code)
    own = [*wordings(code, "en"), *wordings(code, "de")] if code in VOCABULARY else []
    names = tuple(dict.fromkeys([*((section.title, *section.names) if section else ()), *own])) or (code,)
    return Topic(code, names[0], names, section)


def _by_words(part: str) -> Topic:
    """By a name in the finding's words."""
    section = section_named(part)
    if section is None:
        return Topic(None, part, (part,))
    return Topic(section.codes[0] if section.codes else None, section.title, names_of(section), section)


def _holds(name: str, text: str, words: str) -> bool:
    if _ACRONYM.fullmatch(name):
        return len(name) >= SHORTEST and re.search(rf"\b{re.escape(name)}\b", text) is not None
    wanted = _joined(name)
    return len(wanted) > SHORTEST and f" {wanted} " in words


@lru_cache(20_000)
def _heading(text: str) -> Section | None:
    return section_named(text)


@lru_cache(20_000)  # names and passages come again with every finding
def _joined(text: str) -> str:
    return " ".join(search_words(text))
