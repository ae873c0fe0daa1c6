"""How weights are written: matrices in 8 or 16 bits, everything else in 16; and how they are read back.

In 8 bits, a matrix NAME is stored as whole numbers from -127 to 127, and NAME.scale holds what one unit is worth in
each of its rows, in 16 bits: a row's largest entry is 127 units.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from einthoven.ecg import ModelError

SCALE = ".scale"
UNITS = 127
LEAST = 2.0**-14
"""Of a unit: the smallest normal number of 16 bits; a row of smaller entries becomes zeros."""


def as_stored(weights: Mapping[str, Tensor], bits: int) -> dict[str, Tensor]:
    """A network's weights as they are written.

    Args:
        bits: 8 or 16, of each entry of a matrix.

    Raises:
        ModelError: a weight is not finite in 16 bits.
    """
    stored: dict[str, Tensor] = {}
    for name, value in weights.items():
        if not value.is_floating_point():  # a counter
            stored[name] = value
            continue
        half = value.half()
        if not half.isfinite().all():
            raise ModelError(
                f"{name} holds a value that is no number or beyond {torch.finfo(half.dtype).max:g}, 16 bits' most.",
                "Train with a lower rate, or on signals of a smaller range.",
            )
        if bits == 8 and value.ndim > 1:
            unit = (value.flatten(1).abs().amax(1) / UNITS).clamp(min=LEAST).half()
            stored[name] = (value / _by_row(unit, value)).round().clamp(-UNITS, UNITS).to(torch.int8)
            stored[name + SCALE] = unit
        else:
            stored[name] = half
    return {name: value.contiguous() for name, value in stored.items()}


def as_computed(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights that a network computes with, from what is written."""
    return {
        name: value.float() * _by_row(stored[name + SCALE], value) if name + SCALE in stored else _full(value)
        for name, value in stored.items()
        if name.removesuffix(SCALE) == name
    }


def _full(value: Tensor) -> Tensor:
    return value.float() if value.is_floating_point() else value


def _by_row(unit: Tensor, value: Tensor) -> Tensor:
    """(rows,) as (rows, 1, ...), to be multiplied with `value`."""
    return unit.float().reshape(-1, *[1] * (value.ndim - 1))
