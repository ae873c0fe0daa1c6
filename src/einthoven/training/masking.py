"""The masked autoencoder of ECG and text (ECG-ReGen, Tang 2024, section II-B) as a pretraining."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from einthoven.models.config import ModelConfig, TextTower
from einthoven.models.encoders.pooling import max_over_time
from einthoven.models.fused import save_fused
from einthoven.models.masked_autoencoder import Guessed, MaskedAutoencoder
from einthoven.models.masked_decoder import hidden_tokens, patches
from einthoven.models.network import Network
from einthoven.models.text_tower import encode
from einthoven.training.augment import augment
from einthoven.training.batch import Examples
from einthoven.training.caption_texts import texts_of
from einthoven.training.exchange import common_statements, exchanged, say_the_same
from einthoven.training.masked_objectives import hidden_signal_loss, hidden_word_loss, match_loss
from einthoven.training.masks import hide_words, visible_tokens, with_mask
from einthoven.training.match_scores import match_scores
from einthoven.training.memory import Memory
from einthoven.training.plan import Plan
from einthoven.training.precision import mixed
from einthoven.training.prepared import Prepared
from einthoven.training.recipe import Recipe
from einthoven.training.words import Keep, learned

Rows = NDArray[np.integer[Any]]


class MaskedPretraining:
    """A masked autoencoder, its training ECGs and their texts.

    Args:
        config: of the ECG side that comes out: the encoder and the largest of its states, without a head.
        texts: of the training ECGs, in their order.
        tokenizer: with marks of start and end, and a [MASK].
        held_out: ECGs and texts that it is scored on.
    """

    def __init__(
        self,
        network: MaskedAutoencoder,
        config: ModelConfig,
        plan: Plan,
        examples: Examples,
        texts: Sequence[str],
        tokenizer: Tokenizer,
        held_out: tuple[Examples, Sequence[str]],
        device: str = "cpu",
    ) -> None:
        self.network, self.config, self.plan = network, config, plan
        self.how = network.config.masking
        self.examples, self.texts, self.tokenizer, self.device = examples, tuple(texts), tokenizer, device
        self.held_out = held_out

    def losses(
        self, network: MaskedAutoencoder, rows: Rows, memory: Memory | None, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """L_MEM `signal`, L_MLM `words` and L_ETM `match` of these rows, each of weight 1, as in the paper.

        What several processes hide and exchange is drawn by each for its own rows; the means are those of all rows.
        """
        signal, texts = self.batch(rows, rng)
        order: Rows = np.arange(len(rows))
        read = texts
        if self.how.match_pass == "masked":
            order = self.mismatch(rows, rng)
            if self.how.match_labels == "true":
                read = [texts[place] for place in order]
        stride = network.encoder.stride
        tokens = signal.shape[-1] // stride
        kept = self._there(visible_tokens(len(rows), tokens, self.how.signal, rng))
        words = hide_words(self.tokenizer, read, self.how.words, rng)
        told = self._there(words.told)
        with self.precision():
            found: Guessed = network(signal, kept, self._there(words.shown), told)
        target, hidden = patches(signal, stride), hidden_tokens(kept, tokens)
        losses = {
            "signal": hidden_signal_loss(found.signal.float(), target, hidden),
            "words": hidden_word_loss(found.words.float(), self._there(words.ids)[told]),
        }
        logits = found.match
        if self.how.match_pass == "unmasked":
            order, logits = self._unmasked(network, signal, rows, rng)
        belongs = self._there(order == np.arange(len(rows)))
        return {**losses, "match": match_loss(logits.float(), belongs)}

    def inference(self, network: MaskedAutoencoder) -> Network:
        """The encoder of ECGs and the largest of its states over time: what a search compares. It sees no text."""
        alone = Network(self.config)
        alone.encoder.load_state_dict(network.encoder.state_dict())
        return alone.to(next(network.parameters()).device).train(network.training)

    def write_beside(self, network: MaskedAutoencoder, checkpoint: Path, bits: int) -> None:
        """`fused/`: its texts have no embedding of their own that ECGs could be compared with, only states that they
        share with their ECGs."""
        save_fused(network, self.tokenizer, checkpoint, bits)

    def scores(self, network: MaskedAutoencoder) -> dict[str, float]:
        """How often held-out pairs of ECG and text are told from exchanged ones; chance is .5."""
        return match_scores(network, *self.held_out, self.tokenizer, self.precision())

    def batch(self, rows: Rows, rng: np.random.Generator) -> tuple[Tensor, list[str]]:
        """Disturbed signals (batch, 12, time) and the texts of these rows."""
        none = np.zeros((len(rows), 0), np.float32)
        signal = self.examples.signal[rows].astype(np.float32)
        signal, _ = augment(signal, none, self.examples.rate, self.plan.augmentation, rng)
        return torch.from_numpy(signal).to(self.device), [self.texts[row] for row in rows]

    def mismatch(self, rows: Rows, rng: np.random.Generator, embedding: Tensor | None = None) -> NDArray[np.int64]:
        """The place (batch,) of the text that each of these ECGs is given."""
        stated = statement_sets(self.examples)[rows]
        closeness = None
        if self.how.negatives == "statements":
            closeness = common_statements(stated)
        elif embedding is not None:
            unit = functional.normalize(embedding, dim=-1)
            closeness = (unit @ unit.T).cpu().numpy()
        alike = say_the_same(stated, [self.texts[row] for row in rows])
        return exchanged(alike, self.how.mismatched, rng, closeness)

    def precision(self) -> torch.autocast:
        """What the network computes in."""
        return mixed(self.plan.precision, self.device)

    def _unmasked(
        self, network: MaskedAutoencoder, signal: Tensor, rows: Rows, rng: np.random.Generator
    ) -> tuple[NDArray[np.int64], Tensor]:
        """The places of the texts, and logits (batch, 2) of a pass in which nothing is hidden.

        It comes after the masked pass, which has fetched what a sharded network needs outside its layers.
        """
        ids = encode(self.tokenizer, [self.texts[row] for row in rows]).to(self.device)
        with self.precision():
            states, _ = network.read(signal)
            near = max_over_time(states[:, 1:].detach().float(), None) if self.how.negatives == "embedding" else None
            order = self.mismatch(rows, rng, near)
            given = self._there(order if self.how.match_labels == "true" else np.arange(len(rows)))
            fused = network.join(states, network.text.states(ids)[given], ids[given])
            return order, network.match(fused.whole)

    def _there(self, values: NDArray[Any]) -> Tensor:
        return torch.from_numpy(values).to(self.device)


def statement_sets(examples: Examples) -> NDArray[np.bool_]:
    """(n, codes): which statements the data set makes of each ECG, however likely."""
    return np.asarray((examples.target if examples.stated is None else examples.stated) > 0)


def masking(
    recipe: Recipe,
    train: Prepared,
    choose: Prepared,
    device: str = "cpu",
    progress: Callable[[str], None] = lambda line: None,
    keep: Keep = learned,
) -> MaskedPretraining:
    """A masked autoencoder with fresh weights, but for a text encoder of others, on report and diagnoses.

    Args:
        keep: keeps the tokenizer.

    Raises:
        TrainingError: an ECG has no text. UsageError: sizes that do not fit together.
        ModelError: a text encoder of others that is not to be had.
    """
    config = recipe.masked()
    tower = config.text
    if isinstance(tower, TextTower):
        tower = replace(tower, vocabulary=tower.vocabulary - 1)  # one place is [MASK]'s
    texts, held_out, tokenizer = texts_of(train.rows, choose.rows, "regen", tower, progress, keep)
    network = MaskedAutoencoder(config)
    return MaskedPretraining(
        network, recipe.config(()), recipe.plan, train.examples, texts, with_mask(tokenizer),
        (choose.examples, held_out), device,
    )  # fmt: skip
