"""Intervals of a proportion: Clopper-Pearson (exact, wide) and Wilson (close to its level)."""

from __future__ import annotations

from statistics import NormalDist

from einthoven.ecg import UsageError


def clopper_pearson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Interval that covers the true share with at least `level` (Clopper and Pearson 1934).

    >>> [round(end, 4) for end in clopper_pearson(0, 10)]
    [0.0, 0.3085]
    """
    from scipy.special import betaincinv

    _check(successes, trials, level)
    tail = (1 - level) / 2
    failures = trials - successes
    low = float(betaincinv(successes, failures + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, failures, 1 - tail)) if failures else 1.0
    return low, high


def wilson(successes: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """Score interval (Wilson 1927); covers with about `level`, within 0 to 1.

    >>> [round(end, 4) for end in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    _check(successes, trials, level)
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * (share * (1 - share) / trials + z * z / (4 * trials**2)) ** 0.5
    return (
        max(0.0, centre - half) if successes else 0.0,
        min(1.0, centre + half) if successes < trials else 1.0,
    )


def _check(successes: int, trials: int, level: float) -> None:
    if not 0 <= successes <= trials or trials == 0:
        raise UsageError(f"{successes} of {trials} is no share.", "Count at least one trial.")
    if not 0 < level < 1:
        raise UsageError(f"A level of {level} is no share.", "Use one between 0 and 1, such as 0.95.")
