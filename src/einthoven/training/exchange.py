"""Which texts are exchanged among the ECGs of a batch, so that a network learns to tell that they do not belong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Closeness = NDArray[np.floating[Any]]


def exchanged(
    alike: NDArray[np.bool_], share: float, rng: np.random.Generator, closeness: Closeness | None = None
) -> NDArray[np.int64]:
    """The number of the text that each ECG is given, (n,): its own, or that of its partner.

    Texts are exchanged in pairs, so that each is read once, and a text alone does not tell whether it is in its place.
    About `share` of the ECGs have a partner; fewer where too few differ.

    Args:
        alike: (n, n), True for pairs that say the same; they are no partners.
        closeness: (n, n); of the ECGs that are left, the closest becomes the partner. None draws any.
    """
    count = len(alike)
    order = np.arange(count)
    wanted = int((count * share + rng.random()) / 2)
    free = np.ones(count, bool)
    for ecg in rng.permutation(count):
        if not wanted:
            break
        if not free[ecg]:
            continue
        free[ecg] = False
        others = np.flatnonzero(free & ~alike[ecg])
        if others.size:
            partner = _closest(others, None if closeness is None else closeness[ecg], rng)
            order[ecg], order[partner] = partner, ecg
            free[partner] = False
            wanted -= 1
    return order


def say_the_same(stated: NDArray[np.bool_], texts: Sequence[str]) -> NDArray[np.bool_]:
    """(n, n): pairs of ECGs with the same set of statements (n, codes), or with the same text."""
    said = np.array(texts)
    return np.asarray((stated[:, None] == stated[None]).all(-1) | (said[:, None] == said[None]))


def common_statements(stated: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n, n): statements that two ECGs (n, codes) share, of all that either has (Jaccard's index); 0 where none has."""
    sets = stated.astype(np.float64)
    both = sets @ sets.T
    either = sets.sum(1)[:, None] + sets.sum(1)[None] - both
    return np.asarray(both / np.maximum(either, 1))


def _closest(others: NDArray[np.integer[Any]], closeness: Closeness | None, rng: np.random.Generator) -> int:
    if closeness is None:
        return int(rng.choice(others))
    near = closeness[others]
    return int(rng.choice(others[near == near.max()]))
