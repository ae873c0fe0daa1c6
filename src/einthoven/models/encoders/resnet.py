"""Residual networks for one-dimensional signals: plain ones, and the XResNet1d of the PTB-XL benchmark.

He 2016 (residual blocks), He 2019 (the stem and shortcuts of "XResNet"), Strodthoff 2020 (in one dimension, for ECGs).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.models.encoders.drop_path import DropPath
from einthoven.models.encoders.masking import heard
from einthoven.models.encoders.pooling import max_over_time, mean_over_time, token_mask
from einthoven.models.encoders.settings import ResNet as Settings
from einthoven.models.encoders.sizes import Residual, residual

CLASSIC_KERNEL = 3


class Convolution(nn.Sequential):
    """Convolution, batch normalisation, and a ReLU if `active`; the length is divided by `stride`, rounded up."""

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1, active: bool = True) -> None:
        convolution = nn.Conv1d(before, after, kernel, stride, padding=(kernel - 1) // 2, bias=False)
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
        super().__init__(convolution, nn.BatchNorm1d(after), *([nn.ReLU(inplace=True)] if active else []))


class SqueezeExcite(nn.Module):
    """Weighs each channel by a gate in (0, 1) that sees all channels' means over time (Hu 2018)."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.narrow = nn.Linear(channels, max(1, channels // reduction))
        self.widen = nn.Linear(max(1, channels // reduction), channels)

    def forward(self, x: Tensor) -> Tensor:
        gate = self.widen(torch.relu(self.narrow(x.mean(-1)))).sigmoid()
        weighed: Tensor = x * gate.unsqueeze(-1)
        return weighed


class Block(nn.Module):
    """A residual block: basic (two convolutions) or bottleneck (1, kernel, 1), the last one starting at zero.

    The shortcut of a block that halves the length averages pairs first; one that changes the channels has a
    convolution of 1. In a classic network no layer starts at zero, the shortcut's convolution itself skips every
    second token, and all but the first block of each stage have a kernel of 3.
    """

    def __init__(
        self,
        before: int,
        inner: int,
        shape: Residual,
        stride: int,
        config: Settings,
        drop_path: float,
        first_of_stage: bool,
    ) -> None:
        super().__init__()
        after = inner * shape.expansion
        kernel = config.kernel if first_of_stage or not shape.classic else CLASSIC_KERNEL
        if shape.expansion == 1:
            first = [Convolution(before, inner, kernel, stride)]
            last = Convolution(inner, after, CLASSIC_KERNEL if shape.classic else kernel, active=False)
        else:
            first = [Convolution(before, inner, 1), Convolution(inner, inner, kernel, stride)]
            last = Convolution(inner, after, 1, active=False)
        if not shape.classic:
            nn.init.zeros_(last[1].weight)  # type: ignore[arg-type]
        self.branch = nn.Sequential(*first, last)
        if config.squeeze:
            self.branch.append(SqueezeExcite(after, config.squeeze))
        self.branch.append(DropPath(drop_path))
        self.shortcut = nn.Sequential()
        if shape.classic:
            if stride > 1 or before != after:
                self.shortcut.append(Convolution(before, after, 1, stride, active=False))
            return
        if stride > 1:
            self.shortcut.append(nn.AvgPool1d(stride, ceil_mode=True))
        if before != after:
            self.shortcut.append(Convolution(before, after, 1, active=False))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.branch(x) + self.shortcut(x))


class ResNet(nn.Module):
    """(batch, 12, time) to features over time (batch, tokens, channels) and pooled (batch, width)."""

    def __init__(self, config: Settings) -> None:
        super().__init__()
        shape = residual(config.size)
        width = shape.widths[0]
        self.stem = _stem(width, shape, config)
        rates = torch.linspace(0, config.drop_path, sum(shape.depths), device="cpu").tolist()
        blocks = []
        for stage, (depth, inner) in enumerate(zip(shape.depths, shape.widths, strict=True)):
            for place in range(depth):
                stride = 2 if stage and not place else 1
                blocks.append(Block(width, inner, shape, stride, config, rates.pop(0), not place))
                width = inner * shape.expansion
        self.blocks = nn.Sequential(*blocks)
        self.pool = config.pool
        self.dropout = nn.Dropout(config.dropout)
        self.width = 2 * width if config.pool == "mean+max" else width
        self.stride = config.stride

    def forward(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `encoders/__init__` says; padding does not enter the pool."""
        tokens = self.blocks(self.stem(heard(signal, valid, leads))).transpose(1, 2)
        there = None if valid is None else token_mask(valid, self.stride, tokens.shape[1])
        pooled = mean_over_time(tokens, there)
        if self.pool == "mean+max":
            pooled = torch.cat([pooled, max_over_time(tokens, there)], -1)
        return tokens, self.dropout(pooled)


def _stem(width: int, shape: Residual, config: Settings) -> nn.Sequential:
    if shape.deep_stem:
        return _deep_stem(width, config.kernel)
    if shape.classic:
        return nn.Sequential(Convolution(12, width, config.kernel, 2), nn.MaxPool1d(3, 2, padding=1))
    return Convolution(12, width, config.stem_kernel, config.stem_stride)


def _deep_stem(width: int, kernel: int) -> nn.Sequential:
    half = width // 2
    return nn.Sequential(
        Convolution(12, half, kernel, 2),
        Convolution(half, half, kernel),
        Convolution(half, width, kernel),
        nn.MaxPool1d(3, 2, padding=1),
    )
