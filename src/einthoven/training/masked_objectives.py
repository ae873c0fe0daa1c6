"""What a masked autoencoder of ECG and text minimises (ECG-ReGen, Tang 2024, section II-B): L_MEM, L_MLM and L_ETM."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional


def hidden_signal_loss(rebuilt: Tensor, signal: Tensor, hidden: Tensor) -> Tensor:
    """L_MEM: mean squared error of the hidden tokens, the visible ones left out.

    Args:
        rebuilt, signal: (batch, tokens, samples * 12).
        hidden: (batch, tokens) bool. Where none is, the loss is 0.
    """
    error = (rebuilt - signal).square().mean(-1)
    return (error * hidden).sum() / hidden.sum().clamp(min=1)


def hidden_word_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """L_MLM: mean cross-entropy of the tokens that are to be told.

    Args:
        logits: (n, vocabulary). ids: (n,), what was there. Where n is 0, so is the loss.
    """
    return functional.cross_entropy(logits, ids, reduction="sum") / max(1, len(ids))


def match_loss(logits: Tensor, belongs: Tensor) -> Tensor:
    """L_ETM: mean cross-entropy of whether ECG and text belong together.

    Args:
        logits: (batch, 2), of not and of belonging. belongs: (batch,) bool.
    """
    return functional.cross_entropy(logits, belongs.long())
