"""What else judges a study's runs: evaluation commands on each checkpoint, whose numbers stand in the study's table."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from einthoven.ecg import UsageError

TASKS = ("probe", "few-shot", "identify", "reidentify", "retrieval", "zero-shot")


@dataclass(frozen=True)
class Judge:
    """One column of a study's table: a number of `einthoven evaluate TASK` on each run's checkpoint.

    Args:
        name: of the column.
        task: one of `TASKS`. options: further options of that command, such as "--labels=super"; "{run}" in one stands
            for the run's folder.
        row, column: where the number stands; the first row that begins so. part: likewise of a further table, by
            its title; None for the first.
    """

    name: str
    task: str
    row: str
    column: str
    options: tuple[str, ...] = ()
    part: str | None = None

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise UsageError(f"A study cannot be judged by '{self.task}'.", f"Name one of {', '.join(TASKS)}.")
        if any(not option.startswith("--") for option in self.options):
            raise UsageError("An option of a judge is one word, with its value.", "Write --labels=super.")

    @property
    def file(self) -> str:
        """Where the command leaves its table, in a run's folder; the same for judges that share it."""
        return re.sub(r"[^a-z0-9]+", "-", "-".join((self.task, *self.options)).lower()).strip("-") + ".json"

    def command(self, folder: Path, data: Path, kept: Path) -> list[str]:
        """The command that judges the checkpoint of the run in `folder`."""
        options = [option.replace("{run}", str(folder)) for option in self.options]
        words = [sys.executable, "-m", "einthoven", "evaluate", self.task, "--data", str(data), *options]
        if self.task != "zero-shot":
            words += ["--kept", str(kept)]
        return [*words, "--model", str(folder / "checkpoint"), "--out", str(folder / self.file)]

    def value(self, folder: Path) -> float | None:
        """The number of the run in `folder`; None where it has not been judged.

        Raises:
            UsageError: the table is damaged, or has no such row or column.
        """
        path = folder / self.file
        if not path.exists():
            return None
        try:
            table = json.loads(path.read_text(encoding="utf-8"))
            rows = _first(table["parts"], "title", self.part)["rows"] if self.part else table["rows"]
            cell = next(cells for name, cells in rows.items() if name.startswith(self.row))[self.column]
            return float(cell[0] if isinstance(cell, list) else cell)
        except (OSError, ValueError, LookupError, TypeError, StopIteration) as fault:
            raise UsageError(
                f"{path} does not say '{self.row}', '{self.column}' ({fault!r}).",
                "Correct the judge, or delete the file to judge again.",
            ) from None


def lacking(judges: Sequence[Judge], folder: Path) -> list[Judge]:
    """One judge for each table that the run in `folder` has not yet."""
    first: dict[str, Judge] = {}
    for judge in judges:
        if not (folder / judge.file).exists():
            first.setdefault(judge.file, judge)
    return list(first.values())


def _first(parts: Sequence[Mapping[str, Any]], key: str, start: str) -> Mapping[str, Any]:
    return next(part for part in parts if part[key].startswith(start))
