"""`einthoven evaluate finetune`: what an encoder reaches that is trained on, beside one that starts from nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from einthoven.datasets import Recording
from einthoven.ecg import Bools, ModelError, UsageError, chunks
from einthoven.evaluation.benchmark import Benchmark, Read, open_benchmark
from einthoven.evaluation.classified import Way, classified
from einthoven.evaluation.contenders import OURS, contenders
from einthoven.evaluation.labels import FEWEST_POSITIVES, Scores
from einthoven.evaluation.probe import FEATURES, PENALTY
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Table
from einthoven.evaluation.tasks.probe import probed
from einthoven.metrics import macro_auc
from einthoven.models import Model, Preparation, prepare
from einthoven.models.checkpoint import load_network
from einthoven.models.network import Network
from einthoven.retrieval import EmbeddingModel
from einthoven.training.finetune import Tuning, finetune, for_labels, is_begun
from einthoven.training.prepared import prepare_rows

Progress = Callable[[str], None]

SEEDS = 5
TUNED, FRESH, FROZEN = "fine-tuned", "supervised from random weights, same plan", "frozen, linear probe"
NOTES = (
    "The fold that chooses thresholds also chooses the epoch whose weights are kept. Supervised rows are none of "
    "transfer: their networks have the same shape, start at random weights and train as long.",
)


def evaluate_finetune(
    model: EmbeddingModel,
    question: Question,
    run: Path,
    labels: str = "",
    lists: Path | None = None,
    against: Sequence[EmbeddingModel] = (),
    how: Tuning | None = None,
    seeds: int = SEEDS,
    resume: bool = False,
    progress: Progress = lambda line: None,
) -> Table:
    """Fine-tunes checkpoints (ESI, section 4.2.3) and holds them beside the same network from random weights, beside
    linear probes of what is frozen, and beside the baselines' probes.

    Args:
        run: a folder for the runs; an interrupted one goes on there with `resume`.
        how: epochs, rates and their decay. seeds: of head, order and disturbances, and of random weights.

    Raises:
        UsageError: as `evaluate_probe`; or a folder that holds runs, without `resume` or with other settings.
        ModelError: a model that is no torch checkpoint.
        DataError: the data set is not there. TrainingError: a loss that is not finite.
        MissingPackageError: torch or scipy is not installed.
    """
    tuned = {TUNED: checkpoint_of(model)}
    tuned |= {f"{one.name} {one.sha256[:8]}: {TUNED}": checkpoint_of(one) for one in against}
    if is_begun(run) and not resume:
        raise UsageError(f"{run} holds runs already.", "Go on with them (--resume), or name another --run.")
    how = how or Tuning()
    bench = open_benchmark(question, labels, lists)
    who = contenders(model, against, bench.met(), seeds=1)
    what = f"evaluate finetune on {bench.name}, {bench.label_set}, {model.name} {model.sha256[:12]}"
    question.note(what, model, *against)
    read = {part: bench.embed(part, who.runs, progress) for part in bench.parts}
    truth, val_truth = read["test"].ecgs.carried, read["val"].ecgs.carried
    ways = {}
    starts = [(name, one, False) for name, one in tuned.items()]
    starts.insert(1, (FRESH, tuned[TUNED], True))
    for name, one, fresh in starts:
        ways[name] = _trained(one, bench, read, how, seeds, run, fresh, partial(_say, progress, name))
    for name, runs in who.rows.items():
        shown = FROZEN if name == OURS else f"{name}: {FROZEN}"
        ways[shown] = Way.of(probed(read, each) for each in runs)
    progress("intervals")
    found = classified(ways, bench.labels, truth, val_truth, read["test"].ecgs.patients, bench.folds["val"])
    return Table(
        title=f"Fine-tuning: {found.counted} of {len(bench.labels)} labels [95% patient bootstrap]",
        cells=found.cells,
        parts=found.parts,
        notes=NOTES,
        facts={
            "task": "finetune",
            **bench.facts(read),
            **who.facts,
            "epochs": how.epochs,
            "batch": how.batch,
            "rate": how.rate,
            "layer_decay": how.decay,
            "training_seeds": f"0 to {seeds - 1}",
            "probe": f"logistic regression, C = {PENALTY:g}, features {FEATURES}",
            "fewest_positives": FEWEST_POSITIVES,
            "seed": 0,
        },
    )


def _say(progress: Progress, name: str, line: str) -> None:
    progress(f"{name}: {line}")


def checkpoint_of(model: EmbeddingModel) -> Model:
    """A model as a checkpoint that torch can train on.

    Raises:
        ModelError: it is none.
    """
    if not isinstance(model, Model):
        raise ModelError(f"{model.name} is no checkpoint of Einthoven's.", "Only those can be trained on; name one.")
    return model


@dataclass(frozen=True)
class _Held:
    """Windows of ECGs that are not trained on, as `prepare` makes them."""

    signal: NDArray[np.float16]
    valid: Bools
    owner: NDArray[np.intp]

    def chances(self, network: Network, batch: int = 128) -> Scores:
        """Probabilities (n, labels): of several windows of one ECG the highest counts, as models do it."""
        found = []
        device = next(network.parameters()).device
        with torch.inference_mode():
            for at in range(0, len(self.owner), batch):
                signal = torch.from_numpy(self.signal[at : at + batch].astype(np.float32)).to(device)
                valid = torch.from_numpy(self.valid[at : at + batch].astype(np.float32)).to(device)
                found.append(network(signal, valid)[1].sigmoid().cpu().numpy())
        starts = np.flatnonzero(np.diff(self.owner, prepend=-1))
        return np.asarray(np.maximum.reduceat(np.concatenate(found), starts), np.float64)


def _held(bench: Benchmark, part: Sequence[Recording], how: Preparation) -> _Held:
    signal, valid, owner = [], [], []
    count = 0
    for rows in chunks(bench.rows(part), 256):
        made = prepare([row.ecg() for row in rows], how)
        signal.append(made.signal.astype(np.float16))
        valid.append(made.valid)
        owner.append(made.owner + count)
        count += len(rows)
    return _Held(np.concatenate(signal), np.concatenate(valid), np.concatenate(owner))


def _trained(
    model: Model,
    bench: Benchmark,
    read: dict[str, Read],
    how: Tuning,
    seeds: int,
    run: Path,
    fresh: bool,
    progress: Progress,
) -> Way:
    """Scores of test and val by one network a seed, trained on train, whose epoch is chosen on val."""
    given = load_network(model.folder)
    preparation = given.config.preparation
    examples = prepare_rows(bench.rows(bench.parts["train"]), bench.labels, preparation, progress).examples
    held = {part: _held(bench, bench.parts[part], preparation) for part in ("val", "test")}
    val_truth = read["val"].ecgs.carried
    fewest = min(FEWEST_POSITIVES, int(val_truth.sum(0).max()))

    def judge(network: Network) -> dict[str, float]:
        return {"score": macro_auc(val_truth, held["val"].chances(network), fewest).value}

    facts: dict[str, object] = {
        "task": "finetune",
        "checkpoint": model.sha256,
        "fresh": fresh,
        "labels": list(bench.labels),
        "data": {part: read[part].sha256 for part in ("train", "val")},
    }
    scored = []
    for seed in range(seeds):
        network = for_labels(given, bench.labels, seed, fresh)
        folder = run / f"{model.sha256[:8]}{'-fresh' if fresh else ''}" / f"seed{seed}"
        network = finetune(network, examples, how, seed, folder, facts, judge, progress)
        scored.append((held["test"].chances(network), held["val"].chances(network)))
    return Way.of(scored)
