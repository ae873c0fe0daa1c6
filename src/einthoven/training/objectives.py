"""What training minimises: statements (binary cross-entropy), superclasses, and the contrast of ECG and text."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

SMALLEST = 1e-30
"""Of a group's -log(1 - p): below, float32 would lose its slope; above, the slope is exact."""


def statement_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Mean binary cross-entropy over codes (batch, codes); targets between 0 and 1."""
    return functional.binary_cross_entropy_with_logits(logits, target)


def group_loss(logits: Tensor, groups: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of groups of codes, each present where any of its codes is.

    The probability of a group is 1 - prod(1 - p) over its codes, computed in logs.

    Args:
        logits: (batch, codes).
        groups: (groups, codes), 1 where the code belongs to the group.
        target: (batch, groups), between 0 and 1.
    """
    log_none = functional.logsigmoid(-logits.float()) @ groups.float().T
    log_any = torch.log(-torch.expm1(log_none.clamp(max=-SMALLEST)))
    return -(target * log_any + (1 - target) * log_none).mean()


def contrast_loss(ecg: Tensor, text: Tensor, scale: Tensor, same: Tensor | None = None) -> Tensor:
    """The two-way contrast of ECGs and their texts (ESI, section 3.3): the sum of both directions over N.

    Args:
        ecg: (N, d), length 1.
        text: (N, d), length 1; row i belongs to ECG i.
        scale: what the cosines are multiplied with.
        same: (N, N) bool, True where text j says the same as text i; such pairs are no
            negatives. None counts every other text as a negative, as the paper does.
    """
    logits = scale * ecg @ text.T
    if same is not None:
        other = same & ~torch.eye(len(ecg), dtype=torch.bool, device=same.device)
        logits = logits.masked_fill(other, float("-inf"))
    own = torch.arange(len(ecg), device=ecg.device)
    return functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)
