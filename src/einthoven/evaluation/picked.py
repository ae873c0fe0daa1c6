"""Ways to pick one report for an ECG from those of others: what they agree on, and chance among the same codes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from einthoven.metrics import words


def consensus(texts: Sequence[str]) -> int:
    """The place of the text with the highest mean token F1 to the others, the first of equals; 0 of one text.

    Token F1: twice the words that two texts share, counted as often as both have them, by the words of both.

    >>> consensus(["sinus rhythm", "atrial fibrillation", "sinus rhythm, left axis"])
    0
    """
    counts = [Counter(words(text)) for text in texts]
    lengths = [sum(one.values()) for one in counts]

    def agreement(place: int) -> float:
        return sum(
            2 * sum((counts[place] & other).values()) / max(lengths[place] + length, 1)
            for at, (other, length) in enumerate(zip(counts, lengths, strict=True))
            if at != place
        )

    return max(range(len(texts)), key=agreement, default=0)


def with_the_same_codes(asked: Sequence[Collection[str]], known: Sequence[Collection[str]], seed: int) -> list[int]:
    """For each set of codes the place of one of `known` that is the same set, drawn at random.

    Where none is the same, one of those with the highest share in common (Jaccard) is drawn.
    """
    rng = np.random.default_rng(seed)
    names = sorted({code for codes in (*asked, *known) for code in codes})
    column = {name: place for place, name in enumerate(names)}

    def table(sets: Sequence[Collection[str]]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        rows = np.zeros((len(sets), max(len(names), 1)), np.float32)
        for row, codes in zip(rows, sets, strict=True):
            row[[column[code] for code in set(codes)]] = 1
        return rows

    theirs = table(known)
    sizes = theirs.sum(1)
    chosen = []
    for row in table(asked):
        common = theirs @ row
        share = (common + 1) / (sizes + row.sum() - common + 1)  # two empty sets are the same
        chosen.append(int(rng.choice(np.flatnonzero(share == share.max()))))
    return chosen
