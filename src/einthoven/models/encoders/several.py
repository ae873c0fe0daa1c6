"""Several encoders side by side: an ensemble that is one network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Several(nn.Module):
    """Members that see the same signal; their features stand side by side, (batch, tokens, sum of the members').

    Args:
        members: encoders with the same stride.
    """

    def __init__(self, members: Sequence[nn.Module], widths: Sequence[int], stride: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.width = sum(widths)
        self.stride = stride

    def forward(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """As of each member."""
        tokens, pooled = zip(*(member(signal, valid, leads) for member in self.members), strict=True)
        return torch.cat(tokens, -1), torch.cat(pooled, -1)
