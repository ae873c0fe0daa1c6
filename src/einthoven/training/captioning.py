"""Contrastive captioning between ECG and text (ESI, section 3.2) as a pretraining."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from einthoven.models.captioner import Captioned, Captioner
from einthoven.models.captioner_checkpoint import save_captioner, writes_captions
from einthoven.models.config import ModelConfig, Text
from einthoven.models.network import Network
from einthoven.models.text_side import save_text_side
from einthoven.models.text_tower import encode
from einthoven.training.augment import augment
from einthoven.training.batch import Examples
from einthoven.training.caption_scores import pair_scores
from einthoven.training.caption_texts import texts_of
from einthoven.training.captions import Captions
from einthoven.training.gathered import caption_over_ranks, contrast_over_ranks, text_keys, tokens_over_ranks
from einthoven.training.memory import Memory
from einthoven.training.objectives import alignment_loss, caption_loss, contrast_loss
from einthoven.training.pieces import Chances
from einthoven.training.plan import Plan
from einthoven.training.precision import mixed
from einthoven.training.prepared import Prepared
from einthoven.training.recipe import Recipe
from einthoven.training.words import Keep, learned


class CaptionPretraining:
    """A captioner, its training ECGs and their texts.

    Args:
        config: of the ECG side that comes out.
        texts: of the training ECGs, in their order.
        held_out: ECGs and texts that it is scored on.
        tower: what the text tower was made of; without it the checkpoint cannot write captions.
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
        tower: Text | None = None,
    ) -> None:
        self.network, self.config, self.how, self.plan = network, config, how, plan
        self.examples, self.texts, self.tokenizer, self.device = examples, tuple(texts), tokenizer, device
        self.held_out, self.tower = held_out, tower

    def losses(
        self, network: Captioner, rows: NDArray[np.integer[Any]], memory: Memory | None, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """The weighed losses of these rows; one whose weight is 0 is not computed."""
        signal, texts = self.batch(rows, rng)
        ids = encode(self.tokenizer, texts).to(self.device)
        with self.precision():
            found = self._forward(network, signal, ids)
        losses = self.between(found, texts)
        if self.how.caption:
            losses["caption"] = self.how.caption * self.caption(found.logits.float(), ids)
        return losses

    def gradient_in_pieces(
        self, network: Captioner, rows: NDArray[np.integer[Any]], rng: np.random.Generator, pieces: int
    ) -> dict[str, Tensor]:
        """The gradient of the whole batch with the memory of a piece (Gao 2021, GradCache).

        A first pass without gradient gives the embeddings of all, and these the slope of the contrast at each; a second
        pass, with the same dropout, takes it on to the weights.
        """
        signal, texts = self.batch(rows, rng)
        ids = encode(self.tokenizer, texts).to(self.device)
        parts = [slice(int(some[0]), int(some[-1]) + 1) for some in np.array_split(np.arange(len(rows)), pieces)]
        chances = [Chances(self.device) for _ in parts]
        losses: dict[str, Tensor] = {}
        kept: Captioned | None = None
        if self.how.contrast or self.how.alignment:
            kept = self._embedded(network, signal, ids, parts, chances)
            losses = self.between(kept, texts)
            torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        for part, chance in zip(parts, chances, strict=True):
            with chance.again(), self.precision():
                found = self._forward(network, signal[part], ids[part])
            on: list[Tensor] = []
            if kept is not None:
                for mine, leaf in ((found.ecg, kept.ecg), (found.text, kept.text), (found.views, kept.views)):
                    if leaf.grad is not None:
                        on.append((mine.float() * leaf.grad[part]).sum())
                if kept.scale.grad is not None:  # each piece has the same scale, and an equal share of its slope
                    on.append(found.scale * kept.scale.grad / len(parts))
            if self.how.caption:
                on.append(self.how.caption * self.caption(found.logits.float(), ids[part], ids))
                losses["caption"] = losses.get("caption", torch.zeros((), device=self.device)) + on[-1].detach()
            torch.stack(on).sum().backward()  # type: ignore[no-untyped-call]
        return {name: one.detach() for name, one in losses.items()}

    def _embedded(
        self, network: Captioner, signal: Tensor, ids: Tensor, parts: Sequence[slice], chances: list[Chances]
    ) -> Captioned:
        """Embeddings of all pieces, and the scale, as leaves where a gradient stops; sets `chances` to each piece's."""
        found = []
        with torch.no_grad(), self.precision():
            for place, part in enumerate(parts):
                chances[place] = Chances(self.device)
                found.append(network(signal[part], ids[part], contrast=self.how.contrast > 0, caption=False))
        ecg, text, views = (
            torch.cat([one.float() for one in each]).requires_grad_()
            for each in zip(*((one.ecg, one.text, one.views) for one in found), strict=True)
        )
        return Captioned(ecg, text, found[0].scale.clone().requires_grad_(), ecg.new_zeros(0), views)

    def _forward(self, network: Captioner, signal: Tensor, ids: Tensor) -> Captioned:
        found: Captioned = network(signal, ids, contrast=self.how.contrast > 0, caption=self.how.caption > 0)
        return found

    def inference(self, network: Captioner) -> Network:
        """Encoder, the query of the contrast, and its projection."""
        alone = Network(self.config)
        alone.load_state_dict(network.ecg_side())
        return alone.to(next(network.parameters()).device).train(network.training)

    def text_side(self, network: Captioner) -> tuple[nn.Module, Tokenizer] | None:
        """The text tower's [CLS] and its projection; None where no contrast has trained them."""
        return (network.text_side(), self.tokenizer) if self.how.contrast else None

    def write_beside(self, network: Captioner, checkpoint: Path, bits: int) -> None:
        """`text/`, where there is a text side, and `captioner/`, where captions can be written."""
        if (side := self.text_side(network)) is not None:
            save_text_side(*side, checkpoint, bits=bits)
        if self.tower is not None and writes_captions(self.how.model, self.how.caption):
            one = self.config
            save_captioner(network, one.encoder, self.tower, one.preparation, self.tokenizer, checkpoint, bits)

    def scores(self, network: Captioner) -> dict[str, float]:
        """How well held-out ECGs find their texts, and what their captions cost."""
        return pair_scores(network, *self.held_out, self.tokenizer, self.how, self.precision())

    def batch(self, rows: NDArray[np.integer[Any]], rng: np.random.Generator) -> tuple[Tensor, list[str]]:
        """Disturbed signals (batch, 12, time) and the texts of these rows."""
        none = np.zeros((len(rows), 0), np.float32)
        signal, _ = augment(self.examples.signal[rows], none, self.examples.rate, self.plan.augmentation, rng)
        return torch.from_numpy(signal).to(self.device), [self.texts[row] for row in rows]

    def between(self, found: Captioned, texts: Sequence[str]) -> dict[str, Tensor]:
        """The weighed losses between embeddings: of ECGs with their texts, and of ECGs with themselves."""
        losses: dict[str, Tensor] = {}
        if self.how.contrast:
            losses["contrast"] = self.how.contrast * self.contrast(found, texts)
        if self.how.alignment:
            among = contrast_over_ranks if self.how.negatives == "all" else contrast_loss
            losses["alignment"] = self.how.alignment * alignment_loss(found.views.float(), among)
        return losses

    def contrast(self, found: Captioned, texts: Sequence[str]) -> Tensor:
        """The contrast of embeddings with the negatives that were asked for; not weighed."""
        says = text_keys(texts).to(self.device) if self.how.equal_texts == "ignored" else None
        ecg, text = found.ecg.float(), found.text.float()
        if self.how.negatives == "all":
            return contrast_over_ranks(ecg, text, found.scale, says)
        same = None if says is None else says[:, None] == says[None, :]
        return contrast_loss(ecg, text, found.scale, same)

    def caption(self, logits: Tensor, ids: Tensor, whole: Tensor | None = None) -> Tensor:
        """The caption's loss; not weighed.

        Args:
            whole: the texts (batch, length) over which the mean is taken, where `ids` are a piece of them.
        """
        reduction, every = self.how.caption_reduction, ids if whole is None else whole
        if self.how.negatives == "all":
            return caption_over_ranks(logits, ids, reduction, tokens_over_ranks(every) if reduction == "mean" else None)
        total = caption_loss(logits, ids, "sum")
        return total if reduction == "sum" else total / (every[:, 1:] != 0).sum().clamp(min=1)

    def precision(self) -> torch.autocast:
        """What the network computes in."""
        return mixed(self.plan.precision, self.device)


def captioning(
    recipe: Recipe,
    how: Captions,
    train: Prepared,
    choose: Prepared,
    device: str = "cpu",
    progress: Callable[[str], None] = lambda line: None,
    keep: Keep = learned,
) -> CaptionPretraining:
    """A captioner with fresh weights, with a tokenizer trained on the training texts, which `keep` keeps.

    Raises:
        TrainingError: an ECG has no text. UsageError: sizes that do not fit together.
    """
    assert recipe.text is not None
    texts, held_out, tokenizer = texts_of(train.rows, choose.rows, how.text, recipe.text, progress, keep, how.without)
    network = Captioner(recipe.encoder, recipe.text, recipe.embedding, how.model)
    config = recipe.config(())
    examples = train.examples
    return CaptionPretraining(
        network, config, how, recipe.plan, examples, texts, tokenizer, (choose.examples, held_out), device, recipe.text
    )
