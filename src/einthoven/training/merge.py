"""Networks that were trained apart, side by side in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from einthoven.ecg import UsageError
from einthoven.models.encoders.settings import Several
from einthoven.models.network import Network
from einthoven.models.with_text import WithText
from einthoven.training.whiten import fit_logits_embedding


def merged(
    name: str,
    members: Sequence[Network],
    signal: NDArray[np.float16],
    by_logits: bool = False,
    embeds: Sequence[bool] | None = None,
) -> Network:
    """One network whose logits are the mean of the members'.

    Its embedding is made of these logits, whatever the members', or of theirs side by side: each then scaled to the
    same mean length, so that the cosine of two ECGs is about the mean of the members' cosines.

    Args:
        name: what the whole is called.
        members: without text towers, of one preparation and the same codes; with linear projections, if these are
            to stand side by side.
        signal: (n, 12, samples), prepared ECGs on which embeddings are measured.
        by_logits: makes the embedding of the logits.
        embeds: for each member, whether the embedding is made of its logits, too; of all unless given.

    Raises:
        UsageError: members that do not fit together.
    """
    first = members[0].config
    for member in members:
        one = member.config
        alike = (one.codes, one.preparation, one.split) == (first.codes, first.preparation, first.split)
        fits = one.projection == "linear" or (by_logits and one.projection == "logits")
        if not alike or not fits or isinstance(one.encoder, Several) or not one.codes or isinstance(member, WithText):
            raise UsageError(
                "Members differ in codes, preparation or split, lack a head, are ensembles, or have text or "
                "a misfit projection.",
                "Train them from one configuration, with text: null and projection: linear or logits.",
            )
    encoders = [member.config.encoder for member in members]
    config = replace(
        first,
        name=name,
        encoder=Several(tuple(one for one in encoders if not isinstance(one, Several))),
        embedding=len(first.codes) if by_logits else sum(member.config.embedding for member in members),
        projection="logits" if by_logits else "linear",
    )
    together = Network(config)
    with torch.no_grad():
        for place, member in enumerate(members):
            together.encoder.get_submodule(f"members.{place}").load_state_dict(member.encoder.state_dict())
        if not by_logits:
            parts = [m.embedding.get_parameter("weight") / _length(m, signal) for m in members]
            together.embedding.get_parameter("weight").copy_(torch.block_diag(*parts))  # type: ignore[no-untyped-call]
    if by_logits:
        _set_head(together, members, embeds or [True] * len(members))
        fit_logits_embedding(together.eval(), signal)
    _set_head(together, members, [True] * len(members))
    return together.eval()


@torch.no_grad()
def _set_head(together: Network, members: Sequence[Network], speaks: Sequence[bool]) -> None:
    """Makes the logits the mean of those of the members that speak."""
    share = [speaking / sum(speaks) for speaking in speaks]
    weights = [one * member.head.weight for one, member in zip(share, members, strict=True)]
    biases = [one * member.head.bias for one, member in zip(share, members, strict=True)]
    together.head.weight.copy_(torch.cat(weights, 1))
    together.head.bias.copy_(torch.stack(biases).sum(0))


def _length(member: Network, signal: NDArray[np.float16], batch: int = 256) -> float:
    """The mean length of a member's embeddings before they are normalised."""
    lengths = []
    with torch.inference_mode():
        for at in range(0, len(signal), batch):
            pooled = member.eval().encoder(torch.from_numpy(signal[at : at + batch].astype(np.float32)))[1]
            lengths.append(nn.functional.linear(pooled, member.embedding.get_parameter("weight")).norm(dim=-1))
    return float(torch.cat(lengths).mean())
