"""Tokens by convolutions that do not overlap, and positions by one that spans many tokens (wav2vec 2.0, Baevski 2020).

Both leave out what is not there: the statistics of the norm are those of the samples that are, and the convolution for
positions finds zeros in place of the tokens that are not.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from einthoven.models.encoders.pooling import token_mask

EPSILON = 1e-5


class ConvTokens(nn.Module):
    """(batch, 12, time) to (batch, channels, time / 2 ** `layers`): convolutions of kernel and stride 2, no bias.

    After the first, each channel of each record is normalised over time (group normalisation with a group a channel),
    so that the amplitude of a record does not come through, its shape does. After each, a GELU.
    """

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv1d(12 if place == 0 else channels, channels, 2, 2, bias=False) for place in range(layers)
        )
        self.gain, self.shift = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight)  # type: ignore[arg-type]

    def forward(self, signal: Tensor, valid: Tensor | None) -> Tensor:
        """`valid` (batch, time), above 0 where there is signal; a token in which there is none is of no use."""
        x = signal
        for place, layer in enumerate(self.layers):
            x = layer(x)
            if place == 0:
                there = None if valid is None else token_mask(valid, 2, x.shape[-1]) > 0
                x = self._normalised(x.float(), there)
            x = functional.gelu(x)
        return x

    def _normalised(self, x: Tensor, there: Tensor | None) -> Tensor:
        weight = torch.ones_like(x[:, :1]) if there is None else there.unsqueeze(1).to(x.dtype)
        count = weight.sum(-1, keepdim=True).clamp(min=1)
        centred = (x - (x * weight).sum(-1, keepdim=True) / count) * weight
        spread = (centred.square().sum(-1, keepdim=True) / count + EPSILON).sqrt()
        return centred / spread * self.gain[:, None] + self.shift[:, None] * weight


class ConvPositions(nn.Module):
    """What a token's place adds to it, from the tokens around it: a grouped convolution and a GELU.

    Its weight is a direction of length 1 for each of the `kernel` places, times a learned gain (weight normalisation,
    Salimans 2016).

    Args:
        width: of a token; a multiple of `groups`.
        kernel: tokens that are seen, at most half of them later ones.
    """

    def __init__(self, width: int, kernel: int, groups: int) -> None:
        super().__init__()
        self.groups, self.before = groups, kernel // 2
        self.direction = nn.Parameter(torch.randn(width, width // groups, kernel) * math.sqrt(4 / (kernel * width)))
        self.gain = nn.Parameter(self.direction.detach().square().sum((0, 1), keepdim=True).sqrt())
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (batch, tokens, width) to what is to be added to them, of the same shape."""
        length = self.direction.square().sum((0, 1), keepdim=True).sqrt()
        weight = self.gain * self.direction / length
        y = functional.conv1d(
            x.transpose(1, 2), weight.to(x.dtype), self.bias.to(x.dtype), 1, self.before, 1, self.groups
        )
        added: Tensor = functional.gelu(y[..., : x.shape[1]]).transpose(1, 2)
        return added
