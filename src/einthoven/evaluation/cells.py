"""What stands in a table of results: values with intervals, and counts with theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Floats, UsageError
from einthoven.metrics import Interval, Statistic, clopper_pearson, interval_of, patient_draws


@dataclass(frozen=True)
class Cell:
    """A value and its 95% interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, interval: Interval) -> Cell:
        """From a bootstrap interval."""
        return cls(interval.value, interval.low, interval.high)

    def to_list(self) -> list[float]:
        """Value, low and high, as the JSON document has them."""
        return [round(self.value, 4), round(self.low, 4), round(self.high, 4)]

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Share(Cell):
    """So many of so many, with its Clopper-Pearson interval."""

    successes: int = 0
    trials: int = 0

    @classmethod
    def of_count(cls, successes: int, trials: int) -> Share:
        """From counts, at least one trial."""
        low, high = clopper_pearson(successes, trials)
        return cls(successes / trials, low, high, successes, trials)

    def to_list(self) -> list[float]:
        """Share, low, high, successes and trials."""
        return [*super().to_list(), self.successes, self.trials]

    def __str__(self) -> str:
        return f"{self.successes} of {self.trials} [{self.low:.2f}, {self.high:.2f}]"


Value = Cell | int | float | str
"""What stands in a table: a value with its interval, a count, a number without one, or words."""

Rows = Mapping[str, Mapping[str, Value]]
"""Rows by name, each with its values by column; a column that a row lacks stays empty."""


def cells_of(
    statistics: Mapping[tuple[str, str], Statistic], patients: NDArray[np.str_], draws: int
) -> dict[str, dict[str, Value]]:
    """Rows of cells by (row, column), all on the same draws of patients; words where a value is not defined."""
    drawn = patient_draws(
        lambda weights: np.stack([one(weights) for one in statistics.values()], axis=1), patients, draws
    )
    rows: dict[str, dict[str, Value]] = {}
    for (row, column), values in zip(statistics, drawn.T, strict=True):
        rows.setdefault(row, {})[column] = _cell(values)
    return rows


def _cell(values: Floats) -> Value:
    if not np.isfinite(values[0]):
        return "not defined"
    try:
        return Cell.of(interval_of(values))
    except UsageError:
        return float(values[0])  # so few cases that many draws have none: the number alone
