"""AUCs of labels that are each known of some ECGs only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Bools, Floats, Ints
from einthoven.metrics import Statistic, weighted_auc

CELLS = 4_000_000
"""Weights spread out at a time, in numbers: 32 MB."""


@dataclass(frozen=True, eq=False)
class Partial:
    """One label: `at` (m,) which ECGs it is known of, `truth` and `score` (m,) of these."""

    at: Ints
    truth: Bools
    score: Floats

    @classmethod
    def of(cls, known: Bools, truth: Bools, score: Floats) -> Partial:
        """From arrays over all ECGs (n,)."""
        at = np.flatnonzero(known)
        return cls(at, truth[at], score[at])

    def enough(self, fewest: int) -> bool:
        """Whether it holds in so many ECGs, and does not hold in so many."""
        holds = int(self.truth.sum())
        return min(holds, len(self.truth) - holds) >= fewest

    def statistic(self, weights: Floats) -> Floats:
        """AUC (draws,) under weights (draws, n) of all ECGs."""
        return weighted_auc(self.truth, self.score, weights[:, self.at])


def macro(labels: Sequence[Partial]) -> Statistic:
    """The mean of the labels' AUCs as a function of weights; NaN where one of them is undefined."""

    def statistic(weights: Floats) -> Floats:
        mean: Floats = np.stack([label.statistic(weights) for label in labels]).mean(axis=0)
        return mean

    return statistic


def micro(labels: Sequence[Partial]) -> Statistic:
    """The AUC over all pairs of an ECG and a label together, as a function of weights."""
    at, truth, score = (
        np.concatenate(parts) for parts in zip(*((x.at, x.truth, x.score) for x in labels), strict=True)
    )
    block = max(1, CELLS // len(at))

    def statistic(weights: Floats) -> Floats:
        parts = [
            weighted_auc(truth, score, weights[start : start + block, at]) for start in range(0, len(weights), block)
        ]
        return np.concatenate(parts)

    return statistic
