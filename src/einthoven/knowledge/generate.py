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
from einthoven.knowledge.support import unsupported
from einthoven.knowledge.topics import Topic
from einthoven.llm import Chat

LONGEST = 400
"""Characters of one sentence."""
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
        sentence = clean(" ".join(str(said["text"]).split()), LONGEST)
        cited = _cited(said["passages"], len(numbered))
        if not sentence or sentence in kept:
            continue
        why = unsupported(sentence, [numbered[place][1].text for place in cited])
        if not why and not (speaks_of_waves(sentence) or _BEATS.search(sentence)):
            why = "it speaks of no wave, interval, lead or beat"
        if why:
            dropped.append(Dropped(sentence, why))
        else:
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


def _cited(numbers: Sequence[Any], there: int) -> list[int]:
    """Places of the passages that are named and there, each once."""
    return sorted({number - 1 for number in numbers if 1 <= number <= there})
