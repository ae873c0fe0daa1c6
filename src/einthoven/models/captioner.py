"""Contrastive captioning between ECG and text: the model of ESI (section 3.2), after CoCa (Yu 2022)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from einthoven.ecg import UsageError
from einthoven.models.attention_pool import AttentionPool
from einthoven.models.caption_decoder import CaptionDecoder
from einthoven.models.caption_settings import Captioning
from einthoven.models.config import Text
from einthoven.models.encoders.build import build_encoder
from einthoven.models.encoders.pooling import mean_over_time, token_mask
from einthoven.models.encoders.settings import Encoder
from einthoven.models.scale import Scale
from einthoven.models.text_tower import Tower, build_text

VIEW_DROPOUT = 0.1
"""Share of entries that each view of an ECG leaves out (MERL)."""


class Captioned(NamedTuple):
    """What the losses need of a batch: embeddings (batch, d) of length 1, the scale of their cosines, logits
    (batch, length - 1, vocabulary), of which those at place i predict token i + 1, and two views (batch, 2, d) of
    length 1 of each ECG. What was not asked for is empty."""

    ecg: Tensor
    text: Tensor
    scale: Tensor
    logits: Tensor
    views: Tensor


class Captioner(nn.Module):
    """ECG and text into one space, and the text from the ECG and what of it is written already.

    Texts are token ids that begin with [CLS] and end with [SEP] (`text_tower.build_tokenizer` with marks), padded with
    0 at their end.

    Every parameter that may be trained is reached by the gradient of the losses together. An encoder's last norm
    that only its pooled vector passes is left as it is where queries look at the features instead.

    Args:
        embedding: length d of the embeddings.
        pretrained: whether a text tower of others comes with the weights that it was published with.

    Raises:
        UsageError: a width that cannot be split over the heads, or a text tower too short for a marked text.
        ModelError: a text encoder of others that is not to be had.
    """

    def __init__(
        self, encoder: Encoder, text: Text, embedding: int, config: Captioning, pretrained: bool = True
    ) -> None:
        super().__init__()
        if text.tokens < 3:
            raise UsageError("Two marks and a word do not fit into the text tower.", "Set text.tokens to 3 or more.")
        self.text = build_text(text, pretrained)
        width, self.tokens, self.vocabulary = self.text.width, self.text.tokens, self.text.vocabulary
        if width % config.heads:
            raise UsageError(
                f"The text tower's width {width} cannot be split over {config.heads} heads of the decoder.",
                "Choose text.width as a multiple of the captioning's heads.",
            )
        self.config = config
        self.encoder = build_encoder(encoder)
        if config.pool == "queries":
            features = _without_pooling(self.encoder, encoder.shortest)
            self.pool = AttentionPool(features, width, 1 + config.queries, config.pool_heads)
            if config.views:
                self.views = _Views(features, embedding)
        else:
            self.bridge = nn.Sequential(nn.Linear(self.encoder.width, width), nn.LayerNorm(width, bias=False))
        self.ecg_embedding = nn.Linear(width, embedding, bias=False)
        self.text_embedding = nn.Linear(width, embedding, bias=False)
        self.scale = Scale(config.scale, config.scale_limit)
        self.decoder = CaptionDecoder(width, config)
        self.output = nn.Linear(width, self.vocabulary, bias=False) if config.output == "own" else None

    def forward(
        self, signal: Tensor, ids: Tensor, valid: Tensor | None = None, contrast: bool = True, caption: bool = True
    ) -> Captioned:
        """ECGs (batch, 12, time), their texts (batch, length) and `valid` (batch, time), 0 where padding is.

        Args:
            contrast, caption: whether embeddings of texts, and whether logits are asked for.
        """
        ecg, context, views = self._looked_at(signal, valid)
        if not caption:
            text = self.embed_text(ids) if contrast else ecg.new_zeros(0)
            return Captioned(ecg, text, self.scale(), ecg.new_zeros(0), views)
        if not contrast and self.config.text_pass == "double":
            text, states = ecg.new_zeros(0), self.text.states(ids[:, :-1], causal=True)
        else:
            text, states = self._passes(ids)
        return Captioned(ecg, text, self.scale(), self.predict(states, context), views)

    def ecg_side(self) -> dict[str, Tensor]:
        """The weights of a `Network` with the pool of the contrast (`Captions` says which) and without a head."""
        own = self.state_dict()
        kept = {name: value for name, value in own.items() if name.startswith("encoder.")}
        if self.config.pool == "queries":
            kept |= {name: value for name, value in own.items() if name.startswith("pool.")}
            kept["pool.queries"] = own["pool.queries"][:1]
        else:
            kept |= {name.replace("bridge.", "pool."): own[name] for name in own if name.startswith("bridge.")}
        return {**kept, "embedding.weight": own["ecg_embedding.weight"]}

    def text_side(self) -> nn.Module:
        """Token ids (batch, length) to embeddings (batch, d) of length 1; shares its weights with this."""
        return _TextSide(self)

    def read(self, signal: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """ECGs to embeddings (batch, d) of length 1, and the context (batch, n, width) that the decoder looks at.

        With `pool` "vector", n is 1: attention to one row is what attention to the same row many times over gives.
        """
        return self._looked_at(signal, valid)[:2]

    def _looked_at(self, signal: Tensor, valid: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings, context and views of ECGs."""
        features, pooled = self.encoder(signal, valid)
        views = features.new_zeros(0)
        if self.config.pool == "queries":
            there = None if valid is None else token_mask(valid, self.encoder.stride, features.shape[1])
            if self.config.views:
                views = self.views(mean_over_time(features, there))
            found = self.pool(features, there)
            contrast, context = found[:, 0], found[:, 1:]
        else:
            contrast = self.bridge(pooled)
            context = contrast.unsqueeze(1)
        return functional.normalize(self.ecg_embedding(contrast), dim=-1), context, views

    def embed_text(self, ids: Tensor) -> Tensor:
        """Texts (batch, length) to embeddings (batch, d) of length 1."""
        if self.config.text_pass != "single":
            return self._embedded(self.text.states(ids)[:, 0])
        return self._passes(ids)[0]

    def predict(self, states: Tensor, context: Tensor) -> Tensor:
        """States (batch, length, width) of a text and its ECG's context to logits (batch, length, vocabulary)."""
        weight = self.text.words if self.output is None else self.output.weight
        return functional.linear(self.decoder(states, context), weight)

    def next_token(self, ids: Tensor, context: Tensor) -> Tensor:
        """Logits (batch, vocabulary) of the token that follows ids (batch, length) without padding.

        Raises:
            UsageError: the decoder was fed with states that have seen what follows; then it cannot write.
        """
        if self.config.text_pass == "bidirectional":
            raise UsageError(
                "A captioner with text_pass 'bidirectional' has learned to read what follows, not to write it.",
                "Train one with text_pass 'double' or 'single'.",
            )
        return self.predict(self.text.states(ids, causal=True), context)[:, -1]

    def _passes(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (batch, d), and states (batch, length - 1, width) of all tokens but the last place's."""
        if self.config.text_pass == "double":
            return self.embed_text(ids), self.text.states(ids[:, :-1], causal=True)
        if self.config.text_pass == "bidirectional":
            states = self.text.states(ids)
            return self._embedded(states[:, 0]), states[:, :-1]
        whole, states = whole_text(self.text, ids)
        return self._embedded(whole), states[:, :-1]

    def _embedded(self, state: Tensor) -> Tensor:
        return functional.normalize(self.text_embedding(state), dim=-1)


class _Views(nn.Module):
    """Mean features (batch, width) to two embeddings (batch, 2, d) of length 1, each by a map of its own."""

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Linear(width, embedding, bias=False) for _ in range(2))
        self.dropout = nn.Dropout(VIEW_DROPOUT)

    def forward(self, features: Tensor) -> Tensor:
        both = [self.dropout(one(features)) for one in (self.first, self.second)]
        return functional.normalize(torch.stack(both, dim=1), dim=-1)


class _TextSide(nn.Module):
    def __init__(self, owner: Captioner) -> None:
        super().__init__()
        self.text, self.text_embedding = owner.text, owner.text_embedding
        self.single = owner.config.text_pass == "single"

    def forward(self, ids: Tensor) -> Tensor:
        state = whole_text(self.text, ids)[0] if self.single else self.text.states(ids)[:, 0]
        return functional.normalize(self.text_embedding(state), dim=-1)


def whole_text(tower: Tower, ids: Tensor) -> tuple[Tensor, Tensor]:
    """By one causal pass: the state (batch, width) of a [CLS] that has seen all of a text, and the states of all places
    (batch, length, width). [SEP] predicts nothing: in its place stands that [CLS] (CoCa, section 3.2)."""
    last = (ids != 0).sum(1, keepdim=True) - 1
    states = tower.states(ids.scatter(1, last, tower.marks.start), causal=True)
    return states.gather(1, last.unsqueeze(-1).expand(-1, -1, states.shape[-1])).squeeze(1), states


def count_parameters(model: Captioner) -> dict[str, int]:
    """Parameters of each part and `total`, those that are not trained among them; a tied output counts as text."""
    parts = {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()}
    return {**parts, "total": sum(p.numel() for p in model.parameters())}


def _without_pooling(encoder: nn.Module, samples: int) -> int:
    """The width of an encoder's features; what only its pooled vector passes is taken out of training.

    A parameter that no gradient reaches would stop training on several devices.
    """
    training = encoder.training
    with torch.enable_grad():
        features, _ = encoder.eval()(torch.zeros(1, 12, samples))
        parameters = list(encoder.parameters())
        slopes = torch.autograd.grad(features.sum(), parameters, allow_unused=True)
    encoder.train(training)
    for parameter, slope in zip(parameters, slopes, strict=True):
        parameter.requires_grad_(slope is not None)
    return int(features.shape[-1])
