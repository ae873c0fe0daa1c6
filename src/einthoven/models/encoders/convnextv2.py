"""ConvNeXt-V2 for one-dimensional signals, the ECG encoder of ESI (section 3.2)."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from einthoven.models.encoders.drop_path import DropPath
from einthoven.models.encoders.masking import heard
from einthoven.models.encoders.pooling import mean_over_time, token_mask
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.encoders.sizes import stages

STEM_BIAS = 0.2


class GlobalResponseNorm(nn.Module):
    """Channels compete by their energy over time (ConvNeXt-V2, equations 1-3).

    y = gain * (x * N) + bias + x, where N is a channel's L2 norm over time divided by the
    mean of these norms over channels. (batch, time, channels) in and out; `there` (batch, time, 1) is 0 for tokens
    whose energy does not count.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, there: Tensor | None = None) -> Tensor:
        square = x.square() if there is None else x.square() * there
        energy = (square.sum(1, keepdim=True) + 1e-12).sqrt()  # as the norm, with a finite slope at 0
        relative = energy / (energy.mean(-1, keepdim=True) + 1e-6)
        y: Tensor = torch.addcmul(self.bias, x, 1 + self.gain * relative)  # one pass over x
        return y


class ChannelNorm(nn.Module):
    """Normalises (batch, channels, time) with a gain and a bias a channel.

    `over` is "layer": over channels at each instant, as ConvNeXt does; or "instance": over
    time in each channel, as ESI's public code does, which takes each channel's amplitude away. `there`
    (batch, time, 1) is 0 for times that neither mean nor spread sees.
    """

    def __init__(self, channels: int, over: str) -> None:
        super().__init__()
        self.over = over
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor, there: Tensor | None = None) -> Tensor:
        if self.over == "layer":
            y: Tensor = nn.functional.layer_norm(x.transpose(1, 2), self.weight.shape, self.weight, self.bias, 1e-6)
            return y.transpose(1, 2)
        if there is None:
            centred, spread = x - x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
        else:
            seen = there.transpose(1, 2)
            count = seen.sum(-1, keepdim=True)
            centred = (x - (x * seen).sum(-1, keepdim=True) / count.clamp(min=1)) * seen
            variance = centred.square().sum(-1, keepdim=True) / (count - 1).clamp(min=1)
            spread = variance.clamp(min=1e-12).sqrt()  # the root has no slope at 0
        return self.weight[:, None] * centred / (spread + 1e-6) + self.bias[:, None]


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

    def forward(self, x: Tensor, there: Tensor | None = None) -> Tensor:
        """(batch, channels, time), with zeros where `there` (batch, time, 1) is 0: these are left as they are."""
        y = self.norm(self.depthwise(x).transpose(1, 2))
        y = self.narrow(self.response(nn.functional.gelu(self.widen(y)), there))
        branch: Tensor = self.drop_path((y if there is None else y * there).transpose(1, 2))
        return x + branch


class Reduce(nn.Sequential):
    """A strided convolution with a norm after or before it; `norm_stride` is in samples, of what the norm sees."""

    def __init__(self, first: nn.Module, second: nn.Module, norm_stride: int) -> None:
        super().__init__(first, second)
        self.norm_stride = norm_stride

    def forward(self, x: Tensor, valid: Tensor | None = None) -> Tensor:
        for layer in self:
            x = layer(x, _there(valid, self.norm_stride, x)) if isinstance(layer, ChannelNorm) else layer(x)
        return x


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
        self.reduce = nn.ModuleList([Reduce(stem, ChannelNorm(widths[0], over), config.stem_stride)])
        for place, (before, after) in enumerate(pairwise(widths)):
            norm = ChannelNorm(before, over)
            self.reduce.append(Reduce(norm, nn.Conv1d(before, after, 2, 2), config.stem_stride * 2**place))
        self.stages = nn.ModuleList()
        for depth, width in zip(depths, widths, strict=True):
            self.stages.append(nn.Sequential(*(Block(width, rates.pop(0)) for _ in range(depth))))
        self.norm = nn.LayerNorm(widths[-1], eps=1e-6)
        self.width = widths[-1]
        self.stem_stride = config.stem_stride
        self.stride = config.stem_stride * 2 ** (len(widths) - 1)
        self.apply(_initialise)
        if over == "layer" and stem.bias is not None:
            # Normalising over channels would blow the quiet stretches between beats up to the size of a
            # QRS complex; against a bias of their own they stay small.
            nn.init.normal_(stem.bias, std=STEM_BIAS)

    def forward(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `encoders/__init__` says; tokens in padding are zeros, which no other token feels."""
        x = heard(signal, valid, leads)
        there = None
        for place, (reduce, stage) in enumerate(zip(self.reduce, self.stages, strict=True)):
            x = reduce(x, valid)
            there = _there(valid, self.stem_stride * 2**place, x)
            if there is not None:
                x = x * there.transpose(1, 2)
            for block in stage:  # type: ignore[attr-defined]
                x = block(x, there)
        tokens = x.transpose(1, 2)
        return tokens, self.norm(mean_over_time(tokens, None if there is None else there.squeeze(-1)))


def _there(valid: Tensor | None, stride: int, x: Tensor) -> Tensor | None:
    """Which tokens of (batch, channels, tokens) are there, as (batch, tokens, 1) of the same type."""
    return None if valid is None else token_mask(valid, stride, x.shape[-1]).unsqueeze(-1).to(x.dtype)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv1d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
