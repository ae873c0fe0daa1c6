"""Descriptions without a language model: the sources' own sentences about waves, quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from einthoven.knowledge.description import Described, Quote
from einthoven.knowledge.gate import Sorted
from einthoven.knowledge.orders import without_orders
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.shelf import HandbookShelf, Shelf
from einthoven.knowledge.topics import Topic, topic_of

MOST = 6
"""Sentences of one passage that are quoted."""
_WAVES = re.compile(
    r"\b(?:waves?|complex(?:es)?|intervals?|segments?|durations?|leads?|axis|rhythm|rate|voltages?|amplitudes?|spikes?"
    r"|PR|PQ|QRS|QTc?|ST|RR|PP|aV[RLF]|V[1-9]|III?|ms|mV|mm|bpm|inver(?:ted|sion)|notch\w*|slurr\w*|"
    r"Zacken?|Welle\w*|Strecke\w*|Intervall\w*|Komplex\w*|Ableitung\w*|Rhythmus|Frequenz)\b|\b[PQRSTUJ](?=[ \-'’])"
)


def extracted(found: Sorted, passages: Sequence[tuple[Topic, Sequence[Passage]]]) -> Described:
    """What the passages say of waves, intervals and leads, in their order.

    Args:
        passages: of each finding; one without any is not described, and not made up for.
    """
    quotes = [
        Quote(passage, text, topic.title) for topic, some in passages for passage in some if (text := quoted(passage))
    ]
    several = len({quote.about for quote in quotes}) > 1
    parts: dict[str, list[str]] = {}
    for quote in quotes:  # editions of one book say the same: it is said once, with all of its places
        said = parts.setdefault(quote.about, [])
        said += [one for one in sentences_of(quote.text) if one not in said]
    text = " ".join(f"{title}: {' '.join(said)}" if several else " ".join(said) for title, said in parts.items())
    codes = tuple(topic.code for topic, _ in passages if topic.title in parts and topic.code is not None)
    if not text:
        return Described(found.text, found.kind, reason="The passages that name it say nothing of waves.")
    return Described(found.text, found.kind, text=text, quotes=tuple(quotes), codes=codes)


@cache
def handbook_quotes(code: str, k: int = 2) -> tuple[Quote, ...]:
    """What the handbook says of the waves of one statement; () where it has no section about it."""
    return quotes_of(HandbookShelf(), code, k)


def quotes_of(shelf: Shelf, code: str, k: int = 2) -> tuple[Quote, ...]:
    """What a shelf says of the waves of one statement; () where nothing of it names the statement."""
    topic = topic_of(code)
    some = without_orders(shelf.about(topic, k))
    return tuple(Quote(passage, text, topic.title) for passage in some if (text := quoted(passage)))


def quoted(passage: Passage) -> str:
    """The sentences of a passage that speak of waves; the first ones, where they are many."""
    return " ".join([one for one in sentences_of(passage.text) if speaks_of_waves(one)][:MOST])


def speaks_of_waves(sentence: str) -> bool:
    """Whether it names a wave, an interval, a lead, a rhythm, a rate or a unit of them."""
    return _WAVES.search(sentence) is not None
