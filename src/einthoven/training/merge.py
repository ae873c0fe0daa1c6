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


def merged(name: str, members: Sequence[Network], signal: NDArray[np.float16]) -> Network:
    """One network whose logits are the mean of the members' and whose embedding holds theirs side by side.

    Each member's part of the embedding is scaled to the same mean length, so that the cosine of two ECGs is
    about the mean of the members' cosines.

    Args:
        name: what the whole is called.
        members: without text towers, with linear projections, of one preparation and the same codes.
        signal: (n, 12, samples), prepared ECGs on which the members' embeddings are measured.

    Raises:
        UsageError: members that do not fit together.
    """
    first = members[0].config
    for member in members:
        config = replace(member.config, name=first.name, encoder=first.encoder, embedding=first.embedding)
        nested = isinstance(member.config.encoder, Several)
        if config != first or nested or config.text or config.projection != "linear":
            raise UsageError(
                "Members differ in codes or preparation, are ensembles, or have a text tower or no projection.",
                "Train them from one configuration, with text: null and projection: linear.",
            )
    encoders = [member.config.encoder for member in members]
    config = replace(
        first,
        name=name,
        encoder=Several(tuple(one for one in encoders if not isinstance(one, Several))),
        embedding=sum(member.config.embedding for member in members),
    )
    together = Network(config)
    with torch.no_grad():
        for place, member in enumerate(members):
            together.encoder.get_submodule(f"members.{place}").load_state_dict(member.encoder.state_dict())
        together.statements.weight.copy_(torch.cat([m.statements.weight for m in members], 1) / len(members))
        together.statements.bias.copy_(torch.stack([m.statements.bias for m in members]).mean(0))
        parts = [m.embedding.get_parameter("weight") / _length(m, signal) for m in members]
        together.embedding.get_parameter("weight").copy_(torch.block_diag(*parts))  # type: ignore[no-untyped-call]
    return together.eval()


def _length(member: Network, signal: NDArray[np.float16], batch: int = 256) -> float:
    """The mean length of a member's embeddings before they are normalised."""
    lengths = []
    with torch.inference_mode():
        for at in range(0, len(signal), batch):
            pooled = member.eval().encoder(torch.from_numpy(signal[at : at + batch].astype(np.float32)))[1]
            lengths.append(nn.functional.linear(pooled, member.embedding.get_parameter("weight")).norm(dim=-1))
    return float(torch.cat(lengths).mean())
