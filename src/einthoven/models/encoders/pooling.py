"""From features over time to one vector a record, with padding left out."""

from __future__ import annotations

import torch
from torch import Tensor


def token_mask(valid: Tensor, stride: int, tokens: int) -> Tensor:
    """(batch, time) of samples to (batch, tokens): a token counts where the sample in its middle does.

    A last token that reaches beyond the signal counts where the last sample does.
    """
    middle = torch.arange(tokens, device=valid.device) * stride + stride // 2
    return valid[:, middle.clamp(max=valid.shape[1] - 1)]


def mean_over_time(tokens: Tensor, there: Tensor | None) -> Tensor:
    """(batch, tokens, width) and (batch, tokens) to the mean (batch, width) of the tokens that are there."""
    if there is None:
        return tokens.mean(1)
    weight = there.unsqueeze(-1).to(tokens.dtype)
    return (tokens * weight).sum(1) / weight.sum(1).clamp(min=1)


def max_over_time(tokens: Tensor, there: Tensor | None) -> Tensor:
    """The largest of the tokens that are there, (batch, width); 0 where none is."""
    if there is None:
        return tokens.amax(1)
    seen = there.unsqueeze(-1) > 0
    largest = tokens.masked_fill(~seen, torch.finfo(tokens.dtype).min).amax(1)
    return torch.where(seen.any(1), largest, torch.zeros_like(largest))
