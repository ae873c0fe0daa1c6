"""The Cardio Query Assistant (ESI, section 3.1): a statement, its passages, a description, or the reason for none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from einthoven.ecg import EinthovenError, UsageError
from einthoven.knowledge.description import Described
from einthoven.knowledge.extract import extracted
from einthoven.knowledge.gate import Sorted, sort_statement
from einthoven.knowledge.generate import generated
from einthoven.knowledge.kept import Kept
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.prompts import STANDARD, Prompt, prompt_of
from einthoven.knowledge.shelf import HandbookShelf, Shelf
from einthoven.knowledge.topics import Topic, topics
from einthoven.llm import Chat, Progress, map_concurrently

PASSAGES = 2
"""Of a finding, unless another number is asked for (ESI, appendix A.1)."""
_FORM = 1  # of what is kept: a greater one makes older descriptions anew


@dataclass(frozen=True)
class Batch:
    """Descriptions of many statements, in their order; `failures` says of a place why its model gave no answer."""

    described: dict[int, Described]
    failures: dict[int, EinthovenError]
    tokens: tuple[int, int]
    from_kept: int


class Assistant:
    """Describes statements.

    Args:
        shelf: where passages are looked for; the handbook unless another is given.
        k: passages a finding, 1 to 20.
        chat: a language model that puts passages into words; None quotes them.
        prompt: a key of `prompts()`, or a text with {condition} in it.
        kept: where a model's descriptions are kept, by finding, prompt, model and knowledge.

    Raises:
        UsageError: no such prompt, or a k that cannot be meant.
    """

    def __init__(
        self,
        shelf: Shelf | None = None,
        k: int = PASSAGES,
        chat: Chat | None = None,
        prompt: str = STANDARD,
        kept: Kept | None = None,
    ) -> None:
        if not 1 <= k <= 20:
            raise UsageError(f"k = {k} passages cannot be meant.", "Choose 1 to 20.")
        self.shelf: Shelf = shelf or HandbookShelf()
        self.k, self.chat, self.kept = k, chat, kept
        self.prompt: Prompt = prompt_of(prompt)

    def describe(self, statement: str) -> Described:
        """One statement's description.

        Raises:
            LanguageModelError: the model gives no answer.
        """
        asked = self._asked(statement)
        if isinstance(asked, Described):
            return asked
        return self._kept(asked) or self._made(asked)

    def describe_all(
        self, statements: Sequence[str], limit: int = 4, progress: Callable[[Progress], None] | None = None
    ) -> Batch:
        """Many statements; equal findings are asked about once, `limit` at a time, and answers stay with their own.

        What a model has answered is kept as soon as it is there; after an interruption the rest is asked for.
        """
        asked = {place: self._asked(text) for place, text in enumerate(statements)}
        open_ = {place: one for place, one in asked.items() if isinstance(one, _Asked)}
        first: dict[str, _Asked] = {}
        for one in open_.values():
            first.setdefault(one.key, one)
        known = {key: found for key, one in first.items() if (found := self._kept(one)) is not None}
        todo = {key: one for key, one in first.items() if key not in known}
        made = map_concurrently(self._write, todo, limit if self.chat else 1, progress, self._store)
        results = {**known, **made.results}
        described = {place: one for place, one in asked.items() if isinstance(one, Described)}
        described |= {
            place: replace(results[one.key], statement=one.found.text)
            for place, one in open_.items()
            if one.key in results
        }
        return Batch(
            dict(sorted(described.items())),
            {place: made.failures[one.key] for place, one in open_.items() if one.key in made.failures},
            (
                sum(one.tokens[0] or 0 for one in made.results.values()),
                sum(one.tokens[1] or 0 for one in made.results.values()),
            ),
            len(known),
        )

    def _asked(self, statement: str) -> _Asked | Described:
        """What is to be described and by which passages; or why it is not."""
        found = sort_statement(statement)
        if found.abstains:
            return Described(found.text, found.kind, reason=found.reason)
        passages = tuple((topic, tuple(self.shelf.about(topic, self.k))) for topic in topics(found))
        if not any(some for _, some in passages):
            names = " or ".join(topic.title for topic, _ in passages)
            return Described(found.text, found.kind, reason=f"No passage of {self.shelf.name} names {names}.")
        return _Asked(found, passages, self._key(passages))

    def _key(self, passages: Sequence[tuple[Topic, Sequence[Passage]]]) -> str:
        """Of all that an answer depends on: findings, their passages, prompt and model."""
        content = [(topic.title, [(one.sha256, one.place, one.text) for one in some]) for topic, some in passages]
        model = None if self.chat is None else (self.chat.name, self.prompt.text)
        return hashlib.sha256(json.dumps([_FORM, content, model], ensure_ascii=False).encode()).hexdigest()

    def _kept(self, asked: _Asked) -> Described | None:
        found = self.kept.get(asked.key) if self.kept is not None and self.chat is not None else None
        return None if found is None else replace(found, statement=asked.found.text)

    def _store(self, key: str, described: Described) -> None:
        if self.kept is not None and self.chat is not None:
            self.kept.put(key, described)

    def _write(self, asked: _Asked) -> Described:
        if self.chat is None:
            return extracted(asked.found, asked.passages)
        return generated(asked.found, asked.passages, self.chat, self.prompt)

    def _made(self, asked: _Asked) -> Described:
        described = self._write(asked)
        self._store(asked.key, described)
        return described


@dataclass(frozen=True)
class _Asked:
    found: Sorted
    passages: tuple[tuple[Topic, tuple[Passage, ...]], ...]
    key: str
