"""F1 of codes, and the agreement of two that assign them, as functions of weights for a bootstrap by patient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Floats
from einthoven.evaluation.cells import Cell
from einthoven.metrics import interval_of, patient_draws

Truth = NDArray[np.bool_]
Scores = Callable[[Floats], Floats]


def f1_scores(said: Truth, truth: Truth, counted: Truth | None = None) -> Scores:
    """Weights (draws, n) to micro-F1, macro-F1 and the F1 of each code: (draws, 2 + codes).

    A code that neither says has an F1 of 0 in that draw, and so has no micro-F1 of nothing.

    Args:
        said, truth: (n, codes). counted: (n, codes), the pairs that count; all if None.
    """
    kept = np.ones_like(truth) if counted is None else counted
    both = (said & truth & kept).astype(np.float64)
    either = both * 2 + ((said ^ truth) & kept)

    def scores(weights: Floats) -> Floats:
        hits, all_said = 2 * weights @ both, weights @ either
        each = np.divide(hits, all_said, out=np.zeros_like(hits), where=all_said > 0)
        total = all_said.sum(1)
        micro = np.divide(hits.sum(1), total, out=np.zeros_like(total), where=total > 0)
        return np.column_stack([micro, each.mean(1), each])

    return scores


def cells(scores: Scores, patients: NDArray[np.str_], draws: int) -> list[Cell]:
    """Each column's value with its 95% interval."""
    values = patient_draws(scores, patients, draws)
    return [Cell.of(interval_of(column)) for column in values.T]


def kappa(one: Truth, other: Truth) -> float:
    """Cohen's kappa (1960) of two that assign codes, over all pairs of ECG and code; 1 if both always say the same.

    >>> kappa(np.array([[True, False], [True, False]]), np.array([[True, False], [False, False]]))
    0.5
    """
    seen = float((one == other).mean())
    chance = float(one.mean() * other.mean() + (1 - one.mean()) * (1 - other.mean()))
    return 1.0 if chance == 1 else (seen - chance) / (1 - chance)
