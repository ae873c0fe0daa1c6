"""Tables of results: values with intervals, and the facts that they hold for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from einthoven.ecg import FileError
from einthoven.ecg.commit import HOUSE, commit_of
from einthoven.evaluation.cells import Cell, Rows, Value


@dataclass(frozen=True)
class Part:
    """One more table of the same facts; `shown` is False for what stands in the JSON document alone."""

    title: str
    cells: Rows
    shown: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Title and rows."""
        return {"title": self.title, "rows": _plain(self.cells)}


@dataclass(frozen=True)
class Table:
    """Rows of cells by name, and what they hold for: data, split, numbers of ECGs and patients, model, commit.

    Args:
        parts: more tables of the same facts. notes: how they are to be read, a sentence each.
    """

    title: str
    cells: Rows
    facts: Mapping[str, Any]
    parts: Sequence[Part] = ()
    notes: Sequence[str] = ()
    made: str = field(default_factory=lambda: date.today().isoformat())
    commit: str = field(default_factory=lambda: commit_of(HOUSE))

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven evaluate --json`."""
        return {
            "title": self.title,
            "rows": _plain(self.cells),
            "parts": [part.to_dict() for part in self.parts],
            "notes": list(self.notes),
            "facts": dict(self.facts),
            "date": self.made,
            "commit": self.commit,
        }

    def markdown(self) -> str:
        """The tables in Markdown, notes and facts below."""
        parts = [part for part in (Part(self.title, self.cells), *self.parts) if part.shown]
        lines = [line for part in parts for line in (f"**{part.title}**", "", grid(part.cells), "")]
        notes = [*self.notes, ""] if self.notes else []
        return "\n".join([*lines, *notes, *foot(self.facts, self.made, self.commit)])

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
        raise FileError(f"{path} cannot be written ({fault.strerror}).", "Name another file.") from None


def foot(facts: Mapping[str, Any], made: str, commit: str) -> list[str]:
    """The lines below tables: the facts that are neither empty nor tables themselves, date and commit."""
    plain = {key: value for key, value in facts.items() if not isinstance(value, dict) and value is not None}
    return ["; ".join(f"{key} {value}" for key, value in plain.items()), f"{made}, commit {commit}"]


def grid(cells: Rows) -> str:
    """Rows in Markdown, with a column for each that some row has."""
    fullest = sorted(cells.values(), key=len, reverse=True)  # its columns are in the order that is meant
    columns = list(dict.fromkeys(column for values in fullest for column in values))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row, values in cells.items():
        lines.append(f"| {row} | " + " | ".join(_said(values.get(column, "")) for column in columns) + " |")
    return "\n".join(lines)


def _said(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:.3f}" if value == 0 or abs(value) >= 0.001 else f"{value:.1g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _plain(cells: Rows) -> dict[str, dict[str, Any]]:
    return {row: {column: _number(value) for column, value in values.items()} for row, values in cells.items()}


def _number(value: Value) -> Any:
    if isinstance(value, Cell):
        return value.to_list()
    return round(value, 4) if isinstance(value, float) else value
