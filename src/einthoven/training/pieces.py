"""The gradient of a batch, whole or in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from einthoven.training.pretraining import Losses

Rows = NDArray[np.integer[Any]]


@runtime_checkable
class InPieces(Protocol):
    """A pretraining whose losses do not fall into sums over records, and that knows what to do about it."""

    def gradient_in_pieces(self, network: Any, rows: Rows, rng: np.random.Generator, pieces: int) -> dict[str, Tensor]:
        """Adds the gradient of the losses of the whole batch to the parameters, and returns these losses."""
        ...


def gradient(
    work: Losses,
    network: nn.Module,
    rows: Rows,
    memory: Any,
    rng: np.random.Generator,
    pieces: int,
    weight: float = 1.0,
) -> dict[str, Tensor]:
    """Adds the gradient of the losses of these rows to the parameters, and returns these losses, each a number.

    In pieces, losses are means over records, weighed by how many a piece has; other losses are the work's own matter
    (`InPieces`).

    Args:
        weight: of all losses, where they are means over records.
    """
    pieces = min(pieces, len(rows))
    if pieces > 1 and isinstance(work, InPieces):
        return work.gradient_in_pieces(network, rows, rng, pieces)
    total: dict[str, Tensor] = {}
    for piece in np.array_split(rows, pieces):
        losses = {
            name: one * (weight * len(piece) / len(rows))
            for name, one in work.losses(network, piece, memory, rng).items()
        }
        whole = torch.stack(list(losses.values())).sum()
        whole.backward()  # type: ignore[no-untyped-call]
        for name, one in losses.items():
            total[name] = total.get(name, torch.zeros_like(one)) + one.detach()
    return total


class Chances:
    """The state of torch's generators, to draw the same again."""

    def __init__(self, device: str) -> None:
        self.device = torch.device(device)
        self.own = torch.get_rng_state()
        self.cuda = torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None

    @contextmanager
    def again(self) -> Iterator[None]:
        """Inside, what is drawn is what was drawn after this was made; it goes on from there."""
        torch.set_rng_state(self.own)
        if self.cuda is not None:
            torch.cuda.set_rng_state(self.cuda, self.device)
        yield
