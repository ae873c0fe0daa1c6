"""Intervals by resampling patients: all ECGs of a patient come and go together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Floats, UsageError
from einthoven.metrics.auc import Statistic

CELLS = 2_000_000
"""Weights held at a time, in numbers: 16 MB."""


@dataclass(frozen=True)
class Interval:
    """A value on the whole sample with its percentile interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def patient_weights(patients: ArrayLike, draws: int, seed: int) -> Iterator[Floats]:
    """How often each ECG is in each draw, in blocks of rows that make (draws, n) together.

    As many patients as there are are drawn with replacement; the weight of an ECG is the
    count of its patient. The same seed gives the same draws.

    Args:
        patients: (n,) ids, text or numbers; an ECG of an unknown patient needs an id of its own.

    Raises:
        UsageError: fewer than two patients, or no draw.
    """
    given = np.asarray(patients)
    if given.ndim != 1 or given.dtype == object:
        raise UsageError(
            "Patients must be one list of ids, all text or all numbers.",
            "Give an ECG without patient an id of its own.",
        )
    names, patient_of = np.unique(given, return_inverse=True)
    if len(names) < 2 or draws < 1:
        raise UsageError(f"{draws} draws of {len(names)} patients give no interval.", "Use two patients or more.")
    generator = np.random.default_rng(seed)
    chance = np.full(len(names), 1 / len(names))
    block = max(1, CELLS // len(given))
    for start in range(0, draws, block):
        counts = generator.multinomial(len(names), chance, size=min(block, draws - start))
        yield counts[:, patient_of].astype(np.float64)


def patient_bootstrap(
    statistic: Statistic, patients: ArrayLike, draws: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
    """Percentile interval of a statistic over resampled patients.

    Args:
        statistic: weights (draws, n) to values (draws,), such as `macro_auc_statistic` or
            `mean_statistic` make; NaN for a draw in which it is undefined.
        patients: (n,) ids.

    Raises:
        UsageError: the statistic is undefined on the sample itself or in a tenth of the draws.
    """
    value = statistic(np.ones((1, len(np.asarray(patients)))))[0]
    drawn = np.concatenate([statistic(weights) for weights in patient_weights(patients, draws, seed)])
    return _interval(float(value), drawn, level)


def paired_difference(
    first: Statistic,
    second: Statistic,
    patients: ArrayLike,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of first minus second, both on the same draws.

    Both statistics must be of the same ECGs in the same order.
    """
    return patient_bootstrap(lambda weights: first(weights) - second(weights), patients, draws, seed, level)


def unpaired_difference(
    first: Statistic,
    first_patients: ArrayLike,
    second: Statistic,
    second_patients: ArrayLike,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of first minus second on two samples that share no patient, each drawn by itself."""
    sides = []
    for statistic, patients, own in ((first, first_patients, seed), (second, second_patients, seed + 1)):
        value = statistic(np.ones((1, len(np.asarray(patients)))))[0]
        drawn = np.concatenate([statistic(weights) for weights in patient_weights(patients, draws, own)])
        sides.append((float(value), drawn))
    return _interval(sides[0][0] - sides[1][0], sides[0][1] - sides[1][1], level)


def mean_statistic(values: ArrayLike) -> Statistic:
    """The mean of a finite value (n,) for each ECG, as a function of weights."""
    each = np.asarray(values, np.float64)
    if each.ndim != 1 or not np.isfinite(each).all():
        raise UsageError("A mean needs one finite value for each ECG.", "Leave out undefined ones first.")

    def statistic(weights: Floats) -> Floats:
        return np.asarray(weights @ each / weights.sum(axis=1))

    return statistic


def _interval(value: float, drawn: Floats, level: float) -> Interval:
    if not 0 < level < 1:
        raise UsageError(f"A level of {level} is no share.", "Use one between 0 and 1, such as 0.95.")
    there = drawn[np.isfinite(drawn)]
    if not np.isfinite(value) or len(there) < 0.9 * len(drawn):
        raise UsageError(
            f"The statistic is undefined on the sample or in {len(drawn) - len(there)} draws.",
            "Evaluate more patients, or labels with more positives.",
        )
    low, high = np.quantile(there, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))
