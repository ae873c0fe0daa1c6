"""The network that is trained: an ECG encoder with a statement head, an embedding, and a text tower."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from einthoven.ecg import UsageError
from einthoven.models.config import ModelConfig
from einthoven.models.encoders.build import build_encoder
from einthoven.models.text_tower import TextEncoder

SCALE_START, SCALE_LIMIT = 1 / 0.07, 100.0  # CLIP's (Radford 2021, section 2.5)


class Network(nn.Module):
    """ECG and text into one space, and a logit for each statement.

    Args:
        config: sizes; `config.text` None leaves the text tower out.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = build_encoder(config.encoder)
        self.statements = nn.Linear(self.encoder.width, len(config.codes))
        self.embedding = _projection(self.encoder.width, config)
        self.text = TextEncoder(config.text) if config.text else None
        self.text_embedding = nn.Linear(config.text.width, config.embedding, bias=False) if config.text else None
        self.log_scale = nn.Parameter(torch.tensor(math.log(SCALE_START)))

    def forward(self, signal: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(batch, 12, time), (batch, time) to embeddings (batch, d) of length 1 and logits (batch, codes)."""
        _, pooled = self.encoder(signal, valid)
        return nn.functional.normalize(self.embedding(pooled), dim=-1), self.statements(pooled)

    def embed_text(self, ids: Tensor) -> Tensor:
        """Token ids (batch, length) to embeddings (batch, d) of length 1."""
        assert self.text is not None and self.text_embedding is not None
        return nn.functional.normalize(self.text_embedding(self.text(ids)), dim=-1)

    @property
    def scale(self) -> Tensor:
        """What cosines are multiplied with in the contrast, learned, at most 100."""
        return self.log_scale.exp().clamp(max=SCALE_LIMIT)


def _projection(width: int, config: ModelConfig) -> nn.Module:
    if config.projection != "none":
        return nn.Linear(width, config.embedding, bias=config.projection == "logits")
    if width != config.embedding:
        raise UsageError(
            f"Without a projection, the embedding is as long as the encoder's pooled vector: {width}.",
            f"Set embedding to {width}, or projection to linear.",
        )
    return nn.Identity()
