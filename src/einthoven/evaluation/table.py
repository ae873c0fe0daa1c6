"""One table of results: values with intervals, and the facts that they hold for."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from einthoven.ecg import UsageError
from einthoven.metrics import Interval


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
class Table:
    """Rows of cells by name, and what they hold for: data, split, numbers of ECGs and patients, model, commit."""

    title: str
    cells: Mapping[str, Mapping[str, Cell]]
    facts: Mapping[str, Any]
    made: str = field(default_factory=lambda: date.today().isoformat())
    commit: str = field(default_factory=lambda: commit_of(Path.cwd()))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven evaluate --json`."""
        return {
            "title": self.title,
            "rows": {
                row: {column: cell.to_list() for column, cell in cells.items()} for row, cells in self.cells.items()
            },
            "facts": dict(self.facts),
            "date": self.made,
            "commit": self.commit,
        }

    def grid(self) -> list[str]:
        """Title and rows in Markdown, a line each."""
        fullest = sorted(self.cells.values(), key=len, reverse=True)  # its columns are in the order that is meant
        columns = list(dict.fromkeys(column for cells in fullest for column in cells))
        lines = [
            f"**{self.title}**",
            "",
            "| | " + " | ".join(columns) + " |",
            "|---" * (len(columns) + 1) + "|",
        ]
        for row, cells in self.cells.items():
            lines.append(f"| {row} | " + " | ".join(str(cells.get(column, "")) for column in columns) + " |")
        return lines

    def markdown(self) -> str:
        """The table in Markdown, its facts below."""
        lines = self.grid()
        facts = {k: v for k, v in self.facts.items() if not isinstance(v, dict) and v is not None}
        lines += ["", "; ".join(f"{key} {value}" for key, value in facts.items())]
        lines += [f"{self.made}, commit {self.commit}"]
        return "\n".join(lines)

    def save(self, path: Path) -> None:
        """Writes the JSON document.

        Raises:
            UsageError: the file cannot be written.
        """
        save_json(self.to_dict(), path)


def save_json(document: Mapping[str, Any], path: Path) -> None:
    """Writes a JSON document.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as fault:
        raise UsageError(f"{path} cannot be written ({fault.strerror}).", "Name another file.") from None


def commit_of(folder: Path) -> str:
    """The short commit of the checkout that a folder lies in, "+" for one with changes; "none" outside one."""
    try:
        said = subprocess.run(
            ["git", "describe", "--always", "--exclude=*", "--dirty=+"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "none"
    return said.stdout.strip()
