"""A linear probe: what a linear layer can read from frozen embeddings."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ModelError

PENALTY = 1.0
"""C of the logistic regressions, fixed beforehand, the same for every model: |w|^2 / (2 C) beside the summed loss."""
FEATURES = "standardised on the training ECGs"
STEPS = 2000
TOLERANCE = 3e-4  # of the gradient in the scaled unknowns; probabilities are then right to a few 1e-4
MEMORY, HALVINGS, DESCENT = 20, 40, 1e-4

Matrix = NDArray[np.float64]


def linear_probe(train: NDArray[Any], labels: NDArray[np.bool_], test: NDArray[Any]) -> Matrix:
    """Probabilities (q, l) for `test` (q, d) of logistic regressions on standardised `train` (n, d), a label each.

    Each of `labels` (n, l) has an L2 penalty on all weights but the intercept; all are found at once. A label without
    a positive or without a negative gets the same score everywhere.

    Raises:
        ModelError: embeddings that are not finite, or for which no minimum was found.
    """
    x, y = _turned(train, test)
    scores: Matrix = np.tile(labels.mean(0), (len(test), 1))
    told = labels.any(0) & ~labels.all(0)
    if told.any():
        weights = _fit(x, labels[:, told].astype(np.float64))
        scores[:, told] = _softplus(y @ weights[:-1] + weights[-1])[1]
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


class _Point(NamedTuple):
    """Where the search for weights stands: each label's weights (d, l), odds (n, l), loss (l,) and gradient (d, l)."""

    weights: Matrix
    odds: Matrix
    loss: Matrix
    slope: Matrix


class _Bend(NamedTuple):
    """What a step has taught of the loss's curvature: by how much weights (d, l) and gradient (d, l) moved, and
    one over their product (l,); 0 where a step was too short to teach anything."""

    moved: Matrix
    turned: Matrix
    inverse: Matrix


def _fit(x: Matrix, truth: Matrix) -> Matrix:
    """Weights (d + 1, l), intercepts last, of the least penalised loss of each label of `truth` (n, l) on `x` (n, d).

    By L-BFGS (Nocedal and Wright, Numerical Optimization, algorithms 7.4 and 3.1) of all labels in lockstep. They
    share the matrix products, but each has a memory and a step length of its own: one label's unknowns have nothing
    to do with another's, and a memory that they share takes three to nine times as many steps.
    """
    x = np.column_stack([x, np.ones(len(x))])
    share = truth.mean(0)
    pull = np.append(np.full(x.shape[1] - 1, 1 / PENALTY), 0)[:, None]
    curved = (x**2).sum(0)[:, None] * (share * (1 - share)) + pull  # the loss at the start, along each axis
    start = np.zeros_like(curved)
    start[-1] = np.log(share / (1 - share))
    here = _at(x, truth, pull, start, x @ start)
    found: Matrix = np.empty_like(start)
    labels = np.arange(len(share))
    memory: deque[_Bend] = deque(maxlen=MEMORY)
    for _ in range(STEPS):
        going = ~(np.abs(here.slope / np.sqrt(curved)).max(0) <= TOLERANCE)  # NaN goes on, and is refused in the end
        if not going.all():
            found[:, labels[~going]] = here.weights[:, ~going]
            labels, curved, truth = labels[going], curved[:, going], truth[:, going]
            here = _Point(*(part[..., going] for part in here))
            memory = deque((_Bend(*(part[..., going] for part in bend)) for bend in memory), MEMORY)
        if not len(labels):
            return found
        there = _stepped(x, truth, pull, here, _direction(here.slope, curved, memory))
        moved, turned = there.weights - here.weights, there.slope - here.slope
        bent = (moved * turned).sum(0)
        memory.append(_Bend(moved, turned, np.divide(1, bent, out=np.zeros_like(bent), where=bent > 0)))
        here = there
    raise ModelError(
        f"The linear probe found no minimum in {STEPS} steps.",
        "Look for features whose values differ by many orders of magnitude.",
    )


def _at(x: Matrix, truth: Matrix, pull: Matrix, weights: Matrix, odds: Matrix) -> _Point:
    loss, chance = _loss(truth, pull, weights, odds)
    return _Point(weights, odds, loss, x.T @ (chance - truth) + pull * weights)


def _loss(truth: Matrix, pull: Matrix, weights: Matrix, odds: Matrix) -> tuple[Matrix, Matrix]:
    """Each label's penalised loss (l,), and the chances (n, l) that belong to the odds."""
    soft, chance = _softplus(odds)
    loss: Matrix = (soft - truth * odds).sum(0) + (pull * weights**2).sum(0) / 2
    return loss, chance


def _direction(slope: Matrix, curved: Matrix, memory: deque[_Bend]) -> Matrix:
    """The gradient, turned by what the last steps taught of each label's curvature (two loops)."""
    way, shares = slope.copy(), []
    for moved, turned, inverse in reversed(memory):
        shares.append(inverse * (moved * way).sum(0))
        way -= shares[-1] * turned
    way /= curved
    if memory:
        _, turned, inverse = memory[-1]
        stiff = inverse * (turned**2 / curved).sum(0)
        way /= np.where(stiff > 0, stiff, 1)
    for (moved, turned, inverse), share in zip(memory, reversed(shares), strict=True):
        way += moved * (share - inverse * (turned * way).sum(0))
    return way


def _stepped(x: Matrix, truth: Matrix, pull: Matrix, here: _Point, way: Matrix) -> _Point:
    """Down along `way` (d, l): each label the whole of it, or a half, a quarter, ... until its loss falls enough."""
    along, fall = x @ way, (way * here.slope).sum(0)
    size = np.ones(len(fall))
    for _ in range(HALVINGS):
        weights, odds = here.weights - size * way, here.odds - size * along
        loss = _loss(truth, pull, weights, odds)[0]
        short = ~(loss <= here.loss - DESCENT * size * fall + 1e-12 * np.abs(here.loss))  # rounding at the very end
        if not short.any():
            break
        size[short] /= 2
    return _at(x, truth, pull, weights, odds)


def _softplus(odds: Matrix) -> tuple[Matrix, Matrix]:
    """log(1 + exp(odds)), and its slope: the sigmoid, to 1e-16 absolute.

    One exponential and one logarithm an entry: `logaddexp` takes four times as long.
    """
    near = np.exp(-np.abs(odds))
    soft = np.maximum(odds, 0) + np.log1p(near)
    chance = 1 / (1 + near)
    return soft, np.where(odds >= 0, chance, 1 - chance)
