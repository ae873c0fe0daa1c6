"""An archive's own calibration: how far votes and head can be trusted, and how near is near enough."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import CollectionError, Floats
from einthoven.retrieval.guarantee import Guarantee

FORM = 2
"""Of what stands in `archive.json`; 1 had no guarantee."""
FAR, DISTANT = 0.01, 0.05  # shares of ordinary ECGs that are farther: no draft, caution
PRIOR = 20.0  # precision with which a code's weights are held at those of all codes
LOOSE_PRIOR = 1e-3  # of these themselves: only keeps them finite
LOGIT_LIMIT = 6.0
STEPS, CLOSE = 100, 1e-9


@dataclass(frozen=True)
class Calibration:
    """What was learned from ECGs whose statements are known, each asked without its own patient.

    The confidence in a code is logistic in the log odds of its vote among the neighbours and of
    the statement head. `weights` holds (intercept, vote, head) a code; a code that was never seen
    has the weights of all codes together, under "*".

    Args:
        version: of the collection that it holds for.
        k: neighbours that voted.
        source: which ECGs were asked.
        queries, patients: how many.
        far: similarity to the nearest neighbour below which no draft is made.
        distant: similarity below which a draft needs caution.
        guarantee: which confidences keep errors within a stated share; from other patients than the weights.
    """

    version: int
    k: int
    source: str
    queries: int
    patients: int
    far: float
    distant: float
    weights: Mapping[str, tuple[float, float, float]]
    guarantee: Guarantee

    def confidence(self, codes: Sequence[str], votes: Floats, head: Floats) -> Floats:
        """Probabilities (..., codes) that a code is stated, from smoothed votes and head probabilities alike."""
        weights = np.array([self.weights.get(code, self.weights["*"]) for code in codes])
        return _sigmoid(weights[:, 0] + weights[:, 1] * _logit(votes) + weights[:, 2] * _logit(head))

    def to_dict(self) -> dict[str, Any]:
        """For `archive.json`."""
        return {"form": FORM, **asdict(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """From `archive.json`.

        Raises:
            CollectionError: not a calibration, or one of another form.
        """
        if values.get("form", 1) != FORM:
            raise CollectionError(
                f"The archive's calibration is of form {values.get('form', 1)}; this Einthoven reads form {FORM}, "
                "with bounds that keep errors within a stated share.",
                "Calibrate it again: einthoven archive calibrate DIR.",
            )
        try:
            said = {key: value for key, value in values.items() if key != "form"}
            weights = {code: _triple(row) for code, row in said["weights"].items()}
            found = cls(**{**said, "weights": weights, "guarantee": Guarantee.from_dict(said["guarantee"])})
            ints, limits = (found.version, found.k, found.queries, found.patients), (found.far, found.distant)
            sound = "*" in weights and all(type(n) is int for n in ints) and all(map(math.isfinite, limits))
        except (TypeError, KeyError, ValueError, AttributeError):
            sound = False
        if not sound:
            raise CollectionError(
                "The archive's calibration cannot be read.", "Make it again: einthoven archive calibrate DIR."
            )
        return found


def smoothed_votes(carried: NDArray[np.bool_], base_rate: Floats) -> Floats:
    """The share of neighbours that carry each code, drawn towards its share in the archive by one pseudo-neighbour.

    Args:
        carried: (q, k, codes), which neighbour carries which code.
        base_rate: (codes,), the share of the archive that carries it.

    Returns:
        (q, codes).
    """
    return np.asarray((carried.sum(1) + base_rate) / (carried.shape[1] + 1))


def fit_weights(
    codes: Sequence[str], votes: Floats, head: Floats, truth: NDArray[np.bool_]
) -> dict[str, tuple[float, float, float]]:
    """Logistic weights for each code, held towards those of all codes together by `PRIOR`.

    The weights of vote and head are never negative: more neighbours, or a surer head, cannot lower a confidence.

    Args:
        codes: names of the columns.
        votes, head: (q, codes) probabilities.
        truth: (q, codes).
    """
    features = np.stack([np.ones_like(votes), _logit(votes), _logit(head)], -1)
    start = np.array([0.0, 0.5, 0.5])
    every = _logistic(features.reshape(-1, 3), truth.ravel(), start, LOOSE_PRIOR)
    found = {"*": every}
    for column, code in enumerate(codes):
        if truth[:, column].any():
            found[code] = _logistic(features[:, column], truth[:, column], every, PRIOR)
    return {code: (float(w[0]), float(w[1]), float(w[2])) for code, w in found.items()}


def _logistic(features: Floats, truth: NDArray[np.bool_], centre: Floats, prior: float) -> Floats:
    """Logistic regression with a Gaussian prior of that precision around `centre`, all but the intercept >= 0.

    The problem is convex, so the best minimiser with some of the bounded weights held at 0, among those that
    keep the bound, is the minimiser.
    """
    best, least = centre, math.inf
    for held in ((), (1,), (2,), (1, 2)):
        free = np.array([at not in held for at in range(3)])
        weights, loss = _newton(features, truth, centre, prior, free)
        if (weights[1:] >= 0).all() and loss < least:
            best, least = weights, loss
            if not held:
                break
    return best


def _newton(
    features: Floats, truth: NDArray[np.bool_], centre: Floats, prior: float, free: NDArray[np.bool_]
) -> tuple[Floats, float]:
    """Newton's method with halved steps over the `free` weights, the others 0; the weights and their loss."""

    def loss_of(weights: Floats) -> float:
        odds = features @ weights
        misfit = float((np.logaddexp(0, odds) - truth * odds).sum())
        return misfit + prior / 2 * float(np.square(weights - centre).sum())

    part = features[:, free]
    weights: Floats = np.where(free, centre, 0.0)
    loss = loss_of(weights)
    for _ in range(STEPS):
        p = _sigmoid(features @ weights)
        gradient = part.T @ (p - truth) + prior * (weights - centre)[free]
        curvature = (part * (p * (1 - p))[:, None]).T @ part + prior * np.eye(part.shape[1])
        step = np.zeros(3)
        step[free] = np.linalg.solve(curvature, gradient)
        while loss_of(weights - step) > loss and np.abs(step).max() > CLOSE:
            step /= 2
        if np.abs(step).max() <= CLOSE:
            break
        weights = weights - step
        loss = loss_of(weights)
    return weights, loss


def _logit(p: Floats) -> Floats:
    odds = np.log(np.maximum(p, 1e-12)) - np.log(np.maximum(1 - np.asarray(p, np.float64), 1e-12))
    clipped: Floats = np.clip(odds, -LOGIT_LIMIT, LOGIT_LIMIT)
    return clipped


def _sigmoid(x: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return chance


def _triple(row: Sequence[float]) -> tuple[float, float, float]:
    intercept, vote, head = map(float, row)
    if not all(map(math.isfinite, (intercept, vote, head))):
        raise ValueError("weights are finite")
    return intercept, vote, head
