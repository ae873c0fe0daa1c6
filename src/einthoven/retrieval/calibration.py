"""An archive's own calibration: how far votes and head can be trusted, and how near is near enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import CollectionError, Floats

FAR, DISTANT = 0.01, 0.05  # shares of ordinary ECGs that are farther: no draft, caution
PRIOR = 20.0  # pseudo-observations that hold a code's weights at those of all codes
LOGIT_LIMIT = 6.0


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
    """

    version: int
    k: int
    source: str
    queries: int
    patients: int
    far: float
    distant: float
    weights: Mapping[str, tuple[float, float, float]]

    def confidence(self, codes: Sequence[str], votes: Floats, head: Floats) -> Floats:
        """Probabilities (..., codes) that a code is stated, from smoothed votes and head probabilities alike."""
        weights = np.array([self.weights.get(code, self.weights["*"]) for code in codes])
        return _sigmoid(weights[:, 0] + weights[:, 1] * _logit(votes) + weights[:, 2] * _logit(head))

    def to_dict(self) -> dict[str, Any]:
        """For `archive.json`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """From `archive.json`.

        Raises:
            CollectionError: not a calibration.
        """
        try:
            weights = {code: tuple(map(float, row)) for code, row in values["weights"].items()}
            return cls(**{**values, "weights": weights})
        except (TypeError, KeyError, ValueError, AttributeError):
            raise CollectionError(
                "The archive's calibration cannot be read.", "Make it again: einthoven archive calibrate DIR."
            ) from None


def smoothed_votes(carried: NDArray[np.bool_], base_rate: Floats) -> Floats:
    """The share of neighbours that carry each code, drawn towards its share in the archive by one pseudo-neighbour.

    Args:
        carried: (q, k, codes), which neighbour carries which code.
        base_rate: (codes,), the share of the archive that carries it.

    Returns:
        (q, codes).
    """
    return (carried.sum(1) + base_rate) / (carried.shape[1] + 1)  # type: ignore[no-any-return]


def fit_weights(
    codes: Sequence[str], votes: Floats, head: Floats, truth: NDArray[np.bool_]
) -> dict[str, tuple[float, float, float]]:
    """Logistic weights for each code, held towards those of all codes together by `PRIOR` pseudo-observations.

    Args:
        codes: names of the columns.
        votes, head: (q, codes) probabilities.
        truth: (q, codes).
    """
    features = np.stack([np.ones_like(votes), _logit(votes), _logit(head)], -1)
    start = np.array([0.0, 0.5, 0.5])
    every = _logistic(features.reshape(-1, 3), truth.ravel(), start, 1e-3)
    found = {"*": every}
    for column, code in enumerate(codes):
        if truth[:, column].any():
            found[code] = _logistic(features[:, column], truth[:, column], every, PRIOR)
    return {code: (float(w[0]), float(w[1]), float(w[2])) for code, w in found.items()}


def _logistic(features: Floats, truth: NDArray[np.bool_], centre: Floats, prior: float) -> Floats:
    """Newton's method for logistic regression with a Gaussian prior of that precision around `centre`."""
    weights = centre.copy()
    for _ in range(50):
        p = _sigmoid(features @ weights)
        gradient = features.T @ (p - truth) + prior * (weights - centre)
        curvature = (features * (p * (1 - p))[:, None]).T @ features + prior * np.eye(3)
        step = np.linalg.solve(curvature, gradient)
        weights = weights - np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _logit(p: Floats) -> Floats:
    odds = np.log(np.maximum(p, 1e-12)) - np.log(np.maximum(1 - np.asarray(p, np.float64), 1e-12))
    return np.clip(odds, -LOGIT_LIMIT, LOGIT_LIMIT)  # type: ignore[no-any-return]


def _sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x, -30, 30)))  # type: ignore[no-any-return]
