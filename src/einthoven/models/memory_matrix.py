"""A memory that two modalities share (cross-modal memory, Chen 2021, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MemoryMatrix(nn.Module):
    """Each row of a sequence adds to itself what the memory's most similar rows answer.

    In each of `heads` ways, a row q is compared with all memory rows, q k' / sqrt(width / heads) (equation 5); the
    `looked_at` most similar answer, weighed by the softmax over them alone (equations 6 and 7).

    Args:
        rows, width: of the memory.
    """

    def __init__(self, rows: int, width: int, heads: int, looked_at: int) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.randn(rows, width) / width)
        self.heads, self.looked_at = heads, looked_at
        self.ask, self.key, self.value, self.join = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, length, width) to the same shape."""
        query = self._split(self.ask(x))
        key, value = self._split(self.key(self.rows)), self._split(self.value(self.rows))
        similar = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
        best, places = similar.topk(self.looked_at, dim=-1)
        # The others weigh nothing; a product with zeros is faster here than gathering rows for every word.
        weight = torch.zeros_like(similar).scatter(-1, places, best.softmax(-1))
        answer = (weight @ value).transpose(1, 2).flatten(2)
        found: Tensor = x + self.join(answer)
        return found

    def _split(self, x: Tensor) -> Tensor:
        """(..., length, width) to (..., heads, length, width / heads)."""
        return x.view(*x.shape[:-1], self.heads, -1).transpose(-2, -3)
