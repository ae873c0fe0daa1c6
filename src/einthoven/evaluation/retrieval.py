"""How well embeddings find ECGs with the same statements: vote, probe and head, beside baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets import open_dataset
from einthoven.ecg import UsageError
from einthoven.evaluation.embedded import ConfiguredModel, Embedded, embed_all, untrained
from einthoven.evaluation.fold10 import ASKED_FOLDS, log_fold10
from einthoven.evaluation.probe import linear_probe
from einthoven.evaluation.table import Cell, Table
from einthoven.metrics import macro_auc_statistic, paired_difference, patient_bootstrap
from einthoven.retrieval import ExactIndex
from einthoven.statements import VOCABULARY, label_map, label_set

NEIGHBOURS = 25
FEWEST_POSITIVES = 10
INDEX_FOLDS = (1, 2, 3, 4, 5, 6, 7, 8)
DRAWS = 1000
MET = 256  # ECGs of the index that the random-weight encoder takes its normalisation from
COMPARED = {
    "vote of 25 neighbours": "baseline: vote, random weights",
    "linear probe": "baseline: probe, random weights",
}

Progress = Callable[[str], None]
Scores = NDArray[np.float64]
Rows = Mapping[str, Sequence[Scores]]
"""A way of scoring to its scores (asked, labels), one array for each label set."""


def evaluate_retrieval(
    model: ConfiguredModel,
    dataset: str,
    data: Path,
    fold: int = 10,
    log: Path | None = None,
    why: str = "",
    progress: Progress = lambda line: None,
    limit: int | None = None,
) -> Table:
    """Macro-AUC on one fold, with the folds 1-8 as index, for the superclasses and for all codes with 10 positives.

    Rows: the model's vote (25 nearest), linear probe and, where it has one, statement head; and as baselines the
    most common statements, the nearest by plain signal, and a random-weight encoder of the same shape (vote and
    probe). Intervals are 95% patient bootstraps; differences to the baselines are paired.

    Args:
        fold: 9 or 10; each use of fold 10 is logged in `log` before anything of it is read.
        limit: at most so many ECGs of the index and of the fold, for a quick look; said in the table.

    Raises:
        UsageError: another fold, patients that are in index and fold, too few ECGs or positives, or no log.
        DataError: the data set is not there.
        MissingPackageError: torch or scikit-learn is not installed.
    """
    if fold not in ASKED_FOLDS:
        raise UsageError(f"Fold {fold} is not for evaluation: folds 1-8 are the index.", "Evaluate on fold 9 or 10.")
    source = open_dataset(dataset, data)
    base, queried = source.present(INDEX_FOLDS), source.present((fold,))
    shared = {entry.patient for entry in base} & {entry.patient for entry in queried}
    if shared:
        raise UsageError(f"{len(shared)} patients are in the index and in fold {fold}.", "Use PTB-XL's own folds.")
    base, queried = base[:limit], queried[:limit]
    if len(base) < NEIGHBOURS or not queried:
        raise UsageError(
            f"An index of {len(base)} ECGs and {len(queried)} of fold {fold} are too few for {NEIGHBOURS} neighbours.",
            "Evaluate on more of the data set.",
        )
    if fold == 10:
        log_fold10(log, f"evaluate retrieval, {model.name} {model.sha256[:12]}", why)
    codes = VOCABULARY.codes()
    by_random = untrained(model.config, map(source.row, base[:MET]))
    embed = partial(embed_all, model, codes=codes, by_random=by_random)
    index = embed(map(source.row, base), progress=lambda n: progress(f"index: {n} ECGs embedded"))
    asked = embed(map(source.row, queried), progress=lambda n: progress(f"fold {fold}: {n} ECGs embedded"))
    progress("probes and intervals")
    membership = _membership(codes)
    counted = asked.carried.sum(0) >= FEWEST_POSITIVES
    if not counted.any():
        raise UsageError(
            f"No code has {FEWEST_POSITIVES} positives among {len(asked)} ECGs of fold {fold}.",
            "Evaluate on more of the data set.",
        )
    truths = {
        f"superclasses ({len(membership)})": np.asarray(asked.carried @ membership.T > 0),
        f"all with >= {FEWEST_POSITIVES} positives ({int(counted.sum())})": asked.carried[:, counted],
    }
    return Table(
        title="Retrieval: macro-AUC [95% patient bootstrap]",
        cells=_cells(_rows(model, index, asked, codes, membership, counted), truths, asked.patients),
        facts={
            "task": "retrieval",
            "dataset": f"{dataset} {source.release}",
            "fold": fold,
            "ecgs": len(asked),
            "patients": len(set(asked.patients)),
            "index": f"folds 1-8, {len(index)} ECGs, {len(set(index.patients))} patients",
            "shared_patients": len(shared),
            "neighbours": NEIGHBOURS,
            "model": model.name,
            "model_sha256": model.sha256,
            "limited_to": limit,
            "seed": 0,
            "positives": {code: int(n) for code, n in zip(codes, asked.carried.sum(0), strict=True)},
        },
    )


def _membership(codes: Sequence[str]) -> Scores:
    """(superclasses, codes), 1 where a code belongs to a superclass."""
    mapped = label_map("super")
    return np.array([[mapped.get(code) == label for code in codes] for label in label_set("super")], np.float64)


def _rows(
    model: ConfiguredModel,
    index: Embedded,
    asked: Embedded,
    codes: Sequence[str],
    membership: Scores,
    counted: NDArray[np.bool_],
) -> Rows:
    split = len(membership)
    known = np.concatenate([index.carried @ membership.T > 0, index.carried[:, counted]], 1)
    base_rate = np.tile(index.carried.mean(0), (len(asked), 1))

    def vote(field: str) -> Sequence[Scores]:
        scores = _vote(getattr(index, field), getattr(asked, field), known)
        return scores[:, :split], scores[:, split:]

    def probe(field: str) -> Sequence[Scores]:
        scores = linear_probe(getattr(index, field), known, getattr(asked, field))
        return scores[:, :split], scores[:, split:]

    def by_code(scores: Scores) -> Sequence[Scores]:
        return _any_of(scores, membership), scores[:, counted]

    rows = {"vote of 25 neighbours": vote("embedding"), "linear probe": probe("embedding")}
    if model.codes:
        head = base_rate.copy()
        for column, code in enumerate(codes):
            if code in model.codes:
                head[:, column] = asked.head[:, model.codes.index(code)]
        rows["statement head"] = by_code(head)
    return rows | {
        "baseline: most common": by_code(base_rate),
        "baseline: vote by plain signal": vote("plain"),
        "baseline: vote, random weights": vote("random"),
        "baseline: probe, random weights": probe("random"),
    }


def _any_of(scores: Scores, membership: Scores) -> Scores:
    """Probabilities (q, superclasses) that some code of each is there, as if codes were independent."""
    return np.asarray(1 - np.exp(np.log1p(-np.clip(scores, 0, 1 - 1e-9)) @ membership.T))


def _vote(base: NDArray[Any], queries: NDArray[Any], known: NDArray[np.bool_]) -> Scores:
    _, near = ExactIndex(base.astype(np.float32), backend="numpy").search(queries.astype(np.float32), NEIGHBOURS)
    return np.asarray(known[near].mean(1))


def _cells(
    rows: Rows, truths: Mapping[str, NDArray[np.bool_]], patients: NDArray[np.str_]
) -> dict[str, dict[str, Cell]]:
    cells: dict[str, dict[str, Cell]] = {name: {} for name in rows}
    for place, (column, truth) in enumerate(truths.items()):
        statistics = {
            name: macro_auc_statistic(truth, scores[place], FEWEST_POSITIVES) for name, scores in rows.items()
        }
        for name, statistic in statistics.items():
            cells[name][column] = Cell.of(patient_bootstrap(statistic, patients, DRAWS))
            if name in COMPARED:
                other = COMPARED[name]
                difference = paired_difference(statistic, statistics[other], patients, DRAWS)
                cells[name][f"{column}: minus {other.removeprefix('baseline: ')}"] = Cell.of(difference)
    return cells
