"""How natural eight leads look together: a small network, trained on PTB-XL's folds 1-7.

It gives one number to a typical beat in I, II and V1-V6. It was trained to find the true one among the same beat with
electrodes exchanged in ten ways (`tools/train_natural.py`), so differences of its numbers are log-odds.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np

from einthoven.ecg import Floats, Signal

WEIGHTS = Path(__file__).with_name("natural.npz")
LAYERS = 3
COARSE = 3
QRS = slice(24, 36)
"""Samples of a beat of `typical_beat` that are taken one by one; of the others the means of three."""
SMALLEST = 1e-6


def naturalness(beats: Floats) -> Floats:
    """Log-odds up to a constant that these are eight leads in their places; of their shape, not their gain.

    Args:
        beats: (..., 8, 75), typical beats of I, II, V1-V6 in any unit, as `typical_beat` gives them.

    Returns:
        (...).
    """
    value = features(beats)
    layers = _weights()
    for place, (weight, bias) in enumerate(layers, 1):
        value = value @ weight + bias
        if place < len(layers):
            value = np.maximum(value, 0)
    return value[..., 0]


def features(beats: Floats) -> Signal:
    """(..., 8, 75) to (..., 528): 33 points a lead over the root mean square of all, and their signed roots."""
    points = pooled(beats)
    size = np.sqrt(np.square(points).mean(axis=(-1, -2), keepdims=True))
    points = points / np.maximum(size, SMALLEST)
    roots = np.sign(points) * np.sqrt(np.abs(points))
    return np.concatenate([points, roots], axis=-1).reshape(*points.shape[:-2], -1).astype(np.float32)


def pooled(beats: Floats) -> Floats:
    """(..., 75) to (..., 33): the QRS complex sample by sample, P and T coarser."""
    before, after = (
        part.reshape(*part.shape[:-1], -1, COARSE).mean(axis=-1)
        for part in (beats[..., : QRS.start], beats[..., QRS.stop :])
    )
    return np.concatenate([before, beats[..., QRS], after], axis=-1)


@lru_cache(maxsize=1)
def _weights() -> tuple[tuple[Signal, Signal], ...]:
    with np.load(WEIGHTS, allow_pickle=False) as stored:
        return tuple(
            (stored[f"weight{n}"].astype(np.float32), stored[f"bias{n}"].astype(np.float32)) for n in range(LAYERS)
        )
