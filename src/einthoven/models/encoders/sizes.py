"""The sizes of encoders as data: blocks and channels of each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from einthoven.ecg import UsageError

T = TypeVar("T")

CONVNEXTV2: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "convnextv2_zepto": ((2, 2, 4, 2), (32, 64, 128, 256)),
    "convnextv2_atto": ((2, 2, 6, 2), (40, 80, 160, 320)),
    "convnextv2_femto": ((2, 2, 6, 2), (48, 96, 192, 384)),
    "convnextv2_pico": ((2, 2, 6, 2), (64, 128, 256, 512)),
    "convnextv2_nano": ((2, 2, 8, 2), (80, 160, 320, 640)),
    "convnextv2_tiny": ((3, 3, 9, 3), (96, 192, 384, 768)),
    "convnextv2_base": ((3, 3, 27, 3), (128, 256, 512, 1024)),
    "convnextv2_large": ((3, 3, 27, 3), (192, 384, 768, 1536)),
    "convnextv2_huge": ((3, 3, 27, 3), (352, 704, 1408, 2816)),
}
"""Those of ConvNeXt-V2 (Woo 2023); ESI uses base and tiny. zepto is our own small one."""


@dataclass(frozen=True)
class Residual:
    """A residual network: blocks and inner channels of each stage.

    `expansion` 1 means basic blocks (two convolutions), 4 bottleneck blocks (narrow, convolve, widen to
    4 x channels). A deep stem has three convolutions and a maximum pool, stride 4 in all. A classic network is He's
    of 2016 as the PTB-XL benchmark has it: a stem of one convolution and a maximum pool, stride 4 in all, and shortcuts
    by strided convolutions.
    """

    depths: tuple[int, ...]
    widths: tuple[int, ...]
    expansion: int = 1
    deep_stem: bool = False
    classic: bool = False


RESNET: dict[str, Residual] = {
    "resnet1d_small": Residual((1, 1, 1, 1, 1), (64, 96, 128, 192, 256)),
    "resnet1d_medium": Residual((2, 2, 2, 2), (64, 128, 192, 256)),
    "resnet1d_18": Residual((2, 2, 2, 2), (64, 128, 256, 512)),
    "resnet1d_50": Residual((3, 4, 6, 3), (128, 128, 128, 128), 4, classic=True),
    "xresnet1d_50": Residual((3, 4, 6, 3), (64, 64, 64, 64), 4, True),
    "xresnet1d_101": Residual((3, 4, 23, 3), (64, 64, 64, 64), 4, True),
}
"""xresnet1d and resnet1d_50: Strodthoff 2020, whose one-dimensional nets keep 64 or 128 inner channels in every stage.
ESI's 1.80 million for XResNet101 are those of the encoder (1,804,672) without a last layer. resnet1d_18 has the
channels of He 2016; small and medium are our own, for 100 Hz."""


@dataclass(frozen=True)
class Layers:
    """Equal layers, one after another: channels, number of layers, and the heads of attention, if that is theirs."""

    width: int
    layers: int
    heads: int = 1


VIT: dict[str, Layers] = {
    "vit1d_small": Layers(192, 4, 3),
    "vit1d_base": Layers(768, 12, 12),
}
"""base is ViT-B (Dosovitskiy 2021); small is our own.

ESI compares with a "ViT-1D" of 84.92 million parameters, and neither the paper nor its public code has its settings. We
assume ViT-B, of which that is 0.4 % less than ours: its 12 layers of 768 channels have 84.93 million weights in their
matrices alone, and biases, norms and patches come on top. No usual choice of patch, class token, learned positions or
biases gives 84.92 million exactly."""


@dataclass(frozen=True)
class Cells:
    """Layers of LSTM cells: cells of each layer and direction, number of layers, and whether they read both ways."""

    width: int
    layers: int
    both_ways: bool = False


@dataclass(frozen=True)
class ConvTokens:
    """A transformer over convolutional tokens: channels of the convolutions, then its width, layers and heads; samples
    that a convolution for positions spans (in tokens), and its groups."""

    channels: int
    width: int
    layers: int
    heads: int
    position_kernel: int
    position_groups: int


M3AE: dict[str, ConvTokens] = {
    "m3ae_small": ConvTokens(64, 64, 3, 2, 16, 16),
    "m3ae_base": ConvTokens(256, 768, 12, 12, 128, 16),
}
"""base is that of fairseq-signals' M3AE for ECG and text, on which ECG-ReGen (Tang 2024) builds; small is our own, for
two cores."""

LSTMS: dict[str, Cells] = {
    "lstm1d": Cells(256, 2),
    "lstm1d_bidirectional": Cells(256, 2, both_ways=True),
}
"""Those of the PTB-XL benchmark (Strodthoff 2020)."""

S4D: dict[str, Layers] = {"s4d_small": Layers(256, 4)}
"""Our own, for 100 Hz."""


def stages(size: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Blocks and channels of each stage of a ConvNeXt-V2.

    Raises:
        UsageError: no such size.
    """
    return entry(CONVNEXTV2, size)


def residual(size: str) -> Residual:
    """The shape of a residual network.

    Raises:
        UsageError: no such size.
    """
    return entry(RESNET, size)


def entry(table: Mapping[str, T], size: str) -> T:
    """What a table of sizes has under this name.

    Raises:
        UsageError: no such size.
    """
    if size not in table:
        raise unknown_encoder(size, table)
    return table[size]


def unknown_encoder(size: object, known: Iterable[str]) -> UsageError:
    """The error for a size that is not among those known, with the ones that it may have meant."""
    import difflib  # only on the way to an error

    names = list(known)
    near = difflib.get_close_matches(str(size).strip().lower(), names, n=3)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return UsageError(f"There is no encoder '{size}'.", f"{guess}Choose one of {', '.join(names)}.")
