"""`einthoven evaluate few-shot`: a linear probe that has seen a twentieth of the training patients."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from einthoven.datasets import Recording
from einthoven.ecg import UsageError
from einthoven.evaluation.benchmark import open_benchmark
from einthoven.evaluation.classified import Way, classified
from einthoven.evaluation.contenders import contenders
from einthoven.evaluation.labels import FEWEST_POSITIVES
from einthoven.evaluation.probe import FEATURES, PENALTY
from einthoven.evaluation.question import Question
from einthoven.evaluation.store import Store
from einthoven.evaluation.table import Table
from einthoven.evaluation.tasks.probe import probed
from einthoven.retrieval import EmbeddingModel

Progress = Callable[[str], None]

SHARE, DRAWN = 0.05, 5


def evaluate_few_shot(
    model: EmbeddingModel,
    question: Question,
    labels: str = "",
    lists: Path | None = None,
    against: Sequence[EmbeddingModel] = (),
    share: float = SHARE,
    draws: int = DRAWN,
    progress: Progress = lambda line: None,
    store: Store | None = None,
    again: Sequence[EmbeddingModel] = (),
) -> Table:
    """Linear probes on a share of the training patients (ESI, section 4.3.2), drawn several times by seed.

    Each number is the mean over draws, with its standard deviation over draws, and its 95% bootstrap over the
    patients of the test fold.

    Args:
        share: of the training patients, above 0 and at most 1. draws: how often they are drawn, seeds 0 and on.
        store: keeps what models and baselines make of ECGs.
        again: further trainings of the model, whose row is then the mean of all, with their standard deviation.

    Raises:
        UsageError: as `evaluate_probe`; or a share that is none, or no draw.
        DataError: the data set is not there.
        MissingPackageError: torch or scipy is not installed.
    """
    if not 0 < share <= 1 or draws < 1:
        raise UsageError(f"{draws} draws of a share of {share:g} teach nothing.", "Choose 0 < share <= 1 and a draw.")
    bench = open_benchmark(question, labels, lists)
    train = bench.parts["train"]
    chosen = [drawn_patients(train, share, seed) for seed in range(draws)]
    who = contenders(model, against, bench.met(), seeds=1, store=store, again=again)
    what = f"evaluate few-shot on {bench.name}, {bench.label_set}, {model.name} {model.sha256[:12]}"
    question.note(what, model, *against, *again)
    some = [one for one in train if any(_patient(one) in each for each in chosen)]
    read = {
        "train": bench.embed("train", who.runs, progress, some),
        **{part: bench.embed(part, who.runs, progress) for part in ("val", "test")},
    }
    ecgs = read["train"].ecgs
    taken = [np.isin(ecgs.patients, sorted(each)) for each in chosen]
    progress("probes")
    ways = {name: Way.of(probed(read, run, kept) for kept in taken for run in runs) for name, runs in who.rows.items()}
    test, val = read["test"].ecgs, read["val"].ecgs
    progress("intervals")
    found = classified(ways, bench.labels, test.carried, val.carried, test.patients, bench.folds["val"])
    return Table(
        title=f"Few-shot, {share:.0%} of the training patients, mean of {draws} draws: {found.counted} of "
        f"{len(bench.labels)} labels [95% patient bootstrap]",
        cells=found.cells,
        parts=found.parts,
        facts={
            "task": "few-shot",
            **bench.facts(read),
            **who.facts,
            "share_of_training_patients": share,
            "draw_seeds": f"0 to {draws - 1}",
            "ecgs_a_draw": ", ".join(str(int(kept.sum())) for kept in taken),
            "probe": f"logistic regression, C = {PENALTY:g}, features {FEATURES}",
            "fewest_positives": FEWEST_POSITIVES,
            "seed": 0,
        },
    )


def drawn_patients(recordings: Sequence[Recording], share: float, seed: int) -> frozenset[str]:
    """A share of the patients of some recordings, rounded up, drawn by a seed; who has no patient is one alone."""
    patients = sorted({_patient(one) for one in recordings})
    count = math.ceil(share * len(patients))
    return frozenset(np.random.default_rng(seed).choice(np.array(patients), count, replace=False).tolist())


def _patient(recording: Recording) -> str:
    return recording.patient or recording.record
