"""One training step as ESI's public code takes it, written anew from a description of it; nothing is copied.

Encoder as published (norms over time), the pooled vector as the one thing that texts see, repeated for each token; a
BERT that reads both ways and predicts the next token all the same; a decoder of parallel blocks with one shared head
of keys and values, rotary positions and gated perceptrons; fp16 autocast on a GPU without a scaler; text padded to 500.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from einthoven.models.encoders.build import build_encoder
from einthoven.models.encoders.settings import ConvNeXt

PADDED = 500
HEADS, SIZE = 8, 64


def disturbed(record: np.ndarray, rng: np.random.Generator) -> Tensor:
    """A record (5000, 12) in float64: gaps filled, jitter, scaling, one z-score over time and leads; (12, 5000)."""
    x = np.where(np.isnan(record), np.nanmean(record, axis=0), record)
    x = x + rng.normal(0, 0.003, x.shape)
    x = x * rng.normal(1, 0.003, (1, x.shape[1]))
    x = (x - x.mean()) / (x.std() + 1e-5)
    return torch.tensor(x, dtype=torch.float32).permute(1, 0)


def turned(x: Tensor) -> Tensor:
    """Rotary positions (Su 2021) on (batch, heads, length, size)."""
    place = torch.arange(x.shape[-2], device=x.device, dtype=torch.float32)
    speed = 10_000 ** (-torch.arange(0, SIZE, 2, device=x.device, dtype=torch.float32) / SIZE)
    angle = torch.cat([place[:, None] * speed] * 2, -1)
    one, two = x.chunk(2, -1)
    return x * angle.cos() + torch.cat([-two, one], -1) * angle.sin()


class Block(nn.Module):
    """Attention and a gated perceptron side by side on one norm, added up; across to a context where there is one."""

    def __init__(self, width: int, crosses: bool) -> None:
        super().__init__()
        self.crosses = crosses
        self.norm = nn.LayerNorm(width, bias=False)
        self.ask = nn.Linear(width, HEADS * SIZE, bias=False)
        self.answer = nn.Linear(width, 2 * SIZE, bias=False)
        self.back = nn.Linear(HEADS * SIZE, width, bias=False)
        self.wide = nn.Linear(width, 8 * width, bias=False)
        self.narrow = nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        y = self.norm(x)
        q = self.ask(y).unflatten(-1, (HEADS, SIZE)).transpose(1, 2) * SIZE**-0.5
        k, v = self.answer(y if context is None else context).chunk(2, -1)
        if not self.crosses:
            q, k = turned(q), turned(k[:, None])[:, 0]
        seen = torch.einsum("bhid,bjd->bhij", q, k)
        if not self.crosses:
            later = torch.ones(seen.shape[-2:], dtype=torch.bool, device=x.device).triu(1)
            seen = seen.masked_fill(later, torch.finfo(seen.dtype).min)
        found = torch.einsum("bhij,bjd->bhid", seen.softmax(-1), v).transpose(1, 2).flatten(2)
        gate, inner = self.wide(y).chunk(2, -1)
        return x + self.back(found) + self.narrow(functional.silu(gate) * inner)


class PublicModel(nn.Module):
    """All of it: signals (batch, 12, 5000) and ids (batch, 500) to the sum of both losses."""

    def __init__(self, encoder: str, bert: nn.Module, width: int, vocabulary: int) -> None:
        super().__init__()
        self.encoder, self.bert = build_encoder(ConvNeXt(size=encoder, norm="instance")), bert
        self.bridge = nn.Sequential(nn.Linear(self.encoder.width, width), nn.LayerNorm(width, bias=False))
        self.ecg, self.text = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
        self.blocks = nn.ModuleList(Block(width, place % 2 == 1) for place in range(12))
        self.words = nn.Sequential(nn.LayerNorm(width, bias=False), nn.Linear(width, vocabulary, bias=False))
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, signal: Tensor, ids: Tensor) -> Tensor:
        ids = ids[:, :-1]
        states = self.bert(input_ids=ids, attention_mask=(ids != 0).long()).last_hidden_state
        vector = self.bridge(self.encoder(signal)[1])
        x, context = states[:, 1:], vector[:, None].expand(-1, states.shape[1] - 1, -1)
        for block in self.blocks:
            x = block(x, context if block.crosses else None)
        logits = self.words(x)[:, :-1]
        caption = functional.cross_entropy(logits.transpose(1, 2).float(), ids[:, 2:], ignore_index=0)
        ecg, text = (
            functional.normalize(self.ecg(vector), dim=-1),
            functional.normalize(self.text(states[:, 0]), dim=-1),
        )
        cosines = self.scale.exp() * ecg @ text.T
        right = torch.arange(len(cosines), device=cosines.device)
        contrast = functional.cross_entropy(cosines, right) + functional.cross_entropy(cosines.T, right)
        return caption + contrast / 2
