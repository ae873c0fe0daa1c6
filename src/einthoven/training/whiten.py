"""An embedding made of the statement logits, fitted after training: similar is what says similar things."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from einthoven.models.network import Network
from einthoven.training.loop import batched

POWER = 0.5
"""Of the whitening: 0 leaves the logits in units of their spread, 1 makes all directions equally long."""
LEAST = 1e-3
"""Directions of a smaller variance count as this, so that noise is not blown up."""


def fit_logits_embedding(network: Network, signal: NDArray[np.float16], precision: str = "float32") -> None:
    """Sets the embedding of a network with `projection: logits` to its half-whitened logits over `signal`.

    Logits of related codes rise and fall together, and those of rare codes hardly move. In units of their spread, and
    with the directions in which many move together shortened, a rare code weighs as much in a cosine as a frequent one.

    Args:
        signal: (n, 12, samples), prepared ECGs; n at least 2.
    """
    probability = batched(network, signal, precision=precision)[1].astype(np.float64)
    logits = torch.logit(torch.from_numpy(probability), eps=1e-12)
    turn, mean = half_whitening(logits)
    head, layer = network.head, network.embedding
    with torch.no_grad():
        weight, bias = (turn @ head.weight.double().cpu(), turn @ (head.bias.double().cpu() - mean))
        layer.get_parameter("weight").copy_(weight)
        layer.get_parameter("bias").copy_(bias)


def half_whitening(logits: Tensor) -> tuple[Tensor, Tensor]:
    """The symmetric matrix (codes, codes) and the mean (codes,) with which (x - mean) @ matrix is half whitened.

    The correlation matrix of the logits (n, codes) to the power of minus a quarter, in units of each logit's
    spread: of what comes out, each principal axis has the square root of the variance that it had.
    """
    mean, spread = logits.mean(0), logits.std(0).clamp(min=LEAST)
    scaled = (logits - mean) / spread
    variance, axes = torch.linalg.eigh(scaled.T @ scaled / (len(logits) - 1))
    matrix = (axes * variance.clamp(min=LEAST) ** (-POWER / 2)) @ axes.T
    return matrix / spread, mean
