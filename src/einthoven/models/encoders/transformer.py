"""A transformer over patches of the signal: ViT (Dosovitskiy 2021) in one dimension."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from einthoven.models.encoders.drop_path import DropPath
from einthoven.models.encoders.masking import heard
from einthoven.models.encoders.pooling import mean_over_time, token_mask
from einthoven.models.encoders.settings import Transformer as Settings
from einthoven.models.encoders.sizes import VIT

LONGEST_WAVE = 10_000  # tokens, over 2 pi: Vaswani 2017, section 3.5


class Attention(nn.Module):
    """Every token sees every token that is there, in `heads` ways side by side."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.ask = nn.Linear(width, 3 * width)
        self.join = nn.Linear(width, width)

    def forward(self, x: Tensor, seen: Tensor | None) -> Tensor:
        """(batch, tokens, width) and `seen` (batch, 1, 1, tokens), which keys may be looked at."""
        batch, tokens, width = x.shape
        parts = self.ask(x).view(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        y = nn.functional.scaled_dot_product_attention(query, key, value, seen)
        joined: Tensor = self.join(y.transpose(1, 2).reshape(batch, tokens, width))
        return joined


class Layer(nn.Module):
    """Attention and a perceptron, each normalised before it and added to what came in."""

    def __init__(self, width: int, heads: int, dropout: float, drop_path: float) -> None:
        super().__init__()
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Sequential(nn.Dropout(dropout), DropPath(drop_path))

    def forward(self, x: Tensor, seen: Tensor | None) -> Tensor:
        x = x + self.drop(self.attention(self.before_attention(x), seen))
        y: Tensor = x + self.drop(self.mlp(self.before_mlp(x)))
        return y


class Transformer(nn.Module):
    """(batch, 12, time) to features over time (batch, tokens, width) and pooled (batch, width)."""

    def __init__(self, config: Settings) -> None:
        super().__init__()
        shape = VIT[config.size]
        self.width, self.stride = shape.width, config.stem_stride
        pad = (config.stem_kernel - config.stem_stride + 1) // 2
        self.stem = nn.Conv1d(12, shape.width, config.stem_kernel, config.stem_stride, padding=pad)
        self.dropout = nn.Dropout(config.dropout)
        rates = torch.linspace(0, config.drop_path, shape.layers, device="cpu").tolist()
        self.layers = nn.ModuleList(Layer(shape.width, shape.heads, config.dropout, rate) for rate in rates)
        self.norm = nn.LayerNorm(shape.width)
        self.apply(_initialise)

    def forward(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `encoders/__init__` says; no token looks at padding."""
        x = self.stem(heard(signal, valid, leads)).transpose(1, 2)
        x = self.dropout(x + positions(x.shape[1], self.width, x.device).to(x.dtype))
        there = None if valid is None else token_mask(valid, self.stride, x.shape[1]) > 0
        seen = None
        if there is not None:
            # Attention over nothing at all would be NaN: a record of padding alone looks at that.
            seen = (there | ~there.any(1, keepdim=True))[:, None, None]
        for layer in self.layers:
            x = layer(x, seen)
        tokens = self.norm(x)
        return tokens, mean_over_time(tokens, there)


def positions(tokens: int, width: int, device: torch.device) -> Tensor:
    """(tokens, width), sines and then cosines of waves from 2 pi tokens to 10,000 times that.

    Computed and not learned, so that a crop and a window of any length have theirs.
    """
    count = width // 2
    rate = torch.exp(torch.arange(count, device=device) * (-math.log(LONGEST_WAVE) / count))
    angle = torch.arange(tokens, device=device)[:, None] * rate
    return torch.cat([angle.sin(), angle.cos()], -1)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv1d | nn.Linear):
        nn.init.xavier_uniform_(module.weight.flatten(1))
        nn.init.zeros_(module.bias)  # type: ignore[arg-type]
