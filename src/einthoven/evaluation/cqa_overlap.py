"""How much of a text stands word for word in others: what would show that one was written from the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from einthoven.evaluation.cells import Share, Value
from einthoven.knowledge.words import search_words

SIZES = (4, 8)


def _grams(text: str, size: int) -> list[tuple[str, ...]]:
    words = search_words(text)
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def overlap(texts: Sequence[str], references: Iterable[str], size: int) -> Value:
    """Share of the texts' n-grams of words that stand in any of the references, each counted as often as it stands."""
    known = {gram for text in references for gram in _grams(text, size)}
    ours = [gram for text in texts for gram in _grams(text, size)]
    return Share.of_count(sum(gram in known for gram in ours), len(ours)) if ours else "none"
