"""The ECG side of a model: an encoder with an embedding, and a statement head where it has one."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.ecg import UsageError
from einthoven.models.attention_pool import AttentionPool
from einthoven.models.config import ModelConfig, Pool
from einthoven.models.encoders.build import build_encoder
from einthoven.models.encoders.pooling import token_mask


class Network(nn.Module):
    """An ECG to its place in a space, and to a logit for each statement."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = build_encoder(config.encoder)
        self.statements = nn.Linear(self.encoder.width, len(config.codes)) if config.codes else None
        self.pool = build_pool(self.encoder, config.encoder.shortest, config.pool) if config.pool else None
        self.embedding = _projection(config.pool.width if config.pool else self.encoder.width, config)

    @property
    def head(self) -> nn.Linear:
        """The layer that gives the logits, of a network that has one."""
        assert self.statements is not None
        return self.statements

    def forward(self, signal: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(batch, 12, time), (batch, time) to embeddings (batch, d) of length 1 and logits (batch, codes)."""
        features, pooled = self.encoder(signal, valid)
        logits = pooled.new_zeros(pooled.shape[0], 0) if self.statements is None else self.statements(pooled)
        found = pooled
        if isinstance(self.pool, AttentionPool):
            there = None if valid is None else token_mask(valid, self.encoder.stride, features.shape[1])
            found = self.pool(features, there).squeeze(1)
        elif self.pool is not None:
            found = self.pool(pooled)
        return nn.functional.normalize(self.embedding(found), dim=-1), logits


def build_pool(encoder: nn.Module, samples: int, config: Pool) -> nn.Module:
    """An `AttentionPool` of one query over an encoder's features, or layers on its pooled vector.

    Args:
        samples: enough for one token.
    """
    features, pooled = _shapes(encoder, samples)
    if config.kind == "query":
        return AttentionPool(features, config.width, 1, config.heads)
    return nn.Sequential(nn.Linear(pooled, config.width), nn.LayerNorm(config.width, bias=False))


@torch.no_grad()
def _shapes(encoder: nn.Module, samples: int) -> tuple[int, int]:
    """Width of an encoder's features and of its pooled vector, which may be of several kinds of pooling."""
    training = encoder.training
    features, pooled = encoder.eval()(torch.zeros(1, 12, samples, device=next(encoder.parameters()).device))
    encoder.train(training)
    return int(features.shape[-1]), int(pooled.shape[-1])


def _projection(width: int, config: ModelConfig) -> nn.Module:
    if config.projection != "none":
        return nn.Linear(width, config.embedding, bias=config.projection == "logits")
    if width != config.embedding:
        raise UsageError(
            f"Without a projection, the embedding is as long as the encoder's pooled vector: {width}.",
            f"Set embedding to {width}, or projection to linear.",
        )
    return nn.Identity()
