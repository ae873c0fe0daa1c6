"""Functions that turn texts into vectors, and the one that is there without a model.

`LEXICAL` compares spellings, not meanings: words and parts of words, counted in hashed columns. It finds
"fibrillating" by "fibrillation", and not "irregular rhythm without P waves". A function that knows meanings (a language
model's embeddings) is passed in its place.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ModelError, UsageError
from einthoven.knowledge.words import search_words

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""n texts to (n, d) finite numbers."""

WIDTH = 4096
_HALF = WIDTH // 2
_LENGTHS = (3, 4)


@dataclass(frozen=True)
class Embedder:
    """An embedding function and what it is known by.

    Args:
        name: what people call it.
        sha256: 64 hexadecimal digits; equal ones promise equal vectors, and a base refuses another's.
        embed: the function.
        counts: whether each column counts something, so that a column that many passages have says little; its
            columns are then weighed by the passages' inverse document frequency when they are searched.
    """

    name: str
    sha256: str
    embed: Embed
    counts: bool = False

    def __post_init__(self) -> None:
        if len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef"):
            raise UsageError("An embedding function is named by a SHA-256.", "Pass 64 lower-case hexadecimal digits.")

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) float32, each row of length 1, or of length 0 where a text has nothing to embed.

        Raises:
            ModelError: the function gives another number of rows, or numbers that are not finite.
        """
        found = np.asarray(self.embed(texts), np.float32)
        if found.ndim != 2 or len(found) != len(texts) or not np.isfinite(found).all():
            raise ModelError(
                f"The embedding function {self.name} gives {found.shape} for {len(texts)} texts, or no numbers.",
                "It must give one row of finite numbers for each text.",
            )
        return normalised(found)


def normalised(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (n, d) of length 1; those of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), np.float32)


def embed_lexical(texts: Sequence[str]) -> NDArray[np.float32]:
    """(n, 4096): words in the first half of the columns, parts of words of 3 and 4 letters in the second.

    A word that stands c times counts 1 + log c; the parts of each word share the weight of one word.
    """
    found = np.zeros((len(texts), WIDTH), np.float32)
    for row, text in zip(found, texts, strict=True):
        for word, count in Counter(search_words(text)).items():
            weight = 1 + np.log(count)
            own, parts = _columns(word)
            row[own] += weight
            np.add.at(row, parts, weight / np.sqrt(len(parts)))
    return normalised(found)


@lru_cache(100_000)
def _columns(word: str) -> tuple[int, NDArray[np.intp]]:
    framed = f"<{word}>"
    parts = [framed[n : n + size] for size in _LENGTHS for n in range(len(framed) - size + 1)] or [framed]
    return _hash(word), np.array([_HALF + _hash(part) for part in parts], np.intp)


def _hash(text: str) -> int:
    return zlib.crc32(text.encode()) % _HALF


LEXICAL = Embedder(
    "lexical (spellings, not meanings)",
    hashlib.sha256(b"einthoven lexical embedding, version 1: crc32, 2048 words, 2048 parts of 3 and 4").hexdigest(),
    embed_lexical,
    counts=True,
)
