"""A report from an ECG, word by word: the Transformer and R2GenCMN rows of ECG-ReGen's Table I."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.models.caption_decoder import DecoderLayer
from einthoven.models.encoders.build import build_encoder
from einthoven.models.encoders.pooling import token_mask
from einthoven.models.encoders.settings import Encoder
from einthoven.models.encoders.transformer import Layer
from einthoven.models.generator_settings import Generating
from einthoven.models.memory_matrix import MemoryMatrix


class Generator(nn.Module):
    """An encoder's features are read by one half of a transformer; the other half writes what they say.

    With a memory, features before they are read and words before they are continued pass through the same matrix.

    Reports are token ids that begin with [CLS] and end with [SEP] (`text_tower.build_tokenizer` with marks), padded
    with 0 at their end.
    """

    def __init__(self, encoder: Encoder, config: Generating) -> None:
        super().__init__()
        self.config, self.tokens = config, config.tokens
        self.encoder = build_encoder(encoder)
        shape = self.encoder.eval()(torch.zeros(1, 12, encoder.shortest))[0].shape
        self.encoder.train()
        # Normalised first: an untrained ConvNeXt's features differ so little that words never come to look at them.
        self.features = nn.Sequential(nn.LayerNorm(shape[-1]), nn.Linear(shape[-1], config.width))
        self.memory = (
            MemoryMatrix(config.memory, config.width, config.heads, config.looked_at) if config.memory else None
        )
        self.reading = nn.ModuleList(
            Layer(config.width, config.heads, config.dropout, 0.0) for _ in range(config.layers)
        )
        self.read_norm, self.written_norm = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.words = nn.Embedding(config.vocabulary, config.width, padding_idx=0)
        self.position = nn.Parameter(torch.randn(config.tokens, config.width) * 0.02)
        self.writing = nn.ModuleList(
            DecoderLayer(config.width, config.heads, config.dropout) for _ in range(config.layers)
        )
        self.output = nn.Linear(config.width, config.vocabulary)
        nn.init.normal_(self.words.weight, std=0.02)

    def forward(self, signal: Tensor, ids: Tensor, valid: Tensor | None = None) -> Tensor:
        """ECGs (batch, 12, time) and their reports (batch, length) to logits (batch, length - 1, vocabulary).

        Those at place i predict token i + 1.
        """
        context, there = self.context(signal, valid)
        return self._continued(ids[:, :-1], context, there)

    def context(self, signal: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """What the writing half looks at (batch, n, width), and which of it is signal (batch, n), None for all."""
        features, _ = self.encoder(signal, valid)
        there = None if valid is None else token_mask(valid, self.encoder.stride, features.shape[1]) > 0
        x = self.features(features)
        if self.memory is not None:
            x = self.memory(x)
        seen = None if there is None else (there | ~there.any(1, keepdim=True))[:, None, None]
        for layer in self.reading:
            x = layer(x, seen)
        return self.read_norm(x), there

    def next_token(self, ids: Tensor, context: Tensor, there: Tensor | None = None) -> Tensor:
        """Logits (batch, vocabulary) of the token that follows ids (batch, length) without padding."""
        return self._continued(ids, context, there)[:, -1]

    def _continued(self, ids: Tensor, context: Tensor, there: Tensor | None) -> Tensor:
        x = self.words(ids) + self.position[: ids.shape[1]]
        if self.memory is not None:
            x = self.memory(x)
        earlier = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=ids.device).tril()
        for layer in self.writing:
            x = layer(x, context, earlier, there)
        logits: Tensor = self.output(self.written_norm(x))
        return logits
