"""The handbook that ships: a section a statement, in our own words, with criteria that a program can read.

Nobody has held it against the documents that its criteria name (`verified = false`), so it is cited as `SOURCE`
and never as a guideline.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import tomllib
from functools import cache

from einthoven.knowledge.handbook_section import Criterion, Document, Section
from einthoven.knowledge.handbook_text import HandbookError, parse
from einthoven.knowledge.passage import Passage

__all__ = [
    "SOURCE",
    "Criterion",
    "Document",
    "HandbookError",
    "Section",
    "documents",
    "passages",
    "section_of",
    "sections",
]

SOURCE = "Einthoven handbook, not reviewed by a physician"
ON_THE_ECG, CRITERIA, APART = "On the ECG", "Criteria", "Tell apart from"


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    """Name and text of each of the handbook's files, by name."""
    folder = importlib.resources.files("einthoven.knowledge").joinpath("handbook")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name)
    return tuple((file.name, file.read_text(encoding="utf-8")) for file in files)


@cache
def documents() -> dict[str, Document]:
    """The documents that criteria may name, by key; `general` is common knowledge and no document.

    >>> documents()["aha-2009-3"].year
    2009
    """
    file = importlib.resources.files("einthoven.knowledge").joinpath("handbook", "sources.toml")
    return {key: Document(key=key, **row) for key, row in tomllib.loads(file.read_text(encoding="utf-8")).items()}


@cache
def sections() -> tuple[Section, ...]:
    """All sections, file by file.

    Raises:
        HandbookError: a line that is not in the handbook's format, with its file and number.
    """
    known = frozenset(documents())
    return tuple(section for name, text in _texts() for section in parse(text, name, known))


def section_of(code: str) -> Section | None:
    """The section about a code; None where none is.

    >>> section_of("CLBBB").title
    'Complete left bundle branch block'
    """
    return _by_codes().get(code)


@cache
def _by_codes() -> dict[str, Section]:
    return {code: section for section in sections() for code in section.codes}


@cache
def sha256() -> str:
    """Of the whole handbook's texts: any change to any of them is another source."""
    return hashlib.sha256("\0".join(f"{name}\0{text}" for name, text in _texts()).encode()).hexdigest()


def passages(section: Section) -> tuple[Passage, ...]:
    """What it is, what it looks like, the criteria and what to tell it apart from: a passage each, with the codes.

    Sentences stand without their braces.
    """
    parts = (
        (section.title, section.what),
        (f"{section.title} > {ON_THE_ECG}", section.looks),
        (f"{section.title} > {CRITERIA}", " ".join(each.sentence for each in section.criteria)),
        (f"{section.title} > {APART}", " ".join(each.sentence for each in section.apart)),
    )
    return tuple(
        Passage(text, source=SOURCE, sha256=sha256(), section=place, codes=section.codes)
        for place, text in parts
        if text
    )
