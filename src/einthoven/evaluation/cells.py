"""What stands in a table of results: values with intervals, and counts with theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.metrics import Interval, clopper_pearson


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
