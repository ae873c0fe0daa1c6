"""What training minimises: statements, their groups, the contrast of ECG and text, captions, the vote of neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Reduction = Literal["mean", "sum"]
Contrast = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Two sides (N, d) and the scale of their cosines to a loss."""

VIEW_SCALE = 1 / 0.07
"""Of cosines between two views of an ECG; not learned (MERL, Liu 2024)."""

PADDING = 0
"""The id of a token that is none."""

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


def contrast_loss(
    ecg: Tensor, text: Tensor, scale: Tensor, same: Tensor | None = None, reduction: Reduction = "mean"
) -> Tensor:
    """The two-way contrast of ECGs and their texts (ESI, section 3.2.1, L_Con): the sum of both directions over N.

    Args:
        ecg: (N, d), length 1.
        text: (N, d), length 1; row i belongs to ECG i.
        scale: what the cosines are multiplied with, 1 / sigma of the paper.
        same: (N, N) bool, True where text j says the same as text i; such pairs are no
            negatives. None counts every other text as a negative, as the paper does.
        reduction: "mean" divides by N, as the paper does; "sum" does not.
    """
    pairs = pair_losses(ecg, text, ecg, text, scale, same)
    return pairs.mean() if reduction == "mean" else pairs.sum()


def alignment_loss(views: Tensor, among: Contrast = contrast_loss) -> Tensor:
    """The contrast between the two views (N, 2, d) of each ECG, of length 1 (MERL, Liu 2024, L_UMA).

    Args:
        among: which contrast: of this process, or over all (`gathered.contrast_over_ranks`).
    """
    return among(views[:, 0], views[:, 1], views.new_tensor(VIEW_SCALE))


def pair_losses(
    ecg: Tensor, text: Tensor, every_ecg: Tensor, every_text: Tensor, scale: Tensor, same: Tensor | None, first: int = 0
) -> Tensor:
    """What each of n pairs adds to the sums of L_Con, both directions together: (n,).

    Args:
        ecg, text: (n, d), length 1.
        every_ecg, every_text: (N, d), what each is told from; pair i stands in row `first` + i.
        same: (n, N) bool, True where text i says what text j of all says: no negatives, in both directions.
    """
    own = torch.arange(first, first + len(ecg), device=ecg.device)
    to_text, to_ecg = scale * ecg @ every_text.T, scale * text @ every_ecg.T
    if same is not None:
        other = same.clone()
        other[own - first, own] = False
        to_text = to_text.masked_fill(other, float("-inf"))
        to_ecg = to_ecg.masked_fill(other, float("-inf"))
    return functional.cross_entropy(to_text, own, reduction="none") + functional.cross_entropy(
        to_ecg, own, reduction="none"
    )


def caption_loss(logits: Tensor, ids: Tensor, reduction: Reduction = "mean") -> Tensor:
    """Minus the log-probability of each token given the ECG and the tokens before it (ESI, section 3.2.1, L_Cap).

    Args:
        logits: (batch, length - 1, vocabulary); those at place i predict token i + 1.
        ids: (batch, length), the whole texts, padded with 0. Padding is not predicted, nor the first token.
        reduction: "mean" over all tokens of the batch, so that long texts weigh as many times as they have tokens;
            "sum", as the paper's equation has it. Texts without a token to predict cost 0.
    """
    target = ids[:, 1:]
    total = functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=PADDING, reduction="sum")
    return total / (target != PADDING).sum().clamp(min=1) if reduction == "mean" else total


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
