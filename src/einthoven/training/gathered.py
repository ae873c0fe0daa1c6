"""Losses over the whole batch when each process holds a part of it: the same as in one process, and the same gradient.

Each process gets a value of its own. Their mean is the loss of the whole batch, and the mean of their gradients its
gradient; that mean is what distributed data parallel training takes. Parts may be of different length.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, distributed
from torch.nn import functional

from einthoven.training.objectives import Reduction, caption_loss, pair_losses

BUCKET = 8_000_000
"""Entries that are sent together."""


def contrast_over_ranks(
    ecg: Tensor, text: Tensor, scale: Tensor, says: Tensor | None = None, reduction: Reduction = "mean"
) -> Tensor:
    """`contrast_loss` with the negatives of all processes; without process group, of this one alone.

    Args:
        ecg, text: (n, d), length 1, this process's pairs.
        says: (n,) int64, equal where texts say the same (`text_keys`); such pairs are no negatives. None counts
            every other text as a negative, as the paper does. All processes pass it, or none.
    """
    every_ecg, first = gather(ecg)
    every_text, _ = gather(text)
    same = None if says is None else says[:, None] == gather(says)[0][None, :]
    total = pair_losses(ecg, text, every_ecg, every_text, scale, same, first).sum() * ranks()
    return total / len(every_ecg) if reduction == "mean" else total


def caption_over_ranks(
    logits: Tensor, ids: Tensor, reduction: Reduction = "mean", tokens: Tensor | None = None
) -> Tensor:
    """`caption_loss` with the mean over the tokens of all processes, which need not have equally many.

    Args:
        tokens: how many they are (`tokens_over_ranks`), where `ids` are a piece of this process's texts.
    """
    total = caption_loss(logits, ids, "sum") * ranks()
    if reduction == "sum":
        return total
    return total / (tokens_over_ranks(ids) if tokens is None else tokens)


def tokens_over_ranks(ids: Tensor) -> Tensor:
    """How many tokens the captions of all processes predict, at least 1; `ids` (batch, length) are this one's."""
    return _over_ranks((ids[:, 1:] != 0).sum())


def mean_over_ranks(total: Tensor, count: Tensor | int) -> Tensor:
    """What this process's sum over `count` things adds to the mean over those of all processes, which need not have
    equally many, times the number of processes. A mean over nothing is 0."""
    counted = count.clone() if isinstance(count, Tensor) else torch.tensor(count, device=total.device)
    return total * ranks() / _over_ranks(counted)


def _over_ranks(count: Tensor) -> Tensor:
    if ranks() > 1:
        distributed.all_reduce(count)
    return count.clamp(min=1)


def text_keys(texts: Sequence[str]) -> Tensor:
    """A number (n,) int64 for each text, the same in every process and run: the start of its SHA-256."""
    starts = [hashlib.sha256(text.encode()).digest()[:8] for text in texts]
    return torch.tensor([int.from_bytes(start, "big", signed=True) for start in starts], dtype=torch.int64)


def ranks() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def gather(rows: Tensor) -> tuple[Tensor, int]:
    """The rows of all processes (N, ...) in order of rank, and where this one's begin.

    The gradient that reaches the copies in all processes is added up in the process that a row comes from.
    """
    if ranks() == 1:
        return rows, 0
    own = torch.tensor([len(rows)], device=rows.device)
    counts = [torch.zeros_like(own) for _ in range(ranks())]
    distributed.all_gather(counts, own)
    lengths = [int(count) for count in counts]
    every: Tensor = _Gather.apply(rows, lengths)  # type: ignore[no-untyped-call]
    return every, sum(lengths[: distributed.get_rank()])


def buckets(values: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Values of one type in lots of about `BUCKET` entries, so that few messages are sent and the first go early."""
    lot: list[Tensor] = []
    entries = 0
    for value in values:
        if lot and (lot[0].dtype != value.dtype or entries + value.numel() > BUCKET):
            yield lot
            lot, entries = [], 0
        lot.append(value)
        entries += value.numel()
    if lot:
        yield lot


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, lengths: list[int]) -> Tensor:
        ctx.lengths = lengths
        short = max(lengths) - len(rows)  # all send equally many
        sent = functional.pad(rows, (0, 0) * (rows.ndim - 1) + (0, short)).contiguous()
        received = [torch.empty_like(sent) for _ in lengths]
        distributed.all_gather(received, sent)
        return torch.cat([part[:length] for part, length in zip(received, lengths, strict=True)])

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        slope = slopes[0].contiguous().clone()
        distributed.all_reduce(slope)
        first = sum(ctx.lengths[: distributed.get_rank()])
        return slope[first : first + ctx.lengths[distributed.get_rank()]], None
