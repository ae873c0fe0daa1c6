"""ECG-ReGen's way to an answer: a language model is given the neighbours' reports, the question and the options."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from einthoven.answering.meaning import NONE
from einthoven.answering.prompts import Context, Kind, Layout, Prompts, read_prompts
from einthoven.llm import Chat

K, TEMPERATURE, MAX_TOKENS = 3, 1.0, 256
"""The paper's: neighbours, temperature, tokens of an answer."""
LONGEST = 4000
_OBJECT = re.compile(r"\{[^{}]*\}", re.DOTALL)
_BARE = re.compile(r"""\{\s*["']?answer["']?\s*:\s*([^"'{}\[\]:]+?)\s*\}""", re.IGNORECASE)
"""An answer without the quotes that JSON asks for."""
_PARTS = re.compile(r"\s*(?:,|;|\band\b)\s*")


@dataclass(frozen=True)
class Protocol:
    """A language model that is asked as in the paper.

    Args:
        layout: "listed" as its printed prompt, "interleaved" as its formula.
        seed: for models that heed one; the paper names none.
    """

    chat: Chat
    prompts: Prompts = field(default_factory=read_prompts)
    layout: Layout = "listed"
    temperature: float = TEMPERATURE
    max_tokens: int = MAX_TOKENS
    seed: int | None = None

    def ask(self, kind: Kind, question: str, options: Sequence[str], context: Sequence[Context]) -> Said:
        """Puts one question.

        Raises:
            LanguageModelError: no answer came.
        """
        messages = self.prompts.messages(kind, question, options, context, self.layout)
        said = self.chat.complete(messages, max_tokens=self.max_tokens, temperature=self.temperature, seed=self.seed)
        return read_answer(said.text, options)


@dataclass(frozen=True)
class Said:
    """What a language model answered.

    Args:
        answers: among the options; None where what it said holds no answer, or one outside them.
        outside: what it named that is no option.
    """

    answers: tuple[str, ...] | None
    outside: tuple[str, ...] = ()


def read_answer(text: str, options: Sequence[str]) -> Said:
    """The answer in `{"answer": ...}`, JSON or as Python writes it; words around it are passed over.

    An answer of which any part is outside the options is not taken.

    >>> read_answer("Sure! {'answer': ['Yes']}", ["no", "yes"]).answers
    ('yes',)
    >>> read_answer('{"answer": no}', ["no", "yes"]).answers
    ('no',)
    >>> read_answer('{"answer": "maybe"}', ["no", "yes"])
    Said(answers=None, outside=('maybe',))
    """
    for found in _OBJECT.finditer(text[:LONGEST]):
        value = _value(found[0])
        if isinstance(value, dict) and "answer" in value:
            return _within(value["answer"], options)
        if value is None and (bare := _BARE.fullmatch(found[0])):
            return _within(bare[1], options)
    return Said(None)


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def _within(value: object, options: Sequence[str]) -> Said:
    spelled = {_plain(one): one for one in options}
    each = [str(one) for one in value] if isinstance(value, list | tuple | set) else [str(value)]
    if not each:
        each = [NONE]
    if isinstance(value, bool) or (value is None):
        each = ["yes" if value else "no"] if isinstance(value, bool) else [NONE]
    if len(each) == 1 and _plain(each[0]) not in spelled:
        each = [part for part in _PARTS.split(each[0]) if part]
    outside = tuple(one[:80] for one in each if _plain(one) not in spelled)
    if outside or not each:
        return Said(None, outside)
    named = {spelled[_plain(one)] for one in each}
    return Said(tuple(one for one in options if one in named))


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").split()).strip(" .\"'")
