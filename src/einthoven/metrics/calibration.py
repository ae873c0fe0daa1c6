"""Do probabilities mean what they say: reliability, expected calibration error, Brier score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Floats, Ints, UsageError
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
    if bins < 1:
        raise UsageError(f"{bins} bins hold nothing.", "Use 1 or more.")
    values, value_of, copies = np.unique(given, return_inverse=True, return_counts=True)
    middle = np.cumsum(copies) - copies / 2
    bin_of_value = np.minimum((middle * bins / len(given)).astype(int), bins - 1)
    _, bin_of_value = np.unique(bin_of_value, return_inverse=True)
    bin_of = bin_of_value[value_of]
    count = np.bincount(bin_of)
    first = np.searchsorted(bin_of_value, np.arange(len(count)))
    last = np.searchsorted(bin_of_value, np.arange(len(count)), side="right") - 1
    return Reliability(
        count=count,
        predicted=np.bincount(bin_of, given) / count,
        observed=np.bincount(bin_of, known) / count,
        low=values[first],
        high=values[last],
    )


def expected_calibration_error(truth: ArrayLike, probability: ArrayLike, bins: int = 10) -> float:
    """Mean distance of predicted from observed over bins of equal mass, weighted by their counts.

    Naeini et al., AAAI 2015, with equal-mass bins (Nguyen and O'Connor, EMNLP 2015).

    >>> expected_calibration_error([0, 1, 0, 1], [0.5, 0.5, 0.5, 0.5])
    0.0
    """
    table = reliability(truth, probability, bins)
    return float(np.average(np.abs(table.predicted - table.observed), weights=table.count))


def brier(truth: ArrayLike, probability: ArrayLike) -> float:
    """Mean squared distance of probability (n,) from truth (n,); 0 is best (Brier 1950)."""
    known = as_truth(truth, 1)
    return float(np.mean((as_probabilities(probability, known.shape) - known) ** 2))
