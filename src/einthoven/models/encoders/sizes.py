"""The sizes of encoders as data: blocks and channels of each stage."""

from __future__ import annotations

from collections.abc import Mapping
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
    4 x channels). A deep stem has three convolutions and a maximum pool, stride 4 in all.
    """

    depths: tuple[int, ...]
    widths: tuple[int, ...]
    expansion: int = 1
    deep_stem: bool = False


RESNET: dict[str, Residual] = {
    "resnet1d_small": Residual((1, 1, 1, 1, 1), (64, 96, 128, 192, 256)),
    "resnet1d_medium": Residual((2, 2, 2, 2), (64, 128, 192, 256)),
    "resnet1d_18": Residual((2, 2, 2, 2), (64, 128, 256, 512)),
    "resnet1d_50": Residual((3, 4, 6, 3), (64, 128, 256, 512), 4, True),
    "xresnet1d_50": Residual((3, 4, 6, 3), (64, 64, 64, 64), 4, True),
    "xresnet1d_101": Residual((3, 4, 23, 3), (64, 64, 64, 64), 4, True),
}
"""xresnet1d: Strodthoff 2020, whose one-dimensional nets keep 64 inner channels in every stage (1.8 million parameters
for 101 layers). small and medium are our own, for 100 Hz."""


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
"""base is ViT-B (Dosovitskiy 2021), with which ESI compares; small is our own."""

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
        raise UsageError(f"There is no encoder '{size}'.", f"Choose one of {', '.join(table)}.")
    return table[size]
