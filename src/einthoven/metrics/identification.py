"""One query each of n people, scored against all n: is the right one the highest, and how high is it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Bools, Floats, UsageError
from einthoven.metrics.auc import Statistic
from einthoven.metrics.check import as_scores


def identified(score: ArrayLike) -> Floats:
    """Share (n,) that each query contributes to accuracy: 1 where its own person scores highest, ties shared.

    Args:
        score: (n, n), row i the query of person i, column j how well it fits person j.
    """
    scores = _square(score)
    best = scores == scores.max(axis=1, keepdims=True)
    return np.asarray(np.diagonal(best) / best.sum(axis=1))


def one_vs_rest_statistic(score: ArrayLike) -> Statistic:
    """Macro one-vs-rest AUC as a function of weights (draws, n) of the people.

    Person j's AUC is the share of the other people's queries that fit person j less than their own query does, a
    tie counting half. A person who is drawn twice is no rest to himself.

    Args:
        score: (n, n) as in `identified`.
    """
    wins = _wins(_square(score))

    def statistic(weights: Floats) -> Floats:
        given = np.asarray(weights, np.float64)
        total = given.sum(axis=1, keepdims=True)
        rest = total - given
        each = np.divide(given @ wins.T, rest, out=np.zeros(given.shape), where=rest > 0)
        counted = np.where(rest > 0, given, 0)
        weight = counted.sum(axis=1)
        value: Floats = np.divide(
            (counted * each).sum(axis=1), weight, out=np.full(len(given), np.nan), where=weight > 0
        )
        return value

    return statistic


def _wins(score: Floats) -> Floats:
    """(n, n): how far person j's own query beats that of person i in column j, row j: 1, a half, or 0; own place 0."""
    own = np.diagonal(score)[:, None]
    wins: Floats = (own > score.T) + 0.5 * (own == score.T)
    np.fill_diagonal(wins, 0)
    return wins


def first_ranks(similarity: ArrayLike, mates: ArrayLike) -> Floats:
    """Rank (q,), from 1, of the best of each query's mates among all that it is compared with; ties count as worse.

    Args:
        similarity: (q, m), NaN for what a query is not compared with (itself).
        mates: (q, m), which are of the query's own person.

    Raises:
        UsageError: a query without a mate.
    """
    given, own = np.asarray(similarity, np.float64), _mates(mates)
    compared = ~np.isnan(given)
    if given.shape != own.shape or not (own & compared).any(axis=1).all():
        raise UsageError("A query has nothing of its own person to be found.", "Leave it out.")
    best = np.where(own & compared, given, -np.inf).max(axis=1, keepdims=True)
    ahead = (given >= best) & compared & ~own
    return np.asarray(ahead.sum(axis=1) + 1.0)


def rank_by_chance(mates: ArrayLike, others: ArrayLike, k: int) -> Floats:
    """Chance (q,) that some mate is among the first k of a random order of `mates` (q,) and `others` (q,).

    >>> rank_by_chance([1, 2], [9, 8], 5).round(3).tolist()
    [0.5, 0.778]
    """
    there, total = np.asarray(mates, np.float64), np.asarray(mates, np.float64) + np.asarray(others, np.float64)
    without = np.ones(there.shape)
    for place in range(k):
        left = total - place
        without *= np.where(left > 0, np.maximum(left - there, 0) / np.maximum(left, 1), 0)
    return np.asarray(1 - without)


def _square(score: ArrayLike) -> Floats:
    given = np.asarray(score, np.float64)
    if given.ndim != 2 or len(given) < 2 or given.shape[0] != given.shape[1]:
        raise UsageError(f"Scores of shape {given.shape} name no people.", "Pass (n, n) for n people, at least 2.")
    return as_scores(given, given.shape)


def _mates(mates: ArrayLike) -> Bools:
    return np.asarray(mates, np.bool_)
