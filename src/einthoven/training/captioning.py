"""Contrastive captioning between ECG and text (ESI, section 3.2) as a pretraining."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from einthoven.models.captioner import Captioned, Captioner
from einthoven.models.config import ModelConfig
from einthoven.models.network import Network
from einthoven.models.text_tower import encode
from einthoven.training.augment import augment
from einthoven.training.batch import Examples
from einthoven.training.caption_scores import pair_scores
from einthoven.training.caption_texts import texts_of
from einthoven.training.captions import Captions
from einthoven.training.gathered import caption_over_ranks, contrast_over_ranks, text_keys
from einthoven.training.memory import Memory
from einthoven.training.objectives import caption_loss, contrast_loss
from einthoven.training.plan import Plan
from einthoven.training.prepared import Prepared
from einthoven.training.recipe import Recipe


class CaptionPretraining:
    """A captioner, its training ECGs and their texts.

    Args:
        config: of the ECG side that comes out.
        texts: of the training ECGs, in their order.
        held_out: ECGs and texts that it is scored on.
    """

    def __init__(
        self,
        network: Captioner,
        config: ModelConfig,
        how: Captions,
        plan: Plan,
        examples: Examples,
        texts: Sequence[str],
        tokenizer: Tokenizer,
        held_out: tuple[Examples, Sequence[str]],
        device: str = "cpu",
    ) -> None:
        self.network, self.config, self.how, self.plan = network, config, how, plan
        self.examples, self.texts, self.tokenizer, self.device = examples, tuple(texts), tokenizer, device
        self.held_out = held_out

    def losses(
        self, network: Captioner, rows: NDArray[np.integer[Any]], memory: Memory | None, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """The weighed contrast and caption of these rows; one whose weight is 0 is not computed."""
        signal, texts = self.batch(rows, rng)
        ids = encode(self.tokenizer, texts).to(self.device)
        with self.precision():
            found = network(signal, ids, contrast=self.how.contrast > 0, caption=self.how.caption > 0)
        losses: dict[str, Tensor] = {}
        if self.how.contrast:
            losses["contrast"] = self.how.contrast * self.contrast(found, texts)
        if self.how.caption:
            losses["caption"] = self.how.caption * self.caption(found.logits.float(), ids)
        return losses

    def inference(self, network: Captioner) -> Network:
        """Encoder, the query of the contrast, and its projection."""
        alone = Network(self.config)
        alone.load_state_dict(network.ecg_side())
        return alone.to(next(network.parameters()).device).train(network.training)

    def text_side(self, network: Captioner) -> tuple[nn.Module, Tokenizer] | None:
        """The text tower's [CLS] and its projection; None where no contrast has trained them."""
        return (network.text_side(), self.tokenizer) if self.how.contrast else None

    def scores(self, network: Captioner) -> dict[str, float]:
        """How well held-out ECGs find their texts, and what their captions cost."""
        return pair_scores(network, *self.held_out, self.tokenizer, self.how, self.precision())

    def batch(self, rows: NDArray[np.integer[Any]], rng: np.random.Generator) -> tuple[Tensor, list[str]]:
        """Disturbed signals (batch, 12, time) and the texts of these rows."""
        none = np.zeros((len(rows), 0), np.float32)
        signal, _ = augment(self.examples.signal[rows], none, self.examples.rate, self.plan.augmentation, rng)
        return torch.from_numpy(signal).to(self.device), [self.texts[row] for row in rows]

    def contrast(self, found: Captioned, texts: Sequence[str]) -> Tensor:
        """The contrast of embeddings with the negatives that were asked for; not weighed."""
        says = text_keys(texts).to(self.device) if self.how.equal_texts == "ignored" else None
        ecg, text = found.ecg.float(), found.text.float()
        if self.how.negatives == "all":
            return contrast_over_ranks(ecg, text, found.scale, says)
        same = None if says is None else says[:, None] == says[None, :]
        return contrast_loss(ecg, text, found.scale, same)

    def caption(self, logits: Tensor, ids: Tensor) -> Tensor:
        """The caption's loss; not weighed."""
        if self.how.negatives == "all":
            return caption_over_ranks(logits, ids, self.how.caption_reduction)
        return caption_loss(logits, ids, self.how.caption_reduction)

    def precision(self) -> torch.autocast:
        """What the network computes in."""
        return torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self.plan.precision == "bfloat16")


def captioning(
    recipe: Recipe,
    how: Captions,
    train: Prepared,
    choose: Prepared,
    device: str = "cpu",
    progress: Callable[[str], None] = lambda line: None,
) -> CaptionPretraining:
    """A captioner with fresh weights, with a tokenizer trained on the training texts.

    Raises:
        TrainingError: an ECG has no text. UsageError: sizes that do not fit together.
    """
    assert recipe.text is not None
    texts, held_out, tokenizer = texts_of(train.rows, choose.rows, how.text, recipe.text, progress)
    network = Captioner(recipe.encoder, recipe.text, recipe.embedding, how.model)
    config = recipe.config(())
    examples = train.examples
    return CaptionPretraining(
        network, config, how, recipe.plan, examples, texts, tokenizer, (choose.examples, held_out), device
    )
