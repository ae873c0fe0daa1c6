"""What is to be rebuilt of an ECG, and what rebuilds it (masked autoencoders, He 2022, sections 3 and 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.models.encoders.transformer import Layer, positions
from einthoven.models.masked_settings import Masking
from einthoven.models.post_norm import SPREAD, start_as_bert

LEADS = 12
FLAT = 1e-6


class QuickGELU(nn.Module):
    """x times the sigmoid of 1.702 x, as CLIP's public code has it (Radford 2021)."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class SignalDecoder(nn.Module):
    """States of the ECG's visible tokens to samples of all tokens.

    Args:
        source: width of the states.
        samples: that a token spans, of each lead.
    """

    def __init__(self, source: int, samples: int, config: Masking) -> None:
        super().__init__()
        width = self.width = config.decoder_width
        self.narrow = nn.Linear(source, width)
        self.hidden = nn.Parameter(torch.randn(width) * SPREAD)
        self.layers = nn.ModuleList(_layer(width, config.decoder_heads) for _ in range(config.decoder_layers))
        self.norm, self.output = nn.LayerNorm(width), nn.Linear(width, samples * LEADS)
        self.apply(start_as_bert)

    def forward(self, states: Tensor, kept: Tensor, tokens: int) -> Tensor:
        """States (batch, 1 + n, source), the class token's first, and the places `kept` (batch, n) of the others, to
        (batch, tokens, samples * 12)."""
        x = self.narrow(states)
        every = self.hidden.to(x.dtype).expand(x.shape[0], tokens, -1)
        every = every.scatter(1, kept.unsqueeze(-1).expand(-1, -1, self.width), x[:, 1:])
        x = torch.cat([x[:, :1], every + positions(tokens, self.width, x.device).to(x.dtype)], 1)
        for layer in self.layers:
            x = layer(x, None)
        rebuilt: Tensor = self.output(self.norm(x[:, 1:]))
        return rebuilt


def patches(signal: Tensor, samples: int) -> Tensor:
    """(batch, 12, time) to what is to be rebuilt (batch, tokens, samples * 12), sample after sample, lead after lead.

    Each lead has mean 0 and variance 1 over the whole record; a flat one is 0. Samples beyond the last whole token are
    left out.
    """
    spread, mean = torch.std_mean(signal.float(), -1, correction=0, keepdim=True)
    normal = torch.where(spread > FLAT, (signal - mean) / spread.clamp(min=FLAT), torch.zeros_like(mean))
    tokens = signal.shape[-1] // samples
    parts = normal[..., : tokens * samples].reshape(len(signal), LEADS, tokens, samples)
    return parts.permute(0, 2, 3, 1).flatten(2)


def hidden_tokens(kept: Tensor, tokens: int) -> Tensor:
    """(batch, tokens) bool: those that are not among the places `kept` (batch, n)."""
    hidden = torch.ones(kept.shape[0], tokens, dtype=torch.bool, device=kept.device)
    return hidden.scatter(1, kept, False)


def _layer(width: int, heads: int) -> Layer:
    layer = Layer(width, heads, 0.0, 0.0)
    layer.mlp = nn.Sequential(nn.Linear(width, 4 * width), QuickGELU(), nn.Linear(4 * width, width))
    return layer
