"""A linear probe: what a linear layer can read from frozen embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import MissingPackageError, ModelError

PENALTY = 1.0
"""C of the logistic regressions, fixed beforehand, the same for every model: |w|^2 / (2 C) beside the summed loss."""
FEATURES = "standardised on the training ECGs"
STEPS = 2000
TOLERANCE = 3e-4  # of the gradient in the scaled unknowns; probabilities are then right to a few 1e-4

Matrix = NDArray[np.float64]


def linear_probe(train: NDArray[Any], labels: NDArray[np.bool_], test: NDArray[Any]) -> Matrix:
    """Probabilities (q, l) for `test` (q, d) of logistic regressions on standardised `train` (n, d), a label each.

    Those of all `labels` (n, l) are found at once, by one L-BFGS over their summed loss with an L2 penalty on all
    weights but the intercepts. A label without a positive or without a negative gets the same score everywhere.

    Raises:
        MissingPackageError: scipy is not installed.
        ModelError: embeddings that are not finite, or for which no minimum was found.
    """
    x, y = _turned(train, test)
    scores: Matrix = np.tile(labels.mean(0), (len(test), 1))
    told = labels.any(0) & ~labels.all(0)
    if told.any():
        weights = _fit(x, labels[:, told].astype(np.float64))
        scores[:, told] = _sigmoid(y @ weights[:-1] + weights[-1])
    return scores


def _turned(train: NDArray[Any], test: NDArray[Any]) -> tuple[Matrix, Matrix]:
    """Both in units of the training ECGs' deviation, along their principal axes.

    The turn leaves distances, and so the penalty and the minimum, as they are; but along those axes the loss is
    nearly separable, so that L-BFGS takes tens of steps instead of hundreds.
    """
    x, y = standardised(train, test)
    axes = np.linalg.eigh(x.T @ x)[1]
    return x @ axes, y @ axes


def standardised(train: NDArray[Any], test: NDArray[Any]) -> tuple[Matrix, Matrix]:
    """Both with the mean of `train` taken away, in units of its deviation; a feature that is constant there stays.

    Raises:
        ModelError: embeddings that are not finite.
    """
    x, y = np.asarray(train, np.float64), np.asarray(test, np.float64)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ModelError("Some embeddings are NaN or infinite.", "Find out where the model breaks first.")
    mean, spread = x.mean(0), x.std(0)
    spread[np.ptp(x, axis=0) == 0] = 1
    return (x - mean) / spread, (y - mean) / spread


def _fit(x: Matrix, truth: Matrix) -> Matrix:
    """Weights (d + 1, l), intercepts last, of the least penalised loss of `truth` (n, l) on `x` (n, d)."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise MissingPackageError("Linear probes need scipy.", "pip install 'einthoven[eval]'") from None
    share = truth.mean(0)
    # How the loss curves at the start, along each principal axis: it makes all unknowns of a kind.
    curved = np.append((x**2).sum(0), len(x))[:, None] * (share * (1 - share))
    curved[:-1] += 1 / PENALTY
    scale = 1 / np.sqrt(curved)
    start = np.zeros_like(scale)
    start[-1] = np.log(share / (1 - share)) / scale[-1]
    pull = np.concatenate([x.T @ truth, truth.sum(0, keepdims=True)])

    def loss(unknown: Matrix) -> tuple[float, Matrix]:
        weights = unknown.reshape(scale.shape) * scale
        total, chance = _softplus(x @ weights[:-1] + weights[-1])
        slope = np.concatenate([x.T @ chance, chance.sum(0, keepdims=True)]) - pull
        slope[:-1] += weights[:-1] / PENALTY
        value = total - (weights * pull).sum() + (weights[:-1] ** 2).sum() / (2 * PENALTY)
        return float(value), (slope * scale).ravel()

    options = {"maxiter": STEPS, "maxfun": 2 * STEPS, "maxcor": 20, "gtol": TOLERANCE, "ftol": 0.0}
    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    if not np.abs(found.jac).max() <= TOLERANCE:  # also refuses NaN
        raise ModelError(
            f"The linear probe found no minimum in {found.nit} steps ({found.message}).",
            "Look for features whose values differ by many orders of magnitude.",
        )
    return np.asarray(found.x.reshape(scale.shape) * scale)


def _softplus(z: Matrix) -> tuple[float, Matrix]:
    """The sum of log(1 + exp(z)), and its slope in each entry: the sigmoid, to 1e-16 absolute.

    One exponential and one logarithm an entry, in place: `logaddexp` takes four times as long.
    """
    total = np.maximum(z, 0).sum()
    near = np.abs(z)
    np.exp(np.negative(near, out=near), out=near)
    near += 1
    total += np.log(near).sum()
    np.reciprocal(near, out=near)
    near -= 0.5
    return float(total), np.copysign(near, z, out=near) + 0.5


def _sigmoid(z: Matrix) -> Matrix:
    return np.asarray(np.exp(-np.logaddexp(0, -z)))
