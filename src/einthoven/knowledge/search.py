"""Searching passages by vectors and by words at once, fused by their ranks (Cormack, Clarke and Büttcher, 2009)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import UsageError
from einthoven.knowledge.bm25 import BM25
from einthoven.knowledge.embedding import LEXICAL, Embedder, normalised
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.words import search_words

FUSION = 60
"""The constant of the fusion: a rank r counts 1 / (60 + r)."""
DEPTH = 200
"""Ranks of each search that count."""
_DIGITS = 6  # scores that differ less are a tie
_MOST_LETTERS = 20_000


class Ranks(NamedTuple):
    """Ranks from 1 in each search, equal for ties; None where it did not find the passage."""

    vectors: int | None
    words: int | None


@dataclass(frozen=True)
class Found:
    """A passage that was found.

    Args:
        score: the sum of 1 / (60 + rank) of all searches.
        ranks: in each.
        similarity: cosine of its vector and the question's.
        named: whether its section is about a finding that the question names, which is a vote of rank 1.
    """

    passage: Passage
    score: float
    ranks: Ranks
    similarity: float
    named: bool = False


class Index:
    """Passages in memory, ready to be searched.

    Args:
        passages: n of them.
        embedder: what embeds questions.
        vectors: (n, d) of the passages by the same function; None embeds them now.
        further: words that passages are found by beside their own, a text each; they are not part of any answer.
        words: takes a text apart for the search by words.
        named: the codes that a question names; passages of sections about one of them get a vote more.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        embedder: Embedder = LEXICAL,
        vectors: NDArray[np.float32] | None = None,
        further: Sequence[str] = (),
        words: Callable[[str], list[str]] = search_words,
        named: Callable[[str], Collection[str]] | None = None,
    ) -> None:
        self.passages = tuple(passages)
        self.embedder = embedder
        texts = [indexed_text(passage) for passage in self.passages]
        if further:
            texts = [f"{more}. {text}" for more, text in zip(further, texts, strict=True)]
        self._words, self._named = words, named
        self._bm25 = BM25([words(text) for text in texts])
        rows = embedder(texts) if vectors is None else np.asarray(vectors, np.float32)
        self._weight = _rarity(rows) if embedder.counts else np.ones(rows.shape[1], np.float32)
        # by columns, for a question of a counting function has few
        self._columns = np.ascontiguousarray(normalised(rows * self._weight).T)
        sources = sorted({passage.source for passage in self.passages})
        number = {source: n for n, source in enumerate(sources)}
        self._source = np.array([number[passage.source] for passage in self.passages], np.intp)
        self._numbers = number

    def __len__(self) -> int:
        return len(self.passages)

    def search(self, text: str, k: int = 5, sources: Collection[str] | None = None) -> list[Found]:
        """The k passages that answer best, best first; fewer where fewer have anything of the question.

        Equal scores are in order of source and place. The same question always gets the same answer.

        Args:
            sources: only passages of these.

        Raises:
            UsageError: k is not positive, or a source is not there.
        """
        if k < 1:
            raise UsageError("At least one passage must be asked for.", "Pass k of 1 or more.")
        here = self._of(sources)
        text = text[:_MOST_LETTERS]
        cosine = np.round(self._cosines(text), _DIGITS)
        words = np.round(self._bm25.scores(self._words(text)), _DIGITS)
        by_vector, by_word, by_name = _ranks(cosine, here), _ranks(words, here), _ranks(self._about(text), here)
        score = _votes(by_vector) + _votes(by_word) + _votes(by_name)
        order = np.lexsort((np.arange(len(self)), self._source, -score))[:k]
        return [
            Found(
                self.passages[place],
                float(score[place]),
                Ranks(int(by_vector[place]) or None, int(by_word[place]) or None),
                float(cosine[place]),
                bool(by_name[place]),
            )
            for place in order
            if score[place] > 0
        ]

    def _cosines(self, text: str) -> NDArray[np.float32]:
        question = normalised(self.embedder([text]) * self._weight)[0]
        if len(question) != len(self._columns):
            raise UsageError("The question's vector is of another length.", "Use the function that embedded the base.")
        there = np.flatnonzero(question)
        if len(there) < len(question) // 4:
            return np.asarray(question[there] @ self._columns[there])
        return np.asarray(question @ self._columns)

    def _about(self, text: str) -> NDArray[np.float64]:
        """(n,) 1 for passages of a section about a finding that the question names."""
        codes = frozenset(self._named(text)) if self._named is not None else frozenset()
        return np.array(
            [bool(codes.intersection(one.codes)) for one in self.passages] if codes else [0.0] * len(self), np.float64
        )

    def _of(self, sources: Collection[str] | None) -> NDArray[np.bool_]:
        if sources is None:
            return np.ones(len(self), np.bool_)
        if unknown := sorted(set(sources) - set(self._numbers)):
            raise UsageError(f"No source is called {unknown[0]}.", f"There are: {', '.join(list(self._numbers)[:20])}.")
        return np.isin(self._source, [self._numbers[source] for source in sources])


def indexed_text(passage: Passage) -> str:
    """What a passage is found by: its text under its headings."""
    return f"{passage.section}: {passage.text}" if passage.section else passage.text


def _rarity(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """(d,) the inverse document frequency of each column: log((1 + n) / (1 + passages that have it)) + 1."""
    having = np.count_nonzero(rows, axis=0)
    return np.asarray(np.log((1 + len(rows)) / (1 + having)) + 1, np.float32)


def _ranks(scores: NDArray[np.floating], here: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(n,) ranks from 1 among those `here` with a score above 0, ties at the same; 0 for the others and beyond."""
    ranks = np.zeros(len(scores), np.intp)
    places = np.flatnonzero(here & (scores > 0))
    order = places[np.argsort(-scores[places], kind="stable")]
    ordered = scores[order]
    first = np.flatnonzero(np.diff(ordered, prepend=np.inf))
    ranks[order] = np.repeat(first + 1, np.diff(first, append=len(order)))
    ranks[ranks > DEPTH] = 0
    return ranks


def _votes(ranks: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.where(ranks > 0, 1 / (FUSION + ranks), 0.0)
