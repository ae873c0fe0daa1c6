"""Where passages about a finding are looked for: the handbook that ships, or a knowledge base of the user's."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from functools import cache
from typing import Protocol

from einthoven.ecg import UsageError
from einthoven.knowledge import handbook
from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.lemmas import codes_named, lemmas
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.search import Index
from einthoven.knowledge.topics import Topic

LOOKED_AT = 50
"""Passages that a search gives, best first; of these the ones that name the finding are taken."""


class Shelf(Protocol):
    """A place with passages."""

    @property
    def name(self) -> str:
        """What it is called where it has nothing."""

    @property
    def sha256(self) -> str:
        """Of all that its answers depend on."""

    def about(self, topic: Topic, k: int) -> list[Passage]:
        """At most k passages that name the finding, the best first; none rather than one that does not."""


class HandbookShelf:
    """The handbook: the section about the finding's code; what the ECG looks like, then criteria, then what it is.

    What a section says under "Tell apart from" is true of other findings, so that it describes none of its own: with it
    flutter waves that are "regular and alike" were said of atrial fibrillation.
    """

    name = "the Einthoven handbook"
    _ORDER = (handbook.ON_THE_ECG, handbook.CRITERIA, "")

    @property
    def sha256(self) -> str:
        return handbook.sha256()

    def about(self, topic: Topic, k: int) -> list[Passage]:
        if topic.section is None:
            return []
        own = handbook.passages(topic.section)
        places = {"" if one.section == topic.section.title else str(one.section).split(" > ")[-1]: one for one in own}
        return [places[name] for name in self._ORDER if name in places][:k]


class BaseShelf:
    """A knowledge base: what a search for the finding's names gives, of that what names it.

    Args:
        sources: only these of the base; all where none are given.

    Raises:
        CollectionError: the base cannot be read.
        UsageError: a source is not there.
    """

    def __init__(self, base: KnowledgeBase, sources: Collection[str] | None = None) -> None:
        self.base, self.sources = base, tuple(sources) if sources else None
        self.name = f"the knowledge base {base.path}"
        if self.sources:
            self.name = f"{', '.join(self.sources[:3])}{' ...' * (len(self.sources) > 3)} of {self.name}"
        held = base.sources()
        if unknown := sorted(set(self.sources or ()) - set(held)):
            raise UsageError(f"No source is called {unknown[0]}.", f"There are: {', '.join(list(held)[:20])}.")
        self._index = base.index()  # one state of the base for all questions
        self._found: dict[tuple[str, ...], list[Passage]] = {}

    @property
    def sha256(self) -> str:
        held = sorted((one.name, one.sha256) for one in self.base.sources().values())
        return hashlib.sha256(repr((held, self.sources, self.base.embedder.sha256)).encode()).hexdigest()

    def about(self, topic: Topic, k: int) -> list[Passage]:
        names = (topic.code or "", *topic.names)
        if names not in self._found:
            found = self._index.search("; ".join(topic.names), LOOKED_AT, self.sources)
            self._found[names] = [one.passage for one in found if topic.named_in(one.passage)]
        return self._found[names][:k]


@cache
def handbook_index() -> Index:
    """The handbook's passages, ready to be searched by anything, in English and German.

    They are found by their words' meanings, by the other names of their statement, and by the findings that a question
    names.
    """
    own = [(passage, section.names) for section in handbook.sections() for passage in handbook.passages(section)]
    further = ["; ".join(names) for _, names in own]
    return Index([passage for passage, _ in own], further=further, words=lemmas, named=codes_named)
