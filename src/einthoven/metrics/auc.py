"""Area under the ROC curve, exact with ties, for one sample or many weightings of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Bools, Floats, UsageError
from einthoven.metrics.check import as_scores, as_truth

Statistic = Callable[[Floats], Floats]
"""Weights (draws, n) to values (draws,), or (draws, l) where it has a value for each label."""


@dataclass(frozen=True, eq=False)
class MacroAUC:
    """Mean of the AUCs of the labels that count.

    `per_label` (l,) is NaN where a label has one class only; `counted` (l,) says which
    labels are in `value`.
    """

    value: float
    per_label: Floats
    counted: Bools


def auc(truth: ArrayLike, score: ArrayLike) -> float:
    """Probability that a positive scores above a negative, a tie counting half.

    Args:
        truth: (n,) 0 or 1.
        score: (n,) finite; higher means more likely positive.

    Returns:
        0 to 1, or NaN where it is undefined: no positive or no negative.

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.4, 0.8])
    0.875
    >>> auc([1, 1], [0.1, 0.4])
    nan
    """
    known = as_truth(truth, 1)
    scores = as_scores(score, known.shape)
    return float(weighted_auc(known, scores, np.ones((1, len(known))))[0])


def weighted_auc(truth: Bools, score: Floats, weights: Floats) -> Floats:
    """AUC (draws,) of one label under each row of non-negative weights (draws, n).

    With whole weights it equals the AUC of the sample in which each ECG stands as often
    as its weight says. NaN where one class has no weight.
    """
    return _auc(truth, score, _turned(weights))


def _turned(weights: Floats) -> Floats:
    """(n, draws), so that ECGs can be put in order and summed up by whole rows: four times as fast."""
    return np.ascontiguousarray(np.asarray(weights, np.float64).T)


def _auc(truth: Bools, score: Floats, turned: Floats) -> Floats:
    order = np.argsort(score, kind="stable")
    ordered = score[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.r_[starts[1:], len(ordered)]
    place = np.flatnonzero(truth[order])
    tie = np.searchsorted(starts, place, side="right") - 1  # the distinct score of each positive
    drawn = turned[order]
    positive = drawn[place]
    drawn[place] = 0
    negative = np.cumsum(drawn, axis=0)  # up to each place, it included
    lower = np.where(starts[tie, None] > 0, negative[starts[tie] - 1], 0)
    wins = (positive * (lower + negative[ends[tie] - 1])).sum(axis=0) / 2  # a tie counts half
    pairs = positive.sum(axis=0) * negative[-1]
    area: Floats = np.divide(wins, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return area


def labels_that_count(truth: Bools, minimum: int) -> Bools:
    """Labels (l,) with at least `minimum` positives and at least one negative in truth (n, l)."""
    positives = truth.sum(axis=0)
    return np.asarray((positives >= max(minimum, 1)) & (positives < len(truth)))


def macro_auc(truth: ArrayLike, score: ArrayLike, minimum: int = 10) -> MacroAUC:
    """Mean AUC over the labels with at least `minimum` positives and one negative.

    Args:
        truth: (n, l) 0 or 1.
        score: (n, l) finite.

    Raises:
        UsageError: no label counts.
    """
    known = as_truth(truth, 2)
    scores = as_scores(score, known.shape)
    counted = _some_label(known, minimum)
    once = np.ones((1, len(known)))
    each = [weighted_auc(known[:, label], scores[:, label], once)[0] for label in range(known.shape[1])]
    per_label = np.array(each)
    return MacroAUC(float(per_label[counted].mean()), per_label, counted)


def macro_auc_statistic(truth: ArrayLike, score: ArrayLike, minimum: int = 10) -> Statistic:
    """The macro AUC as a function of weights, for the bootstrap.

    Which labels count is settled on the whole sample and holds for all draws; a label
    that a draw leaves without positives or negatives is left out of that draw's mean.
    """
    known = as_truth(truth, 2)
    scores = as_scores(score, known.shape)
    labels = np.flatnonzero(_some_label(known, minimum))
    each = label_auc_statistic(known[:, labels], scores[:, labels])
    return lambda weights: mean_auc(each(weights))


def label_auc_statistic(truth: ArrayLike, score: ArrayLike) -> Statistic:
    """The AUC of each label as a function of weights: (draws, n) to (draws, l), NaN where it is undefined.

    Args:
        truth: (n, l) 0 or 1.
        score: (n, l) finite.
    """
    known = as_truth(truth, 2)
    scores = as_scores(score, known.shape)

    def statistic(weights: Floats) -> Floats:
        turned = _turned(weights)
        return np.stack([_auc(truth, score, turned) for truth, score in zip(known.T, scores.T, strict=True)], axis=-1)

    return statistic


def mean_auc(each: Floats) -> Floats:
    """The mean over the last axis of the AUCs that are defined; NaN where none is.

    >>> mean_auc(np.array([[0.5, 0.75], [np.nan, 0.75]]))
    array([0.625, 0.75 ])
    """
    there = np.isfinite(each)
    total = np.where(there, each, 0).sum(axis=-1)
    count = there.sum(axis=-1)
    mean: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return mean


def _some_label(truth: Bools, minimum: int) -> Bools:
    counted = labels_that_count(truth, minimum)
    if not counted.any():
        raise UsageError(
            f"No label has {minimum} positives and a negative among {len(truth)} ECGs.",
            "Evaluate more ECGs, or lower the minimum.",
        )
    return counted
