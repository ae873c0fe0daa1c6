"""The ECGs of the latest steps, as neighbours for those of this one."""

from __future__ import annotations

import torch
from torch import Tensor


class Memory:
    """Embeddings (n, d) and what they carry (n, labels) of at most `size` ECGs, the latest; without gradient."""

    def __init__(self, size: int, embedding: int, labels: int, device: str) -> None:
        self.size = size
        self.known = torch.zeros(0, embedding, device=device)
        self.carried = torch.zeros(0, labels, device=device)

    def add(self, embedding: Tensor, target: Tensor) -> None:
        """Remembers a batch."""
        keep = max(0, len(self.known) + len(embedding) - self.size)
        self.known = torch.cat([self.known, embedding.detach()])[keep:]
        self.carried = torch.cat([self.carried, target])[keep:]
