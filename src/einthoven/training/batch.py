"""What one batch costs: the losses that a plan weighs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from einthoven.models.network import Network
from einthoven.models.text_tower import encode
from einthoven.models.with_text import WithText
from einthoven.training.augment import augment
from einthoven.training.memory import Memory
from einthoven.training.objectives import contrast_loss, group_loss, statement_loss, vote_loss
from einthoven.training.plan import Plan
from einthoven.training.precision import mixed

Speak = Callable[[NDArray[np.float32], np.random.Generator], str]
"""From one row of targets (codes,) to a text that states them."""

Teach = Callable[[Tensor, Tensor], Tensor]
"""From signals (batch, 12, time) as the network sees them, and their targets (batch, codes), to what it learns."""


class Signals(Protocol):
    """(n, 12, samples) float16: an array, or what reads rows when they are asked for (`ahead`)."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Any, /) -> NDArray[np.float16]: ...


@dataclass(frozen=True)
class Examples:
    """Training ECGs.

    Args:
        signal: (n, 12, samples), prepared.
        target: (n, codes), what each code counts in each ECG, between 0 and 1.
        rate: samples a second.
        reports: the report that came with each; needed only by a contrast with reports.
        stated: (n, codes), above 0 where the data set states a code. None where `target` says as much; teachers
            give every code a share of it.
    """

    signal: Signals
    target: NDArray[np.float32]
    rate: float
    reports: tuple[str, ...] = ()
    stated: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.signal)


@dataclass(frozen=True)
class Objective:
    """Turns rows of examples into losses, as a plan weighs them.

    Args:
        groups: (groups, codes), 1 where a code belongs to a group.
        speak, tokenizer: needed for a contrast with texts.
        teach: who else has a say in the targets of a batch.
    """

    examples: Examples
    groups: NDArray[np.float32]
    plan: Plan
    speak: Speak | None
    tokenizer: Tokenizer | None
    device: str
    teach: Teach | None = None

    def memory(self, network: Network) -> Memory:
        """One that remembers nothing yet."""
        labels = len(network.config.codes) + (len(self.groups) if self.plan.vote_on == "codes+groups" else 0)
        return Memory(self.plan.memory, network.config.embedding, labels, self.device)

    def losses(
        self, network: Network, rows: NDArray[np.integer[Any]], memory: Memory, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """The weighed losses of these rows, by name; `memory` receives their embeddings."""
        plan, clean = self.plan, self.examples.target[rows]
        signal, target = augment(self.examples.signal[rows], clean, self.examples.rate, plan.augmentation, rng)
        x, y = torch.from_numpy(signal).to(self.device), torch.from_numpy(target).to(self.device)
        with self._precision():
            y = y if self.teach is None else self.teach(x, y)
            embedding, logits = network(x)
        embedding, logits = embedding.float(), logits.float()
        losses = {"statements": statement_loss(logits, y, plan.asymmetry)}
        membership = torch.from_numpy(self.groups).to(self.device)
        if plan.groups:
            losses["groups"] = plan.groups * group_loss(logits, membership, _present(y, membership))
        if plan.vote and len(rows) + len(memory.known) > 1:
            voted = torch.cat([y, _present(y, membership)], 1) if plan.vote_on == "codes+groups" else y
            losses["vote"] = plan.vote * vote_loss(embedding, voted, memory.known, memory.carried)
            memory.add(embedding, voted)
        half = len(rows) // 2 if plan.augmentation.mixup else len(rows)
        if plan.contrast and half > 1:  # one pair has nothing to differ from
            losses["contrast"] = plan.contrast * self._contrast(network, embedding[:half], rows[:half], rng)
        return losses

    def _contrast(
        self, network: Network, embedding: Tensor, rows: NDArray[np.integer[Any]], rng: np.random.Generator
    ) -> Tensor:
        assert isinstance(network, WithText) and self.speak is not None and self.tokenizer is not None
        stated = (self.examples.target if self.examples.stated is None else self.examples.stated)[rows]
        if self.plan.contrast_text == "report":
            texts = [self.examples.reports[row] for row in rows]
            same = np.array(texts)[:, None] == np.array(texts)[None, :]
        else:
            texts = [self.speak(row, rng) for row in stated]
            same = ((stated > 0)[:, None] == (stated > 0)[None, :]).all(-1)  # however likely, the text is the same
        with self._precision():
            text = network.embed_text(encode(self.tokenizer, texts).to(self.device))
        return contrast_loss(embedding, text.float(), network.scale(), torch.from_numpy(same).to(self.device))

    def _precision(self) -> torch.autocast:
        return mixed(self.plan.precision, self.device)


def _present(target: Tensor, membership: Tensor) -> Tensor:
    """(batch, groups): how far some code of each group is there, from targets (batch, codes) taken as independent."""
    return 1 - torch.prod(1 - target[:, None] * membership, dim=-1)
