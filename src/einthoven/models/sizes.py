"""The sizes of ConvNeXt-V2 as data: blocks and channels of each stage.

Those of ConvNeXt-V2 (Woo 2023); ESI uses base and tiny. zepto is our own small one.
"""

from __future__ import annotations

from einthoven.ecg import UsageError

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


def stages(size: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Blocks and channels of each stage of a size.

    Raises:
        UsageError: no such size.
    """
    if size not in CONVNEXTV2:
        raise UsageError(f"There is no encoder '{size}'.", f"Choose one of {', '.join(CONVNEXTV2)}.")
    return CONVNEXTV2[size]
