"""F1 of statements that are made or not made, and thresholds that turn scores into statements."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Bools, Floats
from einthoven.metrics.auc import Statistic, labels_that_count, mean_auc
from einthoven.metrics.check import as_scores, as_truth

NEVER = np.inf
"""The threshold of a label that is not to be stated."""


def f1(truth: ArrayLike, stated: ArrayLike) -> float:
    """2 TP / (2 TP + FP + FN) of one label; NaN where it is neither true nor stated of any ECG.

    Args:
        truth: (n,) 0 or 1. stated: (n,) 0 or 1.

    >>> f1([1, 1, 0, 0], [1, 0, 1, 0])
    0.5
    """
    known, said = as_truth(truth, 1), as_truth(stated, 1)
    return float(label_f1_statistic(known[:, None], said[:, None])(np.ones((1, len(known))))[0, 0])


def label_f1_statistic(truth: ArrayLike, stated: ArrayLike) -> Statistic:
    """The F1 of each label as a function of weights: (draws, n) to (draws, l), NaN where it is undefined.

    Args:
        truth: (n, l) 0 or 1. stated: (n, l) 0 or 1.
    """
    known, said = as_truth(truth, 2), as_truth(stated, 2)
    as_scores(said, known.shape)
    right, named = (known & said).astype(np.float64), known.astype(np.float64) + said

    def statistic(weights: Floats) -> Floats:
        total = weights @ named
        value: Floats = np.divide(2 * (weights @ right), total, out=np.full(total.shape, np.nan), where=total > 0)
        return value

    return statistic


def macro_f1_statistic(truth: ArrayLike, stated: ArrayLike, minimum: int = 10) -> Statistic:
    """The mean F1 over the labels with at least `minimum` positives and one negative, as a function of weights.

    Which labels count is settled on the whole sample, as in `macro_auc_statistic`.
    """
    known, said = as_truth(truth, 2), as_truth(stated, 2)
    labels = labels_that_count(known, minimum)
    each = label_f1_statistic(known[:, labels], said[:, labels])
    return lambda weights: mean_auc(each(weights))


def best_thresholds(truth: ArrayLike, score: ArrayLike) -> Floats:
    """For each label (l,) the threshold with the highest F1 on these ECGs; a score from it on states the label.

    It uses labels. A threshold lies halfway between two neighbouring scores, and of equal ones the highest is taken.
    A label without a positive is never stated: its threshold is infinite.

    Args:
        truth: (n, l) 0 or 1. score: (n, l) finite.
    """
    known = as_truth(truth, 2)
    scores = as_scores(score, known.shape)
    return np.array([_best(known[:, label], scores[:, label]) for label in range(known.shape[1])])


def _best(truth: Bools, score: Floats) -> float:
    if not truth.any():
        return NEVER
    order = np.argsort(-score, kind="stable")
    ordered = score[order]
    ends = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])  # the last of each distinct score
    right = np.cumsum(truth[order])[ends]
    best = int(np.argmax(2 * right / (ends + 1 + truth.sum())))
    if best + 1 == len(ends):
        return float(ordered[-1])
    return _between(float(ordered[ends[best] + 1]), float(ordered[ends[best]]))


def unlabelled_thresholds(score: ArrayLike) -> Floats:
    """For each label (l,) the threshold that parts its scores best into two groups, without a look at any label.

    Otsu 1979: the highest variance between the two groups. A label whose scores are all alike is never stated.

    Args:
        score: (n, l) finite.
    """
    given = np.asarray(score, np.float64)
    return np.array([_otsu(np.sort(column)) for column in as_scores(given, given.shape).T])


def _otsu(ordered: Floats) -> float:
    cuts = np.flatnonzero(ordered[1:] != ordered[:-1])  # the last of the lower group
    if not len(cuts):
        return NEVER
    below = np.cumsum(ordered - ordered.mean())[cuts]  # sum of the lower group, around the mean of all
    count = cuts + 1
    cut = cuts[int(np.argmax(below**2 / (count * (len(ordered) - count))))]
    return _between(float(ordered[cut]), float(ordered[cut + 1]))


def _between(low: float, high: float) -> float:
    middle = (low + high) / 2
    return middle if low < middle <= high else high  # neighbours in floating point have nothing between


def nearest_only(score: ArrayLike) -> Bools:
    """Which label is stated of which ECG, (n, l), if each ECG is given the one with its highest score alone.

    Of equal scores the first label's counts.

    >>> nearest_only([[0.1, 0.3], [0.2, 0.1]]).tolist()
    [[False, True], [True, False]]
    """
    given = np.asarray(score, np.float64)
    scores = as_scores(given, given.shape)
    said: Bools = np.arange(scores.shape[1]) == scores.argmax(axis=1)[:, None]
    return said
