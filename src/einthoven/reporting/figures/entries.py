"""A figure's statements: each with its description and sources, or why it has none; shortened until they fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from einthoven.formats.text import clean
from einthoven.knowledge.description import Described, Quote
from einthoven.knowledge.sentences import sentences_of

STATEMENT, REASON, QUOTE, SOURCE = 160, 300, 4000, 160
"""Characters that are shown of each at most."""


KEPT = 3
"""Descriptions that stay where there are more statements than a page has room for: it is a figure of descriptions."""


@dataclass(frozen=True)
class Said:
    """A quote as it is shown: `sentences` of its `of` ones, and where it stands."""

    sentences: tuple[str, ...]
    of: int
    source: str
    about: str

    @property
    def text(self) -> str:
        """The sentences; three dots stand for those that are left out."""
        return " ".join([*self.sentences, *(["..."] if len(self.sentences) < self.of else [])])


@dataclass(frozen=True)
class Entry:
    """One statement.

    Args:
        number: its place among the statements, from 1.
        described: what the gate and the assistant made of it.
        said: its description; empty where there is none, or no room for it, or it stands at `same_as`.
        same_as: the number of an earlier statement with the same description.
    """

    number: int
    described: Described
    said: tuple[Said, ...] = ()
    same_as: int | None = None

    @property
    def statement(self) -> str:
        """As it was given, short enough for a figure."""
        return clean(self.described.statement, STATEMENT)

    @property
    def verdict(self) -> str:
        """What the gate made of it, in a sentence; empty where the description says it."""
        kind = self.described.kind
        if self.described.abstained:
            # What is denied is a finding as well, and is not described all the same.
            return clean(f"Not described ({kind}). {self.described.reason}", REASON)
        if self.same_as is not None:
            return f"Finding, described at {self.same_as}."
        return "" if self.said else "Finding; there is no room for its description."

    @property
    def remarks(self) -> tuple[str, ...]:
        """What of the statement its description leaves out, in sentences."""
        return tuple(clean(one, REASON) for one in self.described.remarks)

    def to_dict(self) -> dict[str, Any]:
        """As JSON: what is shown, and what was cut."""
        return {
            "statement": self.statement,
            "kind": self.described.kind,
            "abstained": self.described.abstained,
            "reason": self.described.reason or None,
            "same_as": self.same_as,
            "remarks": list(self.remarks),
            "description": " ".join(one.text for one in self.said) or None,
            "cut": not self.described.abstained
            and self.same_as is None
            and (not self.said or any(len(one.sentences) < one.of for one in self.said)),
            "sources": [one.source for one in self.said],
        }


def entries(described: Sequence[Described]) -> list[Entry]:
    """Each statement with its whole description; the same description only once."""
    found: list[Entry] = []
    first: dict[tuple[Quote, ...], int] = {}
    for number, one in enumerate(described, 1):
        if one.abstained:
            found.append(Entry(number, one))
        elif one.quotes in first:
            found.append(Entry(number, one, same_as=first[one.quotes]))
        else:
            first[one.quotes] = number
            found.append(Entry(number, one, tuple(map(_said, one.quotes))))
    return found


def _said(quote: Quote) -> Said:
    sentences = tuple(sentences_of(clean(quote.text, QUOTE)))
    passage = quote.passage
    return Said(sentences, len(sentences), clean(f"{passage.source}, {passage.place}", SOURCE), clean(quote.about, 80))


def fitting(whole: Sequence[Entry], fits: Callable[[Sequence[Entry]], bool]) -> list[Entry]:
    """The entries, shortened as little as it takes.

    The last sentence of the longest quote goes first, until each has one; then whole descriptions, from the last
    statement on, but for the first `KEPT`; then statements themselves, from the last.
    """
    found = list(whole)
    while found and not fits(found):
        longest = max(
            ((place, at) for place, one in enumerate(found) for at in range(len(one.said))),
            key=lambda where: _spare(found[where[0]].said[where[1]]),
            default=(0, 0),
        )
        described = [place for place, one in enumerate(found) if one.said]
        if described and _spare(found[longest[0]].said[longest[1]]):
            found[longest[0]] = _shorter(found[longest[0]], longest[1])
        elif len(described) > KEPT:
            last = described[-1]
            found[last] = replace(found[last], said=())
            # Nobody is sent to a description that is not there.
            found = [replace(one, same_as=None) if one.same_as == last + 1 else one for one in found]
        else:
            found.pop()
    return found


def _spare(said: Said) -> int:
    """Letters of a quote that can become shorter."""
    return sum(map(len, said.sentences)) if len(said.sentences) > 1 else 0


def _shorter(entry: Entry, at: int) -> Entry:
    said = entry.said[at]
    shorter = replace(said, sentences=said.sentences[:-1])
    return replace(entry, said=(*entry.said[:at], shorter, *entry.said[at + 1 :]))
