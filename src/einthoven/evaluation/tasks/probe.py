"""`einthoven evaluate probe`: what a linear layer reads from frozen embeddings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from einthoven.ecg import Bools
from einthoven.evaluation.benchmark import Read, open_benchmark
from einthoven.evaluation.classified import Way, classified
from einthoven.evaluation.contenders import SEEDS, contenders
from einthoven.evaluation.labels import FEWEST_POSITIVES, Scores
from einthoven.evaluation.probe import FEATURES, PENALTY, linear_probe
from einthoven.evaluation.question import Question
from einthoven.evaluation.store import Store
from einthoven.evaluation.table import Table
from einthoven.retrieval import EmbeddingModel

Progress = Callable[[str], None]

NOTES = (
    "The probe itself has one minimum, so that nothing in it is drawn; seeds are those of the baselines. An encoder "
    "that was trained on the part that thresholds are found on makes them optimistic there.",
)


def evaluate_probe(
    model: EmbeddingModel,
    question: Question,
    labels: str = "",
    lists: Path | None = None,
    against: Sequence[EmbeddingModel] = (),
    seeds: int = SEEDS,
    progress: Progress = lambda line: None,
    store: Store | None = None,
    again: Sequence[EmbeddingModel] = (),
) -> Table:
    """Linear probes on one fold (ESI, section 4.2.2): macro-AUC, macro-F1, ECE, beside baselines on the same ECGs.

    Args:
        labels: a label set of PTB-XL; other data sets have their own.
        lists: published lists in place of folds.
        seeds: of the random projections and the random weights.
        store: keeps what models and baselines make of ECGs.
        again: further trainings of the model, whose row is then the mean of all, with their standard deviation.

    Raises:
        UsageError: another fold, labels that are not there, a model that is there twice, too few positives.
        FileError: no log.
        DataError: the data set is not there.
        MissingPackageError: torch or scipy is not installed.
    """
    bench = open_benchmark(question, labels, lists)
    who = contenders(model, against, bench.met(), seeds, store=store, again=again)
    what = f"evaluate probe on {bench.name}, {bench.label_set}, {who.facts['model']} {model.sha256[:12]}"
    question.note(what, model, *against, *again)
    read = {part: bench.embed(part, who.runs, progress) for part in bench.parts}
    progress("probes")
    ways = {name: Way.of(probed(read, run) for run in runs) for name, runs in who.rows.items()}
    progress("intervals")
    test, val = read["test"].ecgs, read["val"].ecgs
    found = classified(ways, bench.labels, test.carried, val.carried, test.patients, bench.folds["val"])
    return Table(
        title=f"Linear probe: {found.counted} of {len(bench.labels)} labels [95% patient bootstrap]",
        cells=found.cells,
        parts=found.parts,
        notes=NOTES,
        facts={
            "task": "probe",
            **bench.facts(read),
            **who.facts,
            "probe": f"logistic regression, C = {PENALTY:g}, features {FEATURES}",
            "fewest_positives": FEWEST_POSITIVES,
            "seed": 0,
        },
    )


def probed(read: Mapping[str, Read], run: str, kept: Bools | None = None) -> tuple[Scores, Scores]:
    """Probabilities (n, l) of test and (m, l) of val by a probe on what one run made of train, or of those kept."""
    train, val, test = (read[part].ecgs.seen[run].embedding for part in ("train", "val", "test"))
    truth = read["train"].ecgs.carried
    known = slice(None) if kept is None else kept
    scores = linear_probe(train[known], truth[known], np.concatenate([test, val]))
    return scores[: len(test)], scores[len(test) :]
