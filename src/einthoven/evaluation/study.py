"""A study: one training configuration, and rows that each change some settings, each with several seeds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from einthoven.ecg import UsageError
from einthoven.evaluation.cells import Cell, Value
from einthoven.evaluation.study_judged import Judge, lacking
from einthoven.evaluation.table import Table
from einthoven.models.settings import from_dict
from einthoven.training.recipe import Recipe, read_recipe, read_yaml

SCORES = ("head_super", "vote_super", "head_all", "vote_all")
"""What a supervised training scores."""
OTHERS = ("retrieval_", "held_out_")
"""What the names begin with of what pretrainings score beside votes."""
FAILED = "failed.json"
"""Where a run's folder says that it failed, and why."""


@dataclass(frozen=True)
class StudyRow:
    """One hypothesis: what the base is changed to, as for `einthoven train --set`.

    Args:
        unjudged: names of the study's judges that cannot judge it. judges: those that judge it in place of the study's.
    """

    name: str
    set: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    judges: tuple[Judge, ...] = ()

    @property
    def folder(self) -> str:
        """Where its runs lie."""
        return re.sub(r"[^a-z0-9.]+", "-", self.name.lower()).strip("-.")


@dataclass(frozen=True)
class Study:
    """What a study file holds.

    Args:
        title: what the table is about.
        base: the configuration, beside the study file.
        rows: the first is what the others are compared with.
        set: changes to the base in every row.
        judges: what judges each checkpoint beside the choosing fold's scores.
    """

    title: str
    base: str
    rows: tuple[StudyRow, ...]
    seeds: tuple[int, ...] = (0,)
    set: tuple[str, ...] = ()
    judges: tuple[Judge, ...] = ()

    def __post_init__(self) -> None:
        folders = [row.folder for row in self.rows]
        if not self.rows or len(set(folders)) < len(folders) or "" in folders:
            raise UsageError("A study has at least one row, and a name of its own for each.", "Rename its rows.")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds):
            raise UsageError("A study has no seed, or one twice.", "Name each once, such as seeds: [0, 1].")
        names = {judge.name for judge in self.judges}
        twice = any(
            len({one.name for one in each}) < len(each) for each in (self.judges, *(r.judges for r in self.rows))
        )
        if twice or any(not set(row.unjudged) <= names for row in self.rows):
            raise UsageError("Two judges have one name, or a row leaves out one that is none.", "Name each judge once.")
        changes = [*self.set, *(change for row in self.rows for change in row.set)]
        if any(change.partition("=")[0] == "plan.seed" for change in changes):
            raise UsageError("A study's seeds are its own setting.", "Name them in seeds, not as plan.seed.")


@dataclass(frozen=True)
class Run:
    """One training of a study: its row, its seed, its folder below the study's, all its changes, and its judges."""

    row: str
    seed: int
    folder: Path
    changes: tuple[str, ...]
    judges: tuple[Judge, ...] = ()


@dataclass(frozen=True)
class Seeds(Cell):
    """A mean over seeds; `low` and `high` are the lowest and the highest of them."""

    runs: int = 1

    def __str__(self) -> str:
        return f"{self.value:.3f}" + (f" ({self.high - self.low:.3f})" if self.runs > 1 else "")


@dataclass(frozen=True)
class Outcome:
    """A row's finished runs: scores over seeds, `score` that chose among epochs, minutes of training a run, and what
    judged it besides."""

    row: str
    runs: int
    scores: Mapping[str, Seeds]
    score: Seeds
    minutes: float
    parameters: int
    judged: Mapping[str, Seeds] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """A run that failed, and the last thing that it said."""

    row: str
    seed: int
    error: str


def read_study(path: Path, changes: Sequence[str] = ()) -> Study:
    """A study from its YAML file; every row's configuration is read, so that a wrong one is refused at once.

    Args:
        changes: to every row, after the study's own and before the row's.

    Raises:
        UsageError: no such file, an unknown setting, or an illegal value in some row.
    """
    study = from_dict(Study, read_yaml(path, "study", "studies/"))
    study = replace(study, set=(*study.set, *changes))
    for run in runs_of(study):
        recipe_of(study, path, run)
    return study


def of_rows(study: Study, names: Sequence[str]) -> Study:
    """The study with these rows alone, in their order; with all where none is named.

    Raises:
        UsageError: a row that it has not.
    """
    if strange := sorted(set(names) - {row.name for row in study.rows}):
        raise UsageError(f"The study has no row '{strange[0]}'.", f"Its rows: {', '.join(r.name for r in study.rows)}.")
    return replace(study, rows=tuple(row for row in study.rows if row.name in names)) if names else study


def runs_of(study: Study) -> list[Run]:
    """Every training that the study needs: all rows with the first seed, then with the next."""
    return [
        Run(
            row.name,
            seed,
            Path(row.folder) / f"seed{seed}",
            (*study.set, *row.set, f"plan.seed={seed}"),
            row.judges or tuple(judge for judge in study.judges if judge.name not in row.unjudged),
        )
        for seed in study.seeds
        for row in study.rows
    ]


def recipe_of(study: Study, path: Path, run: Run) -> Recipe:
    """The configuration of one run of the study that was read from `path`."""
    return read_recipe(path.parent / study.base, run.changes)


def is_finished(run: Run, out: Path) -> bool:
    """Whether its checkpoint is there."""
    return (out / run.folder / "checkpoint").is_dir()


def check_finished(study: Study, path: Path, out: Path) -> None:
    """Holds the finished runs below `out` against the study that was read from `path`.

    Raises:
        UsageError: one was trained with other settings than its row has now.
    """
    for run in runs_of(study):
        folder = out / run.folder
        if is_finished(run, out) and from_dict(Recipe, _kept(folder).recipe) != recipe_of(study, path, run):
            raise UsageError(
                f"{folder} was trained with other settings than '{run.row}' has now.",
                "Give the row another name, or name another --out, or delete this folder.",
            )


def outcomes(study: Study, out: Path) -> list[Outcome]:
    """What the finished runs below `out` scored on the choosing fold, each with the weights that it kept.

    Raises:
        UsageError: a run's `recipe.json` or `metrics.jsonl` cannot be read.
    """
    found = []
    for row in study.rows:
        done = [run for run in runs_of(study) if run.row == row.name and is_finished(run, out)]
        if done:
            found.append(_outcome(row.name, [_kept(out / run.folder) for run in done], _judged(done, out)))
    return found


def failures(study: Study, out: Path) -> list[Failure]:
    """The runs below `out` that failed when they were last tried.

    Raises:
        UsageError: what a run left about its failure cannot be read.
    """
    found = []
    for run in runs_of(study):
        path = out / run.folder / FAILED
        if path.exists() and (not is_finished(run, out) or lacking(run.judges, out / run.folder)):
            try:
                found.append(Failure(run.row, run.seed, str(json.loads(path.read_text(encoding="utf-8"))["error"])))
            except (OSError, ValueError, LookupError, TypeError) as fault:
                raise UsageError(f"{path} cannot be read ({fault}).", "Delete it.") from None
    return found


@dataclass(frozen=True)
class _Kept:
    """A finished run: its configuration, the scores of the epoch that was kept, seconds of training, parameters."""

    recipe: Mapping[str, Any]
    scores: Mapping[str, float]
    score: float
    seconds: float
    parameters: int


def _kept(folder: Path) -> _Kept:
    try:
        facts = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()]
        best = max((line for line in lines if "score" in line), key=lambda line: line["score"])
        scores = {key: float(best[key]) for key in best if key in SCORES or key.startswith(OTHERS)}
        return _Kept(facts["recipe"], scores, best["score"], lines[-1]["seconds"], facts["parameters"])
    except (OSError, ValueError, LookupError, TypeError) as fault:
        raise UsageError(f"The run in {folder} cannot be read ({fault}).", "Delete it to train it again.") from None


def _judged(runs: Sequence[Run], out: Path) -> dict[str, Seeds]:
    """Over the runs of a row that were judged, each judge's numbers."""
    found = {}
    for judge in runs[0].judges:
        values = [judge.value(out / run.folder) for run in runs]
        if there := [value for value in values if value is not None]:
            found[judge.name] = _over(there)
    return found


def _outcome(row: str, runs: Sequence[_Kept], judged: Mapping[str, Seeds]) -> Outcome:
    every = [key for key in runs[0].scores if all(key in run.scores for run in runs)]
    return Outcome(
        row,
        len(runs),
        {key: _over([run.scores[key] for run in runs]) for key in every},
        _over([run.score for run in runs]),
        fmean(run.seconds for run in runs) / 60,
        runs[0].parameters,
        judged,
    )


def _over(values: Sequence[float]) -> Seeds:
    return Seeds(fmean(values), min(values), max(values), len(values))


def table_of(study: Study, found: Sequence[Outcome], failed: Sequence[Failure] = ()) -> Table:
    """The study's table; beside each mean, the spread of the seeds (highest minus lowest)."""
    cells: dict[str, dict[str, Value]] = {}
    done = {one.row: one for one in found}
    for row in study.rows:
        name = row.name.replace("|", "/")
        wrong = [f"seed {one.seed}: {one.error}" for one in failed if one.row == row.name]
        if row.name in done:
            one = done[row.name]
            cells[name] = {key.replace("_", " "): value for key, value in one.scores.items()}
            cells[name] |= one.judged
            cells[name] |= {"mean": one.score, "minutes": f"{one.minutes:.0f}"}
            cells[name] |= {"parameters": f"{one.parameters / 1e6:.2f} M", "seeds": one.runs}
        if wrong:
            cells.setdefault(name, {})["FAILED"] = "; ".join(wrong).replace("|", "/")
    facts = {"base": study.base, "set": " ".join(study.set) or None, "seeds": ", ".join(map(str, study.seeds))}
    notes = ["In brackets the highest seed's value minus the lowest's."] if len(study.seeds) > 1 else []
    return Table(study.title, cells, facts, notes=notes)


def document_of(study: Study, found: Sequence[Outcome], failed: Sequence[Failure] = ()) -> dict[str, Any]:
    """The study's table as one JSON document."""
    rows = [
        {
            "row": one.row,
            "runs": one.runs,
            "scores": {key: value.value for key, value in one.scores.items()},
            "spread": {key: value.high - value.low for key, value in one.scores.items()},
            "judged": {key: value.value for key, value in one.judged.items()},
            "score": one.score.value,
            "minutes": one.minutes,
            "parameters": one.parameters,
        }
        for one in found
    ]
    return {"title": study.title, "seeds": list(study.seeds), "rows": rows, "failed": [vars(one) for one in failed]}
