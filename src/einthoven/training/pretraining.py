"""What the training loop needs of whatever is trained, and what a pretraining gives when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

from einthoven.models.network import Network
from einthoven.training.memory import Memory


class Losses(Protocol):
    """What turns a batch into losses."""

    def losses(
        self, network: Any, rows: NDArray[np.integer[Any]], memory: Any, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """The weighed losses of these rows of the training ECGs, by name; their sum is what is minimised."""
        ...


class Learning(Protocol):
    """A network that learns without a memory of earlier batches.

    `network` is what is trained; its `config` is a dataclass, by which a run's state is known.
    """

    @property
    def network(self) -> nn.Module: ...

    def losses(
        self, network: Any, rows: NDArray[np.integer[Any]], memory: Memory | None, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """As `Losses.losses`; it is given no memory."""
        ...


class Pretraining(Learning, Protocol):
    """A network that learns from ECGs and their texts, without a statement head; `tokenizer` is that of the texts."""

    @property
    def tokenizer(self) -> Tokenizer: ...

    def inference(self, network: Any) -> Network:
        """The ECG side that a checkpoint holds and an archive embeds with, made of `network`'s weights."""
        ...

    def write_beside(self, network: Any, checkpoint: Path, bits: int) -> None:
        """Puts into the checkpoint's folder what else of `network` is kept than its ECG side; may be nothing."""
        ...

    def scores(self, network: Any) -> dict[str, float]:
        """What else the choosing ECGs tell of `network`, beside the vote of its neighbours; may be nothing."""
        ...
