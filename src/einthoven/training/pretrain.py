"""From a recipe of a pretraining and prepared ECGs to a checkpoint without a statement head."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from einthoven.collection import Row
from einthoven.datasets.texts import findings
from einthoven.ecg import FileError, UsageError
from einthoven.models.card import pretrained_card
from einthoven.models.checkpoint import save_checkpoint
from einthoven.statements import VOCABULARY
from einthoven.training.caption_texts import silent_on
from einthoven.training.captioning import CaptionPretraining, captioning
from einthoven.training.distributed import first_alone
from einthoven.training.judge import judge_on, membership
from einthoven.training.loop import Judge, pretrain
from einthoven.training.masking import masking
from einthoven.training.prepared import Prepared
from einthoven.training.pretraining import Pretraining
from einthoven.training.recipe import Recipe
from einthoven.training.state import claim, metrics_of
from einthoven.training.words import Keep, keep_in

TEXTS = "texts.txt"
"""The training texts of a run that was to tell nothing of a group of labels, each once, a line each."""


def train_pretraining(
    recipe: Recipe,
    train: Prepared,
    choose: Prepared,
    facts: Mapping[str, Any],
    out: Path,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
) -> Path:
    """Trains what `recipe` says on `train`; returns the checkpoint folder `out/checkpoint`.

    The weights that are kept are those whose embedding lets neighbours vote best on the choosing ECGs.

    Args:
        facts: what decides the run, beside the texts.

    Raises:
        TrainingError: the loss is not finite, or the ECGs have no text.
        UsageError: `out` holds a run of another recipe or of other data, or no label of the choosing ECGs is
            frequent enough to be scored.
    """
    torch.manual_seed(recipe.plan.seed)
    pretraining = pretraining_of(recipe, train, choose, device, progress, keep_in(out, device))
    facts = {**facts, "parameters": sum(p.numel() for p in pretraining.network.parameters())}
    first_alone(lambda: claim(out, facts), device)
    if isinstance(pretraining, CaptionPretraining) and pretraining.how.without is not None:
        first_alone(lambda: _prove(pretraining.texts, out), device)
    judge = _judge(pretraining, train, choose, recipe.plan.precision)
    network = pretrain(
        pretraining, train.records, recipe.plan, out, judge, progress, device, signals=train.examples.signal
    )
    first_alone(lambda: _save(pretraining, network, facts, recipe, out), device)
    return out / "checkpoint"


def _prove(texts: Sequence[str], out: Path) -> None:
    """Leaves each text of a run that was to tell nothing of some labels, so that an evaluation can see that none does.

    Raises:
        FileError: the folder cannot be written.
    """
    lines = dict.fromkeys(" ".join(text.split()) for text in texts)
    try:
        (out / TEXTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as fault:
        raise FileError(f"{out / TEXTS} cannot be written ({fault.strerror}).", "Make room there.") from None


def _save(pretraining: Pretraining, network: Any, facts: Mapping[str, Any], recipe: Recipe, out: Path) -> None:
    alone = pretraining.inference(network)
    card = pretrained_card(alone.config, facts, metrics_of(out))

    def beside(folder: Path) -> None:
        pretraining.write_beside(network, folder, recipe.bits)

    save_checkpoint(alone, out / "checkpoint", card, recipe.bits, beside)


def pretraining_of(
    recipe: Recipe, train: Prepared, choose: Prepared, device: str, progress: Callable[[str], None], keep: Keep
) -> Pretraining:
    """The pretraining that a recipe names by one of its tables; `keep` keeps its tokenizer."""
    if recipe.captioning is not None:
        return captioning(recipe, recipe.captioning, train, choose, device, progress, keep)
    if recipe.masking is not None:
        return masking(recipe, train, choose, device, progress, keep)
    raise UsageError("The configuration names no pretraining.", "Give it a table captioning or masking.")


def carries(recipe: Recipe) -> Callable[[Row], bool] | None:
    """Which ECGs a pretraining learns from: those of which something is said. None for a supervised training."""
    if (how := recipe.captioning) is not None:
        return lambda row: bool(findings(row if how.without is None else silent_on(how.without, row)))
    if recipe.generating is not None:
        return lambda row: bool((row.text or "").strip())
    if recipe.masking is not None:
        return lambda row: bool((row.text or "").strip() or findings(row))
    return None


def _judge(pretraining: Pretraining, train: Prepared, choose: Prepared, precision: str) -> Judge:
    """The vote of neighbours, whose mean is the score, beside what the pretraining itself has to say."""
    neighbours = judge_on(choose.examples, train.examples, membership(VOCABULARY.codes(), "super"), precision)

    def judge(network: Any) -> dict[str, float]:
        return {**pretraining.scores(network), **neighbours(pretraining.inference(network))}

    return judge
