"""The Cardio Query Assistant (ESI, section 3.1): a statement, its passages, a description, or the reason for none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from einthoven.ecg import EinthovenError, UsageError
from einthoven.formats.text import clean
from einthoven.knowledge.description import Described
from einthoven.knowledge.extract import extracted
from einthoven.knowledge.gate import LONGEST, Sorted, sort_statement
from einthoven.knowledge.generate import generated
from einthoven.knowledge.kept import Kept
from einthoven.knowledge.orders import without_orders
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.prompts import STANDARD, Prompt, prompt_of
from einthoven.knowledge.shelf import HandbookShelf, Shelf
from einthoven.knowledge.topics import MOST, Topic, topics
from einthoven.llm import AnswerError, Chat, LanguageModelError, Outcomes, Progress, map_concurrently

PASSAGES = 2
"""Of a finding, unless another number is asked for (ESI, appendix A.1)."""
_FORM = 3  # of what is kept and of the check that it has passed: a greater one makes older descriptions anew


@dataclass(frozen=True)
class Batch:
    """Descriptions of many statements by their places.

    Args:
        described: what has a description, or a reason for none.
        failures: why a model gave no answer, of the others.
        tokens: of prompts and answers, of those whose server counts them.
        from_kept: different findings whose description was kept from before.
        made: different findings that were described now.
    """

    described: dict[int, Described]
    failures: dict[int, EinthovenError]
    tokens: tuple[int, int]
    from_kept: int
    made: int

    def listed(self, statements: Sequence[str]) -> list[Described]:
        """All in the order of the statements that were given; one that failed has no text, and the fault as reason."""
        return [
            self.described[place]
            if place in self.described
            else Described(clean(text, LONGEST), "finding", reason=f"No answer: {self.failures[place]}")
            for place, text in enumerate(statements)
        ]


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
        return asked.own(self._kept(asked) or self._made(asked))

    def describe_all(
        self, statements: Sequence[str], limit: int = 4, progress: Callable[[Progress], None] | None = None
    ) -> Batch:
        """Many statements; equal findings are asked about once, `limit` at a time, and answers stay with their own.

        What a model has answered is kept as soon as it is there; after an interruption the rest is asked for.
        """
        looked_up = self._looked_up(statements, limit if self.chat else 1)
        asked = {place: looked_up.results[text] for place, text in enumerate(statements) if text in looked_up.results}
        open_ = {place: one for place, one in asked.items() if isinstance(one, _Asked)}
        first: dict[str, _Asked] = {}
        for one in open_.values():
            first.setdefault(one.key, one)
        known = {key: found for key, one in first.items() if (found := self._kept(one)) is not None}
        todo = {key: one for key, one in first.items() if key not in known}
        made = map_concurrently(self._write, todo, limit if self.chat else 1, progress, self._store)
        results = {**known, **made.results}
        described, failures = {}, {}
        for place, text in enumerate(statements):
            one_asked = asked.get(place)
            if one_asked is None:
                failures[place] = looked_up.failures[text]
            elif isinstance(one_asked, Described):
                described[place] = one_asked
            elif one_asked.key in results:
                described[place] = one_asked.own(results[one_asked.key])
            else:
                failures[place] = made.failures[one_asked.key]
        spent = [one.tokens for one in made.results.values()]
        spent += [(one.tokens_in, one.tokens_out) for one in made.failures.values() if isinstance(one, AnswerError)]
        tokens = (sum(one[0] or 0 for one in spent), sum(one[1] or 0 for one in spent))
        return Batch(described, failures, tokens, len(known), len(made.results))

    def _looked_up(self, statements: Sequence[str], limit: int) -> Outcomes[str, _Asked | Described]:
        """What each is and its passages; a failure only where an endpoint that embeds gives no answer."""
        found = map_concurrently(self._asked, {text: text for text in statements}, limit)
        for fault in found.failures.values():
            if not isinstance(fault, LanguageModelError):
                raise fault
        return found

    def _asked(self, statement: str) -> _Asked | Described:
        """What is to be described and by which passages; or why it is not."""
        found = sort_statement(statement)
        if found.abstains:
            return Described(found.text, found.kind, reason=found.reason)
        every = topics(found)
        named = tuple((topic, tuple(self.shelf.about(topic, self.k))) for topic in every[:MOST])
        passages = tuple((topic, without_orders(some)) for topic, some in named)
        withheld = len({one for _, some in named for one in some} - {one for _, some in passages for one in some})
        if not any(some for _, some in passages):
            names = " or ".join(topic.title for topic, _ in passages)
            why = f"No passage of {self.shelf.name} names {names}."
            if withheld:
                why = f"What names {names} in {self.shelf.name} gives orders to a language model, and is not used."
            return Described(found.text, found.kind, reason=why, unread=found.unread, withheld=withheld)
        beyond = *(topic.title for topic, some in passages if not some), *(topic.title for topic in every[MOST:])
        return _Asked(found, passages, self._key(passages), beyond, withheld)

    def _key(self, passages: Sequence[tuple[Topic, Sequence[Passage]]]) -> str:
        """Of all that an answer depends on: findings, their passages, prompt and model."""
        content = [
            (topic.code, topic.title, [(one.sha256, one.place, one.text) for one in some]) for topic, some in passages
        ]
        model = None if self.chat is None else (self.chat.name, self.prompt.text)
        return hashlib.sha256(json.dumps([_FORM, content, model], ensure_ascii=False).encode()).hexdigest()

    def _kept(self, asked: _Asked) -> Described | None:
        return self.kept.get(asked.key) if self.kept is not None and self.chat is not None else None

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
    beyond: tuple[str, ...]
    withheld: int

    def own(self, made: Described) -> Described:
        """A description of its findings as that of this statement."""
        unread = self.found.unread
        beyond = self.beyond if made.text else ()
        return replace(made, statement=self.found.text, beyond=beyond, unread=unread, withheld=self.withheld)
