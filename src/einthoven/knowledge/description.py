"""A waveform description and what it rests on, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from einthoven.knowledge.gate import Kind
from einthoven.knowledge.passage import Passage


@dataclass(frozen=True)
class Quote:
    """What a passage says, word for word, and which of the statement's findings it is about."""

    passage: Passage
    text: str
    about: str

    def to_dict(self) -> dict[str, Any]:
        """As JSON: source, page or section, quote."""
        where = {"page": self.passage.page, "section": self.passage.section}
        return {
            "source": self.passage.source,
            **{name: value for name, value in where.items() if value is not None},
            "quote": self.text,
            "about": self.about,
        }


@dataclass(frozen=True)
class Dropped:
    """A sentence of a language model that no passage supports, and what of it stands nowhere."""

    sentence: str
    reason: str


@dataclass(frozen=True)
class Described:
    """A statement with its description, or with the reason why there is none.

    Args:
        statement: as it was given, on one line.
        kind: what the gate took it for.
        reason: why it has no description; empty where it has one.
        text: the description; empty where it abstains.
        quotes: what it rests on.
        codes: of the findings that are described.
        model: the language model that wrote `text`; None where the sentences are the sources' own.
        dropped: what that model wrote beside it, without support.
        tokens: of prompt and answer; None where nobody counts.
        beyond: findings of the statement that are named and not described: no passage names them, or they are too many.
        unread: words of the statement that are not known, among which a finding may have been missed.
        withheld: passages that name its findings and are not used, because they give orders to a language model.
        edited: who changed the text and when; None where nobody did.
    """

    statement: str
    kind: Kind
    reason: str = ""
    text: str = ""
    quotes: tuple[Quote, ...] = ()
    codes: tuple[str, ...] = ()
    model: str | None = None
    dropped: tuple[Dropped, ...] = ()
    tokens: tuple[int | None, int | None] = (0, 0)
    edited: tuple[str, str] | None = None
    beyond: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    withheld: int = 0

    @property
    def abstained(self) -> bool:
        """Whether there is no description."""
        return not self.text

    @property
    def remarks(self) -> tuple[str, ...]:
        """Of a description, in sentences: what of the statement, and of what the sources say, is not in it."""
        many = self.withheld != 1
        orders = f"{self.withheld} passage{'s' * many} that give{'s' * (not many)} orders to a language model"
        said = (
            f"Not described of this statement: {', '.join(self.beyond)}." if self.beyond else "",
            f"Not understood in this statement: {', '.join(self.unread)}." if self.unread else "",
            f"Not used: {orders}." if self.withheld else "",
        )
        return tuple(filter(None, said))

    def __str__(self) -> str:
        """For people: what it is, the description, what it rests on, who wrote it."""
        lines = [f"{self.statement or '(nothing)'} [{', '.join((self.kind, *self.codes))}]"]
        lines.append(self.text or f"Not described. {self.reason}")
        lines += [f"- {quote.passage.source}, {quote.passage.place}" for quote in self.quotes]
        if self.model is not None:
            count = len(self.dropped)
            without = f"; {count} sentence{'s' * (count != 1)} without support left out" if count else ""
            lines.append(f"Written by {self.model} from these passages{without}.")
        lines += self.remarks
        if self.edited is not None:
            lines.append(f"Edited by {self.edited[0]} on {self.edited[1][:10]}.")
        first, *rest = lines
        return "\n".join([first, *(f"  {line}" for line in rest)])

    def to_dict(self) -> dict[str, Any]:
        """As JSON, a stable form: see docs/describe.md."""
        return {
            "statement": self.statement,
            "kind": self.kind,
            "abstained": self.abstained,
            "reason": self.reason or None,
            "description": self.text or None,
            "sources": [quote.to_dict() for quote in self.quotes],
            "codes": list(self.codes),
            "not_described": list(self.beyond),
            "not_understood": list(self.unread),
            "passages_withheld": self.withheld,
            "model": self.model,
            "dropped": [{"sentence": one.sentence, "reason": one.reason} for one in self.dropped],
            "edited": None if self.edited is None else {"by": self.edited[0], "at": self.edited[1]},
        }
