"""What a masked autoencoder of ECG and text minimises (ECG-ReGen, Tang 2024, section II-B): L_MEM, L_MLM and L_ETM.

Means are over what all processes hide, and over all their pairs: the mean of the processes' values is that of the whole
batch, and so is the gradient, however unequal their parts are. What is hidden, and which texts are exchanged, each
process draws for its own ECGs: partners are of one process, and another number of processes draws otherwise.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from einthoven.training.gathered import mean_over_ranks


def hidden_signal_loss(rebuilt: Tensor, signal: Tensor, hidden: Tensor) -> Tensor:
    """L_MEM: mean squared error of the hidden tokens, the visible ones left out.

    Args:
        rebuilt, signal: (batch, tokens, samples * 12).
        hidden: (batch, tokens) bool. Where none is, the loss is 0.
    """
    error = (rebuilt - signal).square().mean(-1)
    return mean_over_ranks((error * hidden).sum(), hidden.sum())


def hidden_word_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """L_MLM: mean cross-entropy of the tokens that are to be told.

    Args:
        logits: (n, vocabulary). ids: (n,), what was there. Where n is 0, so is the loss.
    """
    return mean_over_ranks(functional.cross_entropy(logits, ids, reduction="sum"), len(ids))


def match_loss(logits: Tensor, belongs: Tensor) -> Tensor:
    """L_ETM: mean cross-entropy of whether ECG and text belong together.

    Args:
        logits: (batch, 2), of not and of belonging. belongs: (batch,) bool.
    """
    return mean_over_ranks(functional.cross_entropy(logits, belongs.long(), reduction="sum"), len(belongs))
