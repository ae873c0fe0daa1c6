"""Learned queries that look over an encoder's features (CoCa, Yu 2022, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.ecg import UsageError


class CrossAttention(nn.Module):
    """Every row of one sequence looks at every row of another that is there, in `heads` ways side by side.

    softmax(q k' / sqrt(width / heads)) v for each head (Vaswani 2017, equation 1), joined by a linear layer.

    Args:
        width: of the rows that look, and of the result.
        source: width of the rows that are looked at.
        dropout: share of the looks that are left out in training.

    Raises:
        UsageError: `width` cannot be split over `heads`.
    """

    def __init__(self, width: int, source: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        if width % heads:
            raise UsageError(f"Width {width} cannot be split over {heads} heads.", "Make it a multiple.")
        self.heads, self.dropout = heads, dropout
        self.ask = nn.Linear(width, width)
        self.answer = nn.Linear(source, 2 * width)
        self.join = nn.Linear(width, width)

    def forward(self, x: Tensor, source: Tensor, there: Tensor | None = None) -> Tensor:
        """(batch, rows, width), (batch, features, source) and (batch, features) bool to (batch, rows, width).

        A record of which nothing is there is looked at as a whole, for attention over nothing at all would be NaN.
        """
        batch, rows, width = x.shape
        query = self.ask(x).view(batch, rows, self.heads, -1).transpose(1, 2)
        key, value = self.answer(source).view(batch, source.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = None if there is None else (there | ~there.any(1, keepdim=True))[:, None, None]
        left_out = self.dropout if self.training else 0.0
        y = nn.functional.scaled_dot_product_attention(query, key, value, seen, left_out)
        joined: Tensor = self.join(y.transpose(1, 2).reshape(batch, rows, width))
        return joined


class AttentionPool(nn.Module):
    """Features (batch, features, source) to what `queries` learned queries find in them, (batch, queries, width).

    Features are normalised before they are looked at, and what is found is, too. The order of the features does not
    matter: where in time something is has to be in the features themselves, as an encoder of padded convolutions or
    positions has it.
    """

    def __init__(self, source: int, width: int, queries: int, heads: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(queries, width))
        self.before = nn.LayerNorm(source)
        self.attention = CrossAttention(width, source, heads)
        self.after = nn.LayerNorm(width)

    def forward(self, features: Tensor, there: Tensor | None = None) -> Tensor:
        """`there` (batch, features), above 0 for features that are looked at: those over signal and not padding."""
        seen = None if there is None else there > 0
        queries = self.queries.expand(features.shape[0], -1, -1)  # len() would be a constant of the graph
        found: Tensor = self.after(self.attention(queries, self.before(features), seen))
        return found
