"""What the choosing ECGs say of a network: macro-AUC by its head, and by the vote of neighbours."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven import statements
from einthoven.ecg import Bools, UsageError
from einthoven.metrics import labels_that_count, macro_auc
from einthoven.models.network import Network
from einthoven.training.batch import Examples
from einthoven.training.loop import batched

NEIGHBOURS = 25
BASE_STEP = 4
FEWEST = 10
"""ECGs that carry a label which is scored."""
MOST = 20_000
"""ECGs that can be neighbours, at most, so that looking takes no longer the more there are."""


def membership(names: Sequence[str], level: str) -> NDArray[np.float32]:
    """(labels, codes): 1 where a code belongs to a diagnostic label of PTB-XL, "super" (5) or "sub" (23)."""
    return np.array(statements.membership(level, names), np.float32)


def judge_on(
    held_out: Examples, base: Examples, groups: NDArray[np.float32], precision: str = "float32"
) -> Callable[[Network], dict[str, float]]:
    """Macro-AUC of superclasses and of all codes on held-out ECGs: by the head, if there is one, and by the vote of
    neighbours; and `score`, their mean.

    The neighbours are the 25 nearest of every 4th of `base`, or all of these where they are fewer.

    Raises:
        UsageError: the held-out ECGs cannot tell one network from another, which is seen before any is trained.
    """
    truth = held_out.target > 0
    truth5 = held_out.target @ groups.T > 0
    _check_scorable(truth, "statement")
    _check_scorable(truth5, "superclass")
    step = max(BASE_STEP, -(-len(base.signal) // MOST))
    some, carried = base.signal[::step], base.target[::step] > 0
    carried5 = carried @ groups.T > 0
    nearest = min(NEIGHBOURS, len(some))

    def judge(network: Network) -> dict[str, float]:
        embedding, probability = batched(network, held_out.signal, precision=precision)
        known, _ = batched(network, some, precision=precision)
        near = np.argpartition(-(embedding @ known.T), nearest - 1, axis=1)[:, :nearest]
        scores = {
            "vote_super": macro_auc(truth5, carried5[near].mean(1), FEWEST).value,
            "vote_all": macro_auc(truth, carried[near].mean(1), FEWEST).value,
        }
        if probability.shape[1]:
            superclass = 1 - np.exp(np.log1p(-np.clip(probability, 0, 1 - 1e-6)) @ groups.T)
            scores["head_super"] = macro_auc(truth5, superclass, FEWEST).value
            scores["head_all"] = macro_auc(truth, probability, FEWEST).value
        return {**scores, "score": math.fsum(scores.values()) / len(scores)}

    return judge


def _check_scorable(truth: Bools, kind: str) -> None:
    if not labels_that_count(truth, FEWEST).any():
        raise UsageError(
            f"Of the {len(truth)} ECGs that choose, no {kind} is carried by {FEWEST} and lacked by one: nothing can be "
            "scored on them.",
            "Name more folds in data.choose, or take ECGs of more than one kind.",
        )
