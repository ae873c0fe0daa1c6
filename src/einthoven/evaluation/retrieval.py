"""How well embeddings find ECGs with the same statements: vote, probe and head, beside baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.datasets import PTBXL, open_dataset
from einthoven.ecg import UsageError, chunks
from einthoven.evaluation.fold10 import log_fold10
from einthoven.evaluation.probe import linear_probe
from einthoven.evaluation.table import Cell, Table
from einthoven.metrics import macro_auc_statistic, paired_difference, patient_bootstrap
from einthoven.models import Model, prepare
from einthoven.retrieval import ExactIndex
from einthoven.statements import label_map, label_set

NEIGHBOURS = 25
FEWEST_POSITIVES = 10
INDEX_FOLDS = (1, 2, 3, 4, 5, 6, 7, 8)
DRAWS = 1000

Progress = Callable[[str], None]
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Embedded:
    """ECGs with what is compared: embedding (n, d), head (n, codes), plain signal (n, m), random encoder (n, d)."""

    records: tuple[str, ...]
    patients: NDArray[np.str_]
    carried: NDArray[np.bool_]
    embedding: NDArray[np.float32]
    head: NDArray[np.float32]
    plain: NDArray[np.float16]
    random: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.records)


def evaluate_retrieval(
    model: Model,
    dataset: str,
    data: Path,
    fold: int = 10,
    log: Path | None = None,
    why: str = "",
    progress: Progress = lambda line: None,
    limit: int | None = None,
) -> Table:
    """Macro-AUC on one fold, with the folds 1-8 as index, for the superclasses and for all codes with 10 positives.

    Rows: the model's vote (25 nearest), linear probe and statement head; and as baselines the most common
    statements, the nearest by plain signal, and a random-weight encoder of the same shape (vote and probe).
    Intervals are 95% patient bootstraps; differences to the baselines are paired.

    Args:
        fold: 9 or 10; each use of fold 10 is logged in `log`.
        limit: at most so many ECGs of the index and of the fold, for a quick look; said in the table.

    Raises:
        UsageError: a fold that the model was trained on. DataError: the data set is not there.
    """
    if fold in INDEX_FOLDS:
        raise UsageError(f"Fold {fold} is in the index.", "Evaluate on fold 9 or 10.")
    source = open_dataset(dataset, data)
    codes = tuple(model.codes)
    index = _embed(model, _rows(source, INDEX_FOLDS, limit), codes, lambda n: progress(f"index: {n} ECGs embedded"))
    asked = _embed(model, _rows(source, (fold,), limit), codes, lambda n: progress(f"fold {fold}: {n} ECGs embedded"))
    shared = set(index.patients) & set(asked.patients)
    if shared:
        raise UsageError(f"{len(shared)} patients are in the index and in fold {fold}.", "Use PTB-XL's own folds.")
    if fold == 10:
        log_fold10(log, f"evaluate retrieval, {model.name} {model.sha256[:12]}", why)
    progress("probes and intervals")
    return _table(model, source, index, asked, codes, fold, limit)


def _rows(source: PTBXL, folds: Sequence[int], limit: int | None) -> Iterable[Row]:
    present = source.present(folds)
    return (source.row(entry) for entry in (present if limit is None else present[:limit]))


def _embed(model: Model, rows: Iterable[Row], codes: Sequence[str], progress: Callable[[int], None]) -> Embedded:
    place = {code: column for column, code in enumerate(codes)}
    random_model = _random_encoder(model)
    parts: list[tuple[Any, ...]] = []
    records: list[str] = []
    patients: list[str] = []
    carried: list[NDArray[np.bool_]] = []
    for batch in chunks(rows, 64):
        ecgs = [row.ecg() for row in batch]
        prepared = prepare(ecgs, model.config.preparation)
        first = prepared.signal[np.flatnonzero(np.diff(prepared.owner, prepend=-1))]
        flat = first.reshape(len(ecgs), -1)
        plain = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        embedding, head = model.run(ecgs)
        parts.append((embedding, head, plain.astype(np.float16), random_model(first)))
        for row in batch:
            present = np.zeros(len(codes), np.bool_)
            present[[place[s.code] for s in row.statements if s.code in place]] = True
            carried.append(present)
            records.append(row.record)
            patients.append(row.patient or row.record)
        progress(len(records))
    embedding, head, plain, random = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Embedded(tuple(records), np.array(patients), np.stack(carried), embedding, head, plain, random)


def _random_encoder(model: Model) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """An encoder of the model's shape with fresh weights (seed 0)."""
    import torch

    from einthoven.models.network import Network

    torch.manual_seed(0)
    network = Network(model.config).eval()

    def embed(signal: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            pooled = network.encoder(torch.from_numpy(np.ascontiguousarray(signal)))[1]
            return torch.nn.functional.normalize(pooled, dim=-1).numpy()

    return embed


def _vote(base: NDArray[Any], queries: NDArray[Any], carried: NDArray[np.bool_]) -> Scores:
    _, near = ExactIndex(base.astype(np.float32), backend="numpy").search(queries.astype(np.float32), NEIGHBOURS)
    votes: Scores = carried[near].mean(1)
    return votes


def _table(
    model: Model,
    source: PTBXL,
    index: Embedded,
    asked: Embedded,
    codes: Sequence[str],
    fold: int,
    limit: int | None,
) -> Table:
    mapped = label_map("super")
    membership = np.array([[mapped.get(code) == label for code in codes] for label in label_set("super")], np.float64)
    counted = asked.carried.sum(0) >= FEWEST_POSITIVES
    base_rate = index.carried.mean(0)

    def by_any(scores: Scores) -> Scores:
        return 1 - np.exp(np.log1p(-np.clip(scores, 0, 1 - 1e-9)) @ membership.T)

    index5, asked5 = (np.asarray(e.carried @ membership.T > 0) for e in (index, asked))
    everything, five = index.carried[:, counted], index5
    votes = {
        name: _vote(getattr(index, field), getattr(asked, field), np.concatenate([five, everything], 1))
        for name, field in (("model", "embedding"), ("signal", "plain"), ("random", "random"))
    }
    probes = {
        name: linear_probe(getattr(index, field), np.concatenate([five, everything], 1), getattr(asked, field))
        for name, field in (("model", "embedding"), ("random", "random"))
    }
    rows: dict[str, tuple[Scores, Scores]] = {
        "vote of 25 neighbours": (votes["model"][:, :5], votes["model"][:, 5:]),
        "linear probe": (probes["model"][:, :5], probes["model"][:, 5:]),
        "statement head": (by_any(asked.head.astype(np.float64)), asked.head[:, counted].astype(np.float64)),
        "baseline: most common": (
            np.tile(by_any(base_rate[None]), (len(asked), 1)),
            np.tile(base_rate[counted], (len(asked), 1)),
        ),
        "baseline: vote by plain signal": (votes["signal"][:, :5], votes["signal"][:, 5:]),
        "baseline: vote, random weights": (votes["random"][:, :5], votes["random"][:, 5:]),
        "baseline: probe, random weights": (probes["random"][:, :5], probes["random"][:, 5:]),
    }
    truths = {
        "superclasses (5)": asked5,
        f"all with >= 10 positives ({int(counted.sum())})": asked.carried[:, counted],
    }
    cells: dict[str, dict[str, Cell]] = {}
    best_baseline = {
        "vote of 25 neighbours": "baseline: vote, random weights",
        "linear probe": "baseline: probe, random weights",
    }
    for name, scores in rows.items():
        cells[name] = {}
        for (column, truth), score in zip(truths.items(), scores, strict=True):
            statistic = macro_auc_statistic(truth, score, FEWEST_POSITIVES)
            cells[name][column] = Cell.of(patient_bootstrap(statistic, asked.patients, DRAWS))
            if name in best_baseline:
                other = rows[best_baseline[name]][list(truths).index(column)]
                against = macro_auc_statistic(truth, other, FEWEST_POSITIVES)
                difference = paired_difference(statistic, against, asked.patients, DRAWS)
                cells[name][f"{column}: minus {best_baseline[name].removeprefix('baseline: ')}"] = Cell.of(difference)
    return Table(
        title="Retrieval: macro-AUC [95% patient bootstrap]",
        cells=cells,
        facts={
            "task": "retrieval",
            "dataset": f"ptb-xl {source.release}",
            "fold": fold,
            "ecgs": len(asked),
            "patients": len(set(asked.patients)),
            "index": f"folds 1-8, {len(index)} ECGs, {len(set(index.patients))} patients",
            "shared_patients": 0,
            "neighbours": NEIGHBOURS,
            "model": model.name,
            "model_sha256": model.sha256,
            "limited_to": limit,
            "seed": 0,
            "positives": {code: int(n) for code, n in zip(codes, asked.carried.sum(0), strict=True)},
        },
    )
