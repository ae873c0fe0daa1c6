"""Transformer layers that normalise after each branch, as the first ones did (Vaswani 2017) and BERT does."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.models.attention_pool import CrossAttention

SPREAD = 0.02
"""Standard deviation of the weights at the start (Devlin 2018's code)."""


class PostNormLayer(nn.Module):
    """Attention among the rows, attention to rows of another sequence if there is one, and a perceptron of four times
    the width: each added to what came in, and the sum normalised.

    Args:
        across: rows of another sequence, of the same width, are looked at, too.
    """

    def __init__(self, width: int, heads: int, dropout: float, across: bool = False) -> None:
        super().__init__()
        self.own = CrossAttention(width, width, heads, dropout)
        self.across = CrossAttention(width, width, heads, dropout) if across else None
        self.after_across = nn.LayerNorm(width) if across else None
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.after_own, self.after_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, there: Tensor | None, other: Tensor | None = None, other_there: Tensor | None = None
    ) -> Tensor:
        """(batch, rows, width) and (batch, rows) bool, which of them may be looked at; `other` alike."""
        x = self.after_own(x + self.drop(self.own(x, x, there)))
        if self.across is not None and self.after_across is not None and other is not None:
            x = self.after_across(x + self.drop(self.across(x, other, other_there)))
        y: Tensor = self.after_mlp(x + self.drop(self.mlp(x)))
        return y


class ClassToken(nn.Module):
    """A learned row before all others, which is always there and comes to stand for the whole."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.row = nn.Parameter(torch.randn(width) * SPREAD)

    def forward(self, x: Tensor, there: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """(batch, rows, width) and (batch, rows) bool to one row more of each, the first."""
        x = torch.cat([self.row.to(x.dtype).expand(x.shape[0], 1, -1), x], 1)
        if there is not None:
            there = torch.cat([torch.ones_like(there[:, :1]), there], 1)
        return x, there


def start_as_bert(module: nn.Module) -> None:
    """Weights of linear layers from a normal distribution of spread .02, biases 0; to be used with `apply`."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=SPREAD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
