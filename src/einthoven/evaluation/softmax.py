"""A linear probe that tells many people apart: one softmax over all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Floats, MissingPackageError, ModelError
from einthoven.evaluation.probe import standardised

PENALTY = 1.0
"""C of the multinomial regression, fixed beforehand, the same for every model: |w|^2 / (2 C) beside the summed loss."""
STEPS, TOLERANCE = 2000, 1e-2


def one_shot_probe(train: NDArray[Any], test: NDArray[Any]) -> Floats:
    """Logits (n, n) of `test` (n, d) by a multinomial logistic regression on `train` (n, d), one ECG a person.

    Both are standardised by `train`. All classes share one penalty, and there are no intercepts: with one ECG of
    each person nobody is more frequent.

    The minimum lies in the span of the training ECGs, and in that of their principal axes, so that the regression
    is fitted along those alone.

    Raises:
        MissingPackageError: scipy is not installed.
        ModelError: embeddings that are not finite, or for which no minimum was found.
    """
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingPackageError("Identification needs scipy.", "pip install 'einthoven[eval]'") from None
    x, y = standardised(train, test)
    size, turn = np.linalg.svd(x, full_matrices=False)[1:]
    turn = turn[size > size[0] * 1e-10].T if len(size) and size[0] > 0 else np.zeros((x.shape[1], 1))
    x, y = x @ turn, y @ turn
    people, width = x.shape
    scale = 1 / np.sqrt((x**2).sum(0) / people + 1 / PENALTY)[:, None]

    def loss(unknown: Floats) -> tuple[float, Floats]:
        weights = unknown.reshape(width, people) * scale
        logits = x @ weights
        logits -= logits.max(axis=1, keepdims=True)
        own = np.diagonal(logits).copy()
        np.exp(logits, out=logits)
        total = logits.sum(axis=1, keepdims=True)
        logits /= total
        np.fill_diagonal(logits, np.diagonal(logits) - 1)
        slope = x.T @ logits + weights / PENALTY
        value = float((np.log(total[:, 0]) - own).sum() + (weights**2).sum() / (2 * PENALTY))
        return value, np.asarray((slope * scale).ravel())

    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "maxcor": 10, "gtol": TOLERANCE, "ftol": 0.0}
    found = minimize(loss, np.zeros(width * people), jac=True, method="L-BFGS-B", options=options)
    if not np.abs(found.jac).max() <= TOLERANCE:  # also refuses NaN
        raise ModelError(
            f"The probe of people found no minimum in {found.nit} steps ({found.message}).",
            "Look for features whose values differ by many orders of magnitude.",
        )
    return np.asarray(y @ (found.x.reshape(width, people) * scale))
