"""From what is seen to a probability: a line in log odds for each thing asked, learnt from ECGs that are known."""

from __future__ import annotations

import json
import math
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from einthoven.ecg import Bools, Floats

LIMIT = 6.0
PRIOR = 1.0
STEPS = 50

Line = tuple[float, float]
"""Intercept and slope in log odds."""


@dataclass(frozen=True)
class Scales:
    """Lines by key. A key without one takes its number as log odds as it stands.

    Args:
        about: what they were learnt from, in words and numbers.
    """

    lines: Mapping[str, Line] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def chance(self, key: str | None, x: float) -> float:
        """The probability for a number.

        >>> round(Scales({"k": (0.0, 2.0)}).chance("k", 1.0), 3), Scales().chance(None, 0.0)
        (0.881, 0.5)
        """
        intercept, slope = self.lines.get(key or "", (0.0, 1.0))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, intercept + slope * x))))


def odds(p: float) -> float:
    """Log odds, within +-6."""
    p = min(max(p, 1e-9), 1 - 1e-9)
    return max(-LIMIT, min(LIMIT, math.log(p / (1 - p))))


def fit_line(x: Sequence[float] | Floats, truth: Sequence[bool] | Bools, start: Line = (0.0, 1.0)) -> Line:
    """Logistic regression on one number (Platt 1999), held to `start` by a weak prior; the slope is never negative.

    Args:
        x: (n,) numbers. truth: (n,).
    """
    features = np.stack([np.ones(len(x)), np.asarray(x, np.float64)], 1)
    y, centre = np.asarray(truth, np.float64), np.array(start)
    weights = _newton(features, y, centre, np.array([True, True]))
    if weights[1] < 0:
        weights = _newton(features, y, np.array([start[0], 0.0]), np.array([True, False]))
    return float(weights[0]), float(weights[1])


def _newton(features: Floats, y: Floats, centre: Floats, free: Bools) -> Floats:
    def loss(weights: Floats) -> float:
        z = features @ weights
        return float((np.logaddexp(0, z) - y * z).sum() + PRIOR / 2 * np.square(weights - centre).sum())

    weights = centre.copy()
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(features @ weights, -30, 30)))
        gradient = (features.T @ (p - y) + PRIOR * (weights - centre))[free]
        curvature = ((features * (p * (1 - p))[:, None]).T @ features + PRIOR * np.eye(2))[np.ix_(free, free)]
        step = np.zeros(2)
        step[free] = np.linalg.solve(curvature, gradient)
        while loss(weights - step) > loss(weights) and np.abs(step).max() > 1e-9:
            step = step / 2
        weights = weights - step
        if np.abs(step).max() < 1e-9:
            break
    return np.asarray(weights)


@cache
def shipped_scales() -> Scales:
    """The lines that come with Einthoven, and what they were learnt from."""
    data = pkgutil.get_data("einthoven.answering", "scales.json")
    if data is None:
        raise FileNotFoundError("einthoven/answering/scales.json")
    document = json.loads(data)
    return Scales({key: (float(a), float(b)) for key, (a, b) in document["lines"].items()}, document["about"])
