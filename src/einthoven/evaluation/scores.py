"""Three ways to tell a label from a model: its neighbours' vote, a linear probe, its statement head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.evaluation.labels import Scores
from einthoven.evaluation.question import NEIGHBOURS
from einthoven.retrieval import ExactIndex

VOTE, PROBE, HEAD = f"vote of {NEIGHBOURS} neighbours", "linear probe", "statement head"


def nearest(base: NDArray[Any], asked: NDArray[Any]) -> NDArray[np.intp]:
    """The places (n, 25) of the nearest ECGs of `base` (m, d), nearest first."""
    return ExactIndex(base.astype(np.float32), backend="numpy").search(asked.astype(np.float32), NEIGHBOURS)[1]


def vote(base: NDArray[Any], asked: NDArray[Any], known: NDArray[np.bool_]) -> Scores:
    """The share (n, l) of the 25 nearest ECGs of `base` (m, d) that have each label `known` (m, l)."""
    return np.asarray(known[nearest(base, asked)].mean(1))


def head_by_code(
    head: NDArray[Any], own: Sequence[str], codes: Sequence[str], base_rate: NDArray[np.float64]
) -> Scores:
    """The head's probabilities (n, its codes) by `codes`; one that it does not know has its base rate everywhere."""
    scores = np.tile(base_rate, (len(head), 1))
    for column, code in enumerate(codes):
        if code in own:
            scores[:, column] = head[:, own.index(code)]
    return scores
