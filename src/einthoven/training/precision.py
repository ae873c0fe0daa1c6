"""What a network computes in: bfloat16 where a plan says so and the device has it, else float32."""

from __future__ import annotations

import torch


def mixed(precision: str, device: torch.device | str) -> torch.autocast:
    """Inside, the network computes as the plan's `precision` says, as far as the device can."""
    return torch.autocast(
        torch.device(device).type, torch.bfloat16, enabled=computes_in(precision, device) != "float32"
    )


def computes_in(precision: str, device: torch.device | str) -> str:
    """ "float32" or "bfloat16": what `precision` comes to on a device.

    A processor without instructions for bfloat16, and an older GPU, would imitate it at a twentieth of their speed and
    gain nothing: float32 holds every number that bfloat16 does.
    """
    return "bfloat16" if precision == "bfloat16" and _has_bfloat16(torch.device(device).type) else "float32"


def _has_bfloat16(kind: str) -> bool:
    if kind == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if kind == "cpu":
        asked = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
        return asked is None or bool(asked())
    return True
