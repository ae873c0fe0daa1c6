"""Report generators in training: the Transformer and R2GenCMN rows of ECG-ReGen's Table I."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from einthoven.ecg import UsageError
from einthoven.models.card import pretrained_card
from einthoven.models.checkpoint import load_network
from einthoven.models.config import ModelConfig, TextTower
from einthoven.models.generator import Generator
from einthoven.models.generator_checkpoint import GeneratorConfig, save_generator
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.training.augment import augment
from einthoven.training.batch import Examples
from einthoven.training.distributed import first_alone
from einthoven.training.gathered import caption_over_ranks, tokens_over_ranks
from einthoven.training.loop import Judge, pretrain
from einthoven.training.memory import Memory
from einthoven.training.objectives import caption_loss
from einthoven.training.plan import Plan, TrainingError
from einthoven.training.precision import mixed
from einthoven.training.prepared import Prepared
from einthoven.training.recipe import Recipe
from einthoven.training.state import claim, metrics_of
from einthoven.training.words import keep_in

BATCH = 128


@dataclass(frozen=True)
class GeneratorTraining:
    """A generator, the ECGs that it learns from, and their reports."""

    network: Generator
    plan: Plan
    examples: Examples
    tokenizer: Tokenizer
    device: str = "cpu"

    def losses(
        self, network: Generator, rows: NDArray[np.integer[Any]], memory: Memory | None, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """The mean cross-entropy over the tokens of these ECGs' reports, and of all processes'."""
        signal, ids = self.batch(rows, rng)
        return {"report": caption_over_ranks(self.logits(network, signal, ids), ids)}

    def gradient_in_pieces(
        self, network: Generator, rows: NDArray[np.integer[Any]], rng: np.random.Generator, pieces: int
    ) -> dict[str, Tensor]:
        """The mean is over the tokens of all pieces, which have unequally many."""
        signal, ids = self.batch(rows, rng)
        total, tokens = torch.zeros((), device=self.device), tokens_over_ranks(ids)
        for part in np.array_split(np.arange(len(rows)), pieces):
            logits = self.logits(network, signal[part], ids[part])
            loss = caption_over_ranks(logits, ids[part], tokens=tokens)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return {"report": total}

    def batch(
        self, rows: NDArray[np.integer[Any]], rng: np.random.Generator
    ) -> tuple[NDArray[np.floating[Any]], Tensor]:
        """Disturbed signals (batch, 12, time) and the token ids (batch, length) of these rows' reports."""
        none = np.zeros((len(rows), 0), np.float32)
        signal, _ = augment(self.examples.signal[rows], none, self.examples.rate, self.plan.augmentation, rng)
        return signal, encode(self.tokenizer, [self.examples.reports[row] for row in rows]).to(self.device)

    def logits(self, network: Generator, signal: NDArray[np.floating[Any]], ids: Tensor) -> Tensor:
        """Of signals (batch, 12, time) and their reports (batch, length)."""
        with mixed(self.plan.precision, self.device):
            logits: Tensor = network(torch.from_numpy(signal.astype(np.float32)).to(self.device), ids)
        return logits.float()


def train_generator(
    recipe: Recipe,
    train: Prepared,
    choose: Prepared,
    facts: Mapping[str, Any],
    out: Path,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
) -> Path:
    """Trains the generator of `recipe`; returns its folder `out/checkpoint` (`models.generator_checkpoint`).

    The weights that are kept are those whose reports of the choosing ECGs cost least.

    Raises:
        TrainingError: the loss is not finite, or an ECG has no report. ModelError: no checkpoint to start from.
        UsageError: `out` holds a run of another recipe or of other data, or the checkpoint has another encoder.
    """
    assert recipe.generating is not None
    how = recipe.generating
    torch.manual_seed(recipe.plan.seed)
    network = Generator(recipe.encoder, how.network)
    if how.encoder_from:
        start_from(network, Path(how.encoder_from), recipe)
    facts = {**facts, "parameters": sum(p.numel() for p in network.parameters())}
    first_alone(lambda: claim(out, facts), device)
    if not all(text.strip() for text in (*train.examples.reports, *choose.examples.reports)):
        raise TrainingError("An ECG has no report to learn from.", "Leave out ECGs without one.")
    tower = TextTower(tokens=how.network.tokens, vocabulary=how.network.vocabulary)
    tokenizer = keep_in(out, device)(lambda: build_tokenizer(train.examples.reports, tower, marks=True))
    training = GeneratorTraining(network, recipe.plan, train.examples, tokenizer, device)
    shares = {f"encoder.{name}": how.encoder_share for name, _ in network.encoder.named_parameters()}
    pretrain(
        training,
        train.records,
        recipe.plan,
        out,
        _judge(training, choose.examples),
        progress,
        device,
        shares,
        train.examples.signal,
    )
    config = GeneratorConfig(recipe.name, recipe.preparation, recipe.encoder, how.network)
    said = ModelConfig(recipe.name, (), recipe.embedding, recipe.preparation, recipe.encoder)

    def save() -> None:
        save_generator(network, config, tokenizer, out / "checkpoint", pretrained_card(said, facts, metrics_of(out)))

    first_alone(save, device)
    return out / "checkpoint"


def start_from(network: Generator, checkpoint: Path, recipe: Recipe) -> None:
    """Gives a generator the encoder's weights of a checkpoint.

    Raises:
        ModelError: no checkpoint, or a damaged one.
        UsageError: another encoder or preparation, or one that has seen folds 9 and 10.
    """
    trained = load_network(checkpoint)
    if (trained.config.encoder, trained.config.preparation) != (recipe.encoder, recipe.preparation):
        raise UsageError(
            f"The checkpoint {checkpoint.name} has another encoder or preparation than this configuration.",
            "Copy encoder and preparation from its config.json, or set generating.encoder_from to null.",
        )
    if trained.config.split is not None:
        raise UsageError(
            f"The checkpoint {checkpoint.name} has seen ECGs of folds 9 and 10, which choose and judge generators.",
            "Start from one that was trained on folds 1-8.",
        )
    network.encoder.load_state_dict(trained.encoder.state_dict())


def _judge(training: GeneratorTraining, held_out: Examples) -> Judge:
    def judge(network: Generator) -> dict[str, float]:
        total = 0.0
        with torch.inference_mode():
            for at in range(0, len(held_out), BATCH):
                part = slice(at, at + BATCH)
                reports = held_out.reports[part]
                ids = encode(training.tokenizer, reports).to(training.device)
                loss = caption_loss(training.logits(network, held_out.signal[part], ids), ids)
                total += loss.item() * len(reports)
        mean = total / len(held_out)
        return {"choose_report": mean, "score": -mean}

    return judge
