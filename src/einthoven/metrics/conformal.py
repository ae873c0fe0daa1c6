"""Thresholds that keep the expected number of errors within a share, whatever the distribution.

Conformal risk control (Angelopoulos, Bates, Fisch, Lei and Schuster, ICLR 2024, theorem 1) for losses of the form
"wrong and let through, minus alpha for each case that counts". Split conformal prediction of one class is the
special case in which what can be wrong is what counts.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Floats, UsageError
from einthoven.metrics.check import as_scores, as_truth


def controlled_threshold(
    score: ArrayLike, wrong: ArrayLike, counted: ArrayLike, patients: ArrayLike, alpha: float, within: bool
) -> float | None:
    """The greatest threshold below which scores may be let through, at most `alpha` errors for each case that counts.

    Let one ECG be drawn from a new patient, who is exchangeable with these, each of whom gives one ECG drawn from
    their own. Then P(wrong and score < threshold) <= alpha P(counted), over patients calibrated with and new. The one
    patient that is not seen yet enters as the worst there can be, which is the "+1" of (errors + 1) / (n + 1).
    Each patient weighs the same, however many ECGs they have: their loss is the mean over their ECGs.

    Args:
        score: (n,) finite; known before the truth is.
        wrong: (n,) whether it is an error to let this one through.
        counted: (n,) whether it is one of the cases that errors are allowed for; must not depend on the threshold.
        patients: (n,) ids.
        alpha: errors a counted case, between 0 and 1.
        within: whether only a counted case can be wrong, by definition and not only here. The unseen patient can then
            cost 1 - alpha, else 1.

    Returns:
        The threshold, infinity where everything may be let through, None where even one error would be too many:
        too few patients for this alpha.

    Raises:
        UsageError: shapes that do not fit, an alpha that is no share, or an error outside what counts, with `within`.

    >>> controlled_threshold([0.1, 0.2, 0.3, 0.4], [0, 0, 0, 1], [1, 1, 1, 1], [1, 2, 3, 4], 0.25, within=True)
    0.4
    >>> controlled_threshold([0.1, 0.2], [0, 1], [1, 1], [1, 2], 0.25, within=True) is None
    True
    """
    error, case = as_truth(wrong, 1), as_truth(counted, 1)
    given = as_scores(score, error.shape)
    if not 0 < alpha < 1:
        raise UsageError(f"An error level of {alpha} is no share.", "Use one between 0 and 1, such as 0.05.")
    if case.shape != error.shape:
        raise UsageError(f"{len(case)} cases do not fit {len(error)} errors.", "Pass one entry for each ECG.")
    if within and (error & ~case).any():
        raise UsageError("Something is wrong that does not count.", "Pass within=False.")
    weight = patient_shares(patients, len(error))
    room = alpha * float(weight[case].sum()) - (1 - alpha if within else 1)
    if room < -_ROUNDING:
        return None
    order = np.argsort(given[error], kind="stable")
    spent = np.cumsum(weight[error][order])
    over = np.flatnonzero(spent > room + _ROUNDING)
    return float(given[error][order][over[0]]) if len(over) else math.inf


def patient_shares(patients: ArrayLike, n: int) -> Floats:
    """The weight (n,) of each ECG where every patient weighs 1: one over the number of their ECGs.

    >>> patient_shares(["a", "b", "b"], 3)
    array([1. , 0.5, 0.5])
    """
    given = np.asarray(patients)
    if given.shape != (n,) or given.dtype == object:
        raise UsageError("Patients must be one list of ids, all text or all numbers.", "Pass one for each ECG.")
    _, place, count = np.unique(given, return_inverse=True, return_counts=True)
    return np.asarray(1 / count[place])


_ROUNDING = 1e-9
"""Sums of halves and thirds are off by less; an error more or less is far more."""
