"""What a study will cost, before it is run: steps, records, memory, and hours where a step has been measured."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from einthoven.evaluation.cells import Value
from einthoven.evaluation.study import Run, Study, recipe_of, runs_of
from einthoven.evaluation.table import Table
from einthoven.training.run import plan_of
from einthoven.training.state import METRICS

DEVICES = (1, 4, 8, 32)


@dataclass(frozen=True)
class Cost:
    """One run of a row.

    Args:
        steps: of training. records: ECGs that pass, one counted as often as it does.
        memory: of weights, optimiser and, where it was measured, what a step keeps. signals: what they take, and where.
        parameters: of what is trained.
        step: seconds of one: as a run of this row here has measured, with its share of judging; else, of a pretraining,
            as one step on this device takes now; else None.
    """

    row: str
    runs: int
    steps: int
    records: int
    memory: str
    signals: str
    parameters: int
    step: float | None

    def hours(self, devices: int) -> float | None:
        """Of all runs of the row, were the work shared out without loss: a lower bound beyond one device."""
        return None if self.step is None else self.runs * self.steps * self.step / 3600 / devices


def costs_of(study: Study, path: Path, data: Path, out: Path) -> list[Cost]:
    """What each row costs with all its seeds; nothing is trained.

    Raises:
        DataError: the data set is not there.
    """
    found = []
    for row in study.rows:
        runs = [run for run in runs_of(study) if run.row == row.name]
        recipe = recipe_of(study, path, runs[0])
        plan = plan_of(recipe, data)
        epochs = sum(one.plan.epochs for one in recipe.each())
        steps = plan["steps"]
        step = next((step for run in runs if (step := _measured(out, run, steps, epochs)) is not None), None)
        if step is None and "hours" in plan:  # of a pretraining, a step is measured at once
            step = plan["hours"] * 3600 / steps
        found.append(
            Cost(
                row.name,
                len(runs),
                steps,
                plan["ECGs"] * epochs,
                plan["memory"],
                plan["signals"],
                plan["parameters"],
                step,
            )
        )
    return found


def _measured(out: Path, run: Run, steps: int, epochs: int) -> float | None:
    try:
        last = json.loads((out / run.folder / METRICS).read_text(encoding="utf-8").splitlines()[-1])
        return float(last["seconds"]) / float(steps * last["epoch"] / epochs)
    except (OSError, ValueError, LookupError, TypeError, ZeroDivisionError):
        return None  # never begun, or stopped before its first epoch


def cost_table(study: Study, costs: list[Cost]) -> Table:
    """A row each, and the sum of hours."""
    cells: dict[str, dict[str, Value]] = {}
    for one in costs:
        hours = {f"hours on {n}": _said(one.hours(n)) for n in DEVICES}
        cells[one.row.replace("|", "/")] = {
            "runs": one.runs,
            "steps a run": one.steps,
            "records a run": one.records,
            "parameters": f"{one.parameters / 1e6:.2f} M",
            "memory": one.memory,
            "signals": one.signals,
            "seconds a step": "not measured" if one.step is None else f"{one.step:.3g}",
            **hours,
        }
    known = [one for one in costs if one.step is not None]
    notes = [
        f"Seconds a step are those of runs in --out, on the machine where they ran, judging included, or, of a "
        f"pretraining, of one step on this device; {len(known)} of {len(costs)} rows have one. Train a row for one "
        "epoch to measure it.",
        "Hours are of all seeds of a row. On 4, 8 and 32 devices they are those on one, divided: what sending "
        "gradients costs is not measured, so it takes longer.",
    ]
    return Table(f"{study.title}: what it costs", cells, {"base": study.base}, notes=notes)


def _said(hours: float | None) -> Value:
    return "not measured" if hours is None else f"{hours:.3g}"
