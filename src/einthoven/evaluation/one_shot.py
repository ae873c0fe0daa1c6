"""Networks that learn people by one segment of each, for `einthoven evaluate identify`."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from einthoven.ecg import ECG, Floats, UsageError
from einthoven.evaluation.tasks.identify import Identifier
from einthoven.models import Model, Preparation, prepare
from einthoven.models.checkpoint import load_network
from einthoven.training.batch import Examples
from einthoven.training.finetune import Tuning, finetune, for_labels, is_begun

ONE_SHOT = Tuning(epochs=30, batch=64, rate=1e-3, decay=0.75)
BATCH = 128
TUNED, FRESH = "fine-tuned", "supervised from random weights, same plan"


def identifiers(
    model: Model,
    run: Path,
    how: Tuning = ONE_SHOT,
    seeds: int = 1,
    resume: bool = False,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Identifier]:
    """A checkpoint's network fine-tuned on the known segments, and the same network from random weights.

    The segments are read as they are, without padding, and all epochs are trained: nothing chooses among them.

    Args:
        run: a folder for the runs, one for each question about each set of people.
        seeds: how often each is trained, seeds 0 and on.

    Raises:
        UsageError: the folder holds runs, without `resume`.
    """
    if is_begun(run) and not resume:
        raise UsageError(f"{run} holds runs already.", "Go on with them (--resume), or name another --run.")
    return {
        TUNED: _identifier(model, run, how, seeds, False, progress),
        FRESH: _identifier(model, run, how, seeds, True, progress),
    }


def _identifier(
    model: Model, run: Path, how: Tuning, seeds: int, fresh: bool, progress: Callable[[str], None]
) -> Identifier:
    given = load_network(model.folder)

    def identify(known: Sequence[ECG], asked: Sequence[ECG]) -> list[Floats]:
        return [once(known, asked, seed) for seed in range(seeds)]

    def once(known: Sequence[ECG], asked: Sequence[ECG], seed: int) -> Floats:
        preparation = dataclasses.replace(given.config.preparation, seconds=known[0].seconds)
        digest = hashlib.sha256("".join(ecg.sha256 for ecg in known).encode()).hexdigest()
        target = np.eye(len(known), dtype=np.float32)
        examples = Examples(_windows(known, preparation), target, preparation.rate)
        network = for_labels(given, [f"person {n}" for n in range(len(known))], seed, fresh)
        facts: dict[str, object] = {"task": "identify", "checkpoint": model.sha256, "fresh": fresh, "data": digest}
        folder = run / f"{model.sha256[:8]}{'-fresh' if fresh else ''}" / digest[:8] / f"seed{seed}"
        network = finetune(
            network, examples, how, seed, folder, facts, lambda _: {"score": 0.0}, progress, one_of_many=True
        )
        windows = _windows(asked, preparation)
        with torch.inference_mode():
            batches = (windows[at : at + BATCH].astype(np.float32) for at in range(0, len(windows), BATCH))
            parts = [network(torch.from_numpy(some))[1] for some in batches]
        return np.asarray(torch.cat(parts).numpy(), np.float64)

    return identify


def _windows(ecgs: Sequence[ECG], how: Preparation) -> NDArray[np.float16]:
    made = prepare(ecgs, how)
    first = made.first
    return made.signal[first].astype(np.float16)
