"""Do probabilities mean what they say: reliability, expected calibration error, Brier score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Floats, Ints, UsageError
from einthoven.metrics.auc import Statistic
from einthoven.metrics.check import as_probabilities, as_truth


@dataclass(frozen=True, eq=False)
class Reliability:
    """One row for each bin that holds something, from low to high probability.

    All (bins,): `count`; `predicted`, the mean probability; `observed`, the share that
    was true; `low` and `high`, the least and greatest probability within.
    """

    count: Ints
    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats


def reliability(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> Reliability:
    """Predicted against observed in bins of equal mass.

    Equal probabilities share a bin (that of their middle rank), so the order of the ECGs
    does not matter; many ties make fewer bins than asked for.

    Args:
        truth: (n,) 0 or 1.
        probability: (n,) 0 to 1.
    """
    known = as_truth(truth, 1)
    given = as_probabilities(probability, known.shape)
    bin_of = bins_of(given, bins)
    count = np.bincount(bin_of)
    low, high = np.ones(len(count)), np.zeros(len(count))
    np.minimum.at(low, bin_of, given)
    np.maximum.at(high, bin_of, given)
    return Reliability(
        count=count,
        predicted=np.bincount(bin_of, given) / count,
        observed=np.bincount(bin_of, known) / count,
        low=low,
        high=high,
    )


def bins_of(probability: Floats, bins: int) -> Ints:
    """The bin (n,), from 0 and without an empty one, of each probability (n,), as `reliability` cuts them."""
    if bins < 1:
        raise UsageError(f"{bins} bins hold nothing.", "Use 1 or more.")
    _, value_of, copies = np.unique(probability, return_inverse=True, return_counts=True)
    middle = np.cumsum(copies) - copies / 2
    bin_of_value = np.minimum((middle * bins / len(probability)).astype(int), bins - 1)
    return np.asarray(np.unique(bin_of_value, return_inverse=True)[1][value_of])


def expected_calibration_error(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Mean distance of predicted from observed over bins of equal mass, weighted by their counts.

    Naeini et al., AAAI 2015, with equal-mass bins (Nguyen and O'Connor, EMNLP 2015).

    >>> expected_calibration_error([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
    0.0
    """
    table = reliability(truth, probability, bins)
    return float(np.average(np.abs(table.predicted - table.observed), weights=table.count))


def calibration_error_statistic(
    truth: ArrayLike, probability: ArrayLike, owner: Ints, ecgs: int, bins: int = 10
) -> Statistic:
    """The expected calibration error as a function of weights (draws, ecgs), in the bins of the whole sample.

    Chance alone gives an error above 0, and more so in draws than in the sample: the middle of its bootstrap
    interval lies above the value.

    Args:
        truth: (n,) 0 or 1.
        probability: (n,) 0 to 1, several of one ECG for example for several labels.
        owner: (n,) the ECG, from 0 to ecgs - 1, that each belongs to.
    """
    known = as_truth(truth, 1)
    given = as_probabilities(probability, known.shape)
    bin_of = bins_of(given, bins)
    gap, count = np.zeros((ecgs, int(bin_of.max()) + 1)), np.bincount(owner, minlength=ecgs)
    np.add.at(gap, (owner, bin_of), given - known)

    def statistic(weights: Floats) -> Floats:
        total = weights @ count
        apart = np.abs(weights @ gap).sum(axis=1)
        error: Floats = np.divide(apart, total, out=np.full(total.shape, np.nan), where=total > 0)
        return error

    return statistic


def brier(truth: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared distance of probability (n,) from truth (n,); 0 is best (Brier 1950)."""
    known = as_truth(truth, 1)
    return float(np.mean((as_probabilities(probability, known.shape) - known) ** 2))
