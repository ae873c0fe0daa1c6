"""The best that a report of the archive could do as a text: the one with the highest BLEU to the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import MissingPackageError, UsageError
from einthoven.metrics import ngrams, words

LONGEST = 4
BLOCK = 1_000_000  # pairs of texts that are scored at a time


def highest_bleu(references: Sequence[str], texts: Sequence[str]) -> NDArray[np.intp]:
    """For each reference (n,) the place of the text with the highest BLEU-4 by itself, the first of equals.

    As `metrics.sentence_bleu` has it, in one product of matrices.

    Raises:
        UsageError: no reference or no text.
        MissingPackageError: scipy is not installed.
    """
    if not references or not texts:
        raise UsageError("Nothing is to be compared.", "Pass references, and texts to choose from.")
    meant, said = ([words(text) for text in each] for each in (references, texts))
    pairs = [_counted(meant, said, n) for n in range(1, LONGEST + 1)]
    written = [np.maximum(np.array([len(text) for text in said]) - n, 0) for n in range(LONGEST)]
    lengths, theirs = (np.array([len(text) for text in each], np.float64) for each in (said, meant))
    best = np.empty(len(meant), np.intp)
    step = max(1, BLOCK // len(said))
    for start in range(0, len(meant), step):
        part = slice(start, start + step)
        score = np.zeros((len(theirs[part]), len(said)))
        for n, (ours, known) in enumerate(pairs):
            added = float(n > 0)
            matched = (ours[part] @ known.T).toarray() + added
            with np.errstate(divide="ignore", invalid="ignore"):
                score += np.nan_to_num(np.log(matched / (written[n] + added)), nan=-np.inf) / LONGEST
        score += np.minimum(0.0, 1.0 - theirs[part, None] / np.maximum(lengths, 1))
        best[part] = score.argmax(1)
    return best


def _counted(meant: Sequence[Sequence[str]], said: Sequence[Sequence[str]], n: int) -> tuple[Any, Any]:
    """Which text has which n-gram for the first, second ... time: products of these count clipped matches."""
    try:
        from scipy.sparse import csr_matrix
    except ImportError:
        raise MissingPackageError("The oracle needs scipy.", "Install it: pip install 'einthoven[eval]'.") from None
    columns: dict[tuple[tuple[str, ...], int], int] = {}

    def places(text: Sequence[str]) -> list[int]:
        found: Counter[tuple[str, ...]] = ngrams(text, n)
        return [
            columns.setdefault((gram, again), len(columns)) for gram, count in found.items() for again in range(count)
        ]

    rows = [[places(text) for text in each] for each in (meant, said)]
    return tuple(
        csr_matrix(
            (
                np.ones(sum(map(len, each)), np.float32),
                np.array([place for line in each for place in line], np.int64),
                np.cumsum([0, *map(len, each)]),
            ),
            shape=(len(each), len(columns)),
        )
        for each in rows
    )
