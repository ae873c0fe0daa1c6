"""How many of the true nearest an approximate index finds, measured on an archive's own ECGs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.retrieval import faiss_index as ann
from einthoven.retrieval.approximate import ApproximateIndex
from einthoven.retrieval.search import ExactIndex

DEPTH = 10
AIM = 0.99
QUERIES = 400
FIRST = {"ivf-sq8": 4, "hnsw": 32}


@dataclass(frozen=True)
class Recall:
    """`recall` of the `depth` nearest, the mean over `queries` ECGs of the archive, each without its patient."""

    recall: float
    depth: int
    queries: int


def fitted(exact: ExactIndex, ids: ann.Ids, index: Any, seed: int = 0) -> tuple[ApproximateIndex, Recall]:
    """The index with the least effort, by doubling, that finds 99% of the 10 nearest of some rows.

    Where no effort reaches that, the most of it is taken. Its recall is measured on other rows.
    """
    asked = np.random.default_rng(seed).permutation(len(exact))[:QUERIES]
    truth = nearest(exact, asked)
    first, second = np.arange(0, len(asked), 2), np.arange(1, len(asked), 2)
    kind, most = ann.kind_of(index), ann.most_effort(index)
    effort = min(FIRST[str(kind)], most)
    while True:
        searched = ApproximateIndex(exact, ids, index, effort)
        if effort >= most or _share(searched, asked[first], truth[first]) >= AIM:
            return searched, Recall(_share(searched, asked[second], truth[second]), DEPTH, len(second))
        effort = min(2 * effort, most)


def nearest(index: ExactIndex | ApproximateIndex, asked: NDArray[np.intp]) -> NDArray[np.intp]:
    """(q, 10) the nearest rows of some rows, without those of their own patient."""
    own = [index.groups[one : one + 1] for one in asked]
    return index.search(index.embeddings[asked], DEPTH, own)[1]


def share_found(found: NDArray[np.intp], truth: NDArray[np.intp]) -> float:
    """The share of the true rows (q, k) that are among those found, -1 in either being no row; 1 without any."""
    there = (truth >= 0).sum()
    hits = sum(len(set(a[a >= 0]) & set(b[b >= 0])) for a, b in zip(found, truth, strict=True))
    return float(hits / there) if there else 1.0


def _share(index: ApproximateIndex, asked: NDArray[np.intp], truth: NDArray[np.intp]) -> float:
    return share_found(nearest(index, asked), truth) if len(asked) else 1.0
