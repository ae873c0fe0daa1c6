"""Several tables of one evaluation, and cells that are counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from einthoven.evaluation.table import Cell, Table, commit_of, foot, grid, save_json
from einthoven.metrics import clopper_pearson


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


@dataclass(frozen=True)
class Tables:
    """Tables that belong together, and what they hold for.

    Args:
        shown: what the Markdown has. further: what is in the JSON document alone.
        notes: how the tables are to be read, a sentence each.
    """

    title: str
    shown: tuple[Table, ...]
    further: tuple[Table, ...]
    notes: tuple[str, ...]
    facts: Mapping[str, Any]
    made: str = field(default_factory=lambda: date.today().isoformat())
    commit: str = field(default_factory=lambda: commit_of(Path.cwd()))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven evaluate --json`."""
        return {
            "title": self.title,
            "tables": {table.title: table.to_dict()["rows"] for table in (*self.shown, *self.further)},
            "notes": list(self.notes),
            "facts": dict(self.facts),
            "date": self.made,
            "commit": self.commit,
        }

    def markdown(self) -> str:
        """The tables in Markdown, notes and facts below."""
        lines = [f"**{self.title}**", ""]
        for table in self.shown:
            lines += [f"**{table.title}**", "", grid(table.cells), ""]
        return "\n".join([*lines, *self.notes, "", *foot(self.facts, self.made, self.commit)])

    def save(self, path: Path) -> None:
        """Writes the JSON document.

        Raises:
            UsageError: the file cannot be written.
        """
        save_json(self.to_dict(), path)
