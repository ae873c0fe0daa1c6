"""The temperature of a contrast, learned."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """What cosines are multiplied with: 1 / sigma of ESI's L_Con (section 3.2.1), learned as its logarithm.

    At the limit, the gradient that would raise it further is dropped and the one that lowers it is kept: a plain clamp
    drops both, and a scale that has once gone beyond would stay there for good.

    Args:
        start: at the beginning of training.
        limit: the most that it gives, or None.
    """

    def __init__(self, start: float, limit: float | None) -> None:
        super().__init__()
        self.log = nn.Parameter(torch.tensor(math.log(start)))
        self.limit = limit

    def forward(self) -> Tensor:
        """A number, shape ()."""
        if self.limit is None:
            return self.log.exp()
        beyond = (self.log.detach() - math.log(self.limit)).clamp(min=0)
        held = self.log - beyond
        if held.requires_grad:
            held.register_hook(lambda slope: torch.where(beyond > 0, slope.clamp(min=0), slope))  # type: ignore[no-untyped-call]
        return held.exp()
