"""ConvNeXt-V2 for one-dimensional signals, the ECG encoder of ESI (section 3.2)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from einthoven.models.encoders.drop_path import DropPath
from einthoven.models.encoders.pooling import mean_over_time, token_mask
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.encoders.sizes import stages

STEM_BIAS = 0.2


class GlobalResponseNorm(nn.Module):
    """Channels compete by their energy over time (ConvNeXt-V2, equations 1-3).

    y = gain * (x * N) + bias + x, where N is a channel's L2 norm over time divided by the
    mean of these norms over channels. (batch, time, channels) in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        energy = (x.square().sum(1, keepdim=True) + 1e-12).sqrt()  # as the norm, with a finite slope at 0
        relative = energy / (energy.mean(-1, keepdim=True) + 1e-6)
        y: Tensor = torch.addcmul(self.bias, x, 1 + self.gain * relative)  # one pass over x
        return y


class ChannelNorm(nn.Module):
    """Normalises (batch, channels, time) with a gain and a bias a channel.

    `over` is "layer": over channels at each instant, as ConvNeXt does; or "instance": over
    time in each channel, as ESI's public code does, which takes each channel's amplitude away.
    """

    def __init__(self, channels: int, over: str) -> None:
        super().__init__()
        self.over = over
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        if self.over == "layer":
            y: Tensor = nn.functional.layer_norm(x.transpose(1, 2), self.weight.shape, self.weight, self.bias, 1e-6)
            return y.transpose(1, 2)
        centred = x - x.mean(-1, keepdim=True)
        return self.weight[:, None] * centred / (x.std(-1, keepdim=True) + 1e-6) + self.bias[:, None]


class Block(nn.Module):
    """Depthwise convolution of 7, then two linear layers around GELU and response normalisation."""

    def __init__(self, channels: int, drop_path: float) -> None:
        super().__init__()
        self.depthwise = nn.Conv1d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.widen = nn.Linear(channels, 4 * channels)
        self.response = GlobalResponseNorm(4 * channels)
        self.narrow = nn.Linear(4 * channels, channels)
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(self.depthwise(x).transpose(1, 2))
        y = self.narrow(self.response(nn.functional.gelu(self.widen(y))))
        branch: Tensor = self.drop_path(y.transpose(1, 2))
        return x + branch


class ConvNeXtV2(nn.Module):
    """(batch, 12, time) to features over time (batch, tokens, width) and pooled (batch, width).

    Args:
        config: size, stem and norm. `stem_kernel` above `stem_stride` overlaps the stem's patches.
    """

    def __init__(self, config: ConvNeXt) -> None:
        super().__init__()
        depths, widths = stages(config.size)
        over = config.norm
        rates = torch.linspace(0, config.drop_path, sum(depths), device="cpu").tolist()
        stem = nn.Conv1d(
            12,
            widths[0],
            config.stem_kernel,
            config.stem_stride,
            padding=(config.stem_kernel - config.stem_stride + 1) // 2,
        )
        self.reduce = nn.ModuleList([nn.Sequential(stem, ChannelNorm(widths[0], over))])
        for before, after in pairwise(widths):
            self.reduce.append(nn.Sequential(ChannelNorm(before, over), nn.Conv1d(before, after, 2, 2)))
        self.stages = nn.ModuleList()
        for depth, width in zip(depths, widths, strict=True):
            self.stages.append(nn.Sequential(*(Block(width, rates.pop(0)) for _ in range(depth))))
        self.norm = nn.LayerNorm(widths[-1], eps=1e-6)
        self.width = widths[-1]
        self.stride = config.stem_stride * 2 ** (len(widths) - 1)
        self.apply(_initialise)
        if over == "layer" and stem.bias is not None:
            # Normalising over channels would blow the quiet stretches between beats up to the size of a
            # QRS complex; against a bias of their own they stay small.
            nn.init.normal_(stem.bias, std=STEM_BIAS)

    def forward(self, signal: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """`valid` (batch, time) is 1 where there is signal, 0 where it is padding; padding does not enter the mean."""
        x = signal
        for reduce, stage in zip(self.reduce, self.stages, strict=True):
            x = stage(reduce(x))
        tokens = x.transpose(1, 2)
        there = None if valid is None else token_mask(valid, self.stride, tokens.shape[1])
        return tokens, self.norm(mean_over_time(tokens, there))


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv1d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
