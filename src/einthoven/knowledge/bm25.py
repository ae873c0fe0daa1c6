"""BM25: which texts have the words of a question (Robertson and Zaragoza, 2009; with Lucene's idf, never negative)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

K1, B = 1.2, 0.75


class BM25:
    """The words of some texts, ready to be asked.

    Args:
        texts: n lists of words.
    """

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._count = len(texts)
        lengths = np.array([len(words) for words in texts], np.float64)
        mean = lengths.mean() if len(texts) and lengths.any() else 1.0
        self._norm = K1 * (1 - B + B * lengths / mean)
        where: dict[str, tuple[list[int], list[int]]] = {}
        for place, words in enumerate(texts):
            for word, count in Counter(words).items():
                places, counts = where.setdefault(word, ([], []))
                places.append(place)
                counts.append(count)
        self._where = {word: (np.array(places), np.array(counts)) for word, (places, counts) in where.items()}

    def scores(self, words: Sequence[str]) -> NDArray[np.float64]:
        """(n,) how well each text answers; 0 where it has none of the words. A word asked twice counts twice."""
        found = np.zeros(self._count)
        for word, times in sorted(Counter(words).items()):
            if word in self._where:
                places, counts = self._where[word]
                idf = np.log1p((self._count - len(places) + 0.5) / (len(places) + 0.5))
                found[places] += times * idf * counts * (K1 + 1) / (counts + self._norm[places])
        return found
