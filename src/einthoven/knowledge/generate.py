"""Descriptions by a language model, of which only the supported sentences are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from einthoven.formats.text import clean
from einthoven.knowledge.description import Described, Dropped, Quote
from einthoven.knowledge.extract import quoted, speaks_of_waves
from einthoven.knowledge.gate import Sorted
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.prompts import SCHEMA, Prompt, messages
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.support import unsupported
from einthoven.knowledge.topics import Topic
from einthoven.llm import Chat

LONGEST, LONGEST_TEXT = 400, 4000
"""Characters of one sentence, and of what a model gives as one."""
_REFERS = re.compile(r"(?:it|its|they|their|this|that|these|those|both|such|here|there|then|which)\b", re.IGNORECASE)
"""How a sentence begins that is about the one before, and is dropped with it."""
_BEATS = re.compile(
    r"\b(?:baseline|beats?|deflections?|oscillations?|pauses?|peaks?|preexcitation|delta)\b", re.IGNORECASE
)


def generated(
    found: Sorted, passages: Sequence[tuple[Topic, Sequence[Passage]]], chat: Chat, prompt: Prompt
) -> Described:
    """What the model says of the passages, without the sentences, numbers and leads that stand in none of them.

    Raises:
        LanguageModelError: no answer, or none of the form that was asked for.
    """
    numbered = [(topic, passage) for topic, some in passages for passage in some]
    condition = " with ".join(topic.title for topic, some in passages if some)
    answer = chat.complete(messages(prompt.question(condition), [one for _, one in numbered]), SCHEMA)
    kept, dropped, used = [], [], set()
    for said in answer.parsed["sentences"]:
        cited = _cited(said["passages"], len(numbered))
        rests_on = [numbered[place][1].text for place in cited]
        why = ""  # of the sentence before, where several stand in the place of one
        for sentence in sentences_of(" ".join(clean(str(said["text"]), LONGEST_TEXT).split())):
            sentence = clean(sentence, LONGEST)
            if not (why and _REFERS.match(sentence)):
                why = _not_kept(sentence, rests_on)
            if why:
                dropped.append(Dropped(sentence, why))
            elif sentence not in kept:
                kept.append(sentence)
                used |= set(cited)
    quotes = tuple(
        Quote(passage, quoted(passage) or passage.text, topic.title)
        for place, (topic, passage) in enumerate(numbered)
        if place in used
    )
    return Described(
        found.text,
        found.kind,
        reason="" if kept else f"{answer.model} wrote nothing that the passages support.",
        text=" ".join(kept),
        quotes=quotes,
        codes=tuple(topic.code for topic, some in passages if some and topic.code is not None) if kept else (),
        model=answer.model,
        dropped=tuple(dropped),
        tokens=(answer.tokens_in, answer.tokens_out),
    )


def _not_kept(sentence: str, passages: Sequence[str]) -> str:
    """Why a sentence is dropped; empty where it is kept."""
    if why := unsupported(sentence, passages):
        return why
    waves = speaks_of_waves(sentence) or _BEATS.search(sentence)
    return "" if waves else "it speaks of no wave, interval, lead or beat"


def _cited(numbers: Sequence[Any], there: int) -> list[int]:
    """Places of the passages that are named and there, each once."""
    return sorted({number - 1 for number in numbers if 1 <= number <= there})
