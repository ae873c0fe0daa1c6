"""What training minimises: statements, groups of them, the contrast of ECG and text, and the vote of neighbours."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

MARGIN = 0.05
"""Probabilities of absent codes below it count as right in the asymmetric loss."""

VOTE_SCALE = 20.0
"""Of cosines in the vote: neighbours .1 nearer weigh 7 times as much."""

SMALLEST = 1e-30
"""Of a group's -log(1 - p): below, float32 would lose its slope; above, the slope is exact."""


def statement_loss(logits: Tensor, target: Tensor, asymmetry: float = 0.0) -> Tensor:
    """Mean binary cross-entropy over codes (batch, codes); targets between 0 and 1.

    Args:
        asymmetry: gamma of the asymmetric loss (Ridnik 2021, equation 7) for absent codes: their part is
            weighed by p_m ** gamma, where p_m = max(p - .05, 0), so that the many that are easily seen to be absent
            do not drown the rare ones; the weight itself has no slope. Present codes are weighed 1.
    """
    if asymmetry == 0:
        return functional.binary_cross_entropy_with_logits(logits, target)
    shifted = (logits.sigmoid() - MARGIN).clamp(min=0)
    absent = -torch.log1p(-shifted) * shifted.detach() ** asymmetry  # finite: p_m is at most .95
    return (-target * functional.logsigmoid(logits) + (1 - target) * absent).mean()


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


def vote_loss(embedding: Tensor, target: Tensor, known: Tensor, carried: Tensor, scale: float = VOTE_SCALE) -> Tensor:
    """Binary cross-entropy of codes told from neighbours: neighbourhood components analysis (Goldberger 2004) for
    several labels at once.

    Each ECG of the batch is given the mean of the targets of all others, weighed by the softmax of `scale` times
    the cosine, so that what is near in the embedding comes to carry the same statements. The mean is kept between
    .0001 and .9999: a vote beyond costs at most 9.2, and has no slope.

    Args:
        embedding: (batch, d), length 1; ECGs of the batch are neighbours of one another, never of themselves.
        target: (batch, codes), between 0 and 1.
        known: (n, d), length 1: further neighbours, without gradient; n may be 0.
        carried: (n, codes), what they carry. batch + n is at least 2: a single ECG has no neighbour.
    """
    others = torch.cat([embedding, known])
    closeness = scale * embedding @ others.T
    own = torch.eye(len(embedding), len(others), dtype=torch.bool, device=embedding.device)
    share = closeness.masked_fill(own, float("-inf")).softmax(-1)
    voted = share @ torch.cat([target, carried])
    return functional.binary_cross_entropy(voted.clamp(1e-4, 1 - 1e-4), target)
