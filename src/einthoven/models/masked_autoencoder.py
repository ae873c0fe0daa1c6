"""The masked autoencoder of ECG and text on which ECG-ReGen builds (Tang 2024, section II-B), after M3AE (Chen 2022) as
fairseq-signals has it for ECGs."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from einthoven.models.encoders.conv_transformer import ConvTransformer
from einthoven.models.encoders.pooling import max_over_time
from einthoven.models.fusion import Fused, Fusion
from einthoven.models.masked_decoder import SignalDecoder, hidden_tokens
from einthoven.models.masked_settings import MaskedConfig
from einthoven.models.post_norm import start_as_bert
from einthoven.models.text_tower import PAD_ID, build_text


class Guessed(NamedTuple):
    """Of a masked pass: samples of all tokens (batch, tokens, samples * 12), logits (n, vocabulary) of the n tokens of
    texts that are to be told, row after row, and logits (batch, 2) of whether text and ECG belong together, that they
    do in column 1."""

    signal: Tensor
    words: Tensor
    match: Tensor


class MaskedAutoencoder(nn.Module):
    """An encoder of ECGs, one of texts, and what joins them to fill in what is hidden of both.

    Texts are token ids that begin with [CLS] and end with [SEP], padded with 0 at their end.

    Args:
        pretrained: whether a text encoder of others comes with the weights that it was published with.

    Raises:
        ModelError: a text encoder of others that is not to be had.
    """

    def __init__(self, config: MaskedConfig, pretrained: bool = True) -> None:
        super().__init__()
        how = config.masking
        self.config = config
        self.encoder = ConvTransformer(config.encoder)
        self.text = build_text(config.text, pretrained)
        self.fusion = Fusion(self.encoder.width, self.text.width, how)
        self.signal = SignalDecoder(how.width, config.encoder.stride, how)
        self.words = nn.Sequential(
            nn.Linear(how.width, how.width),
            nn.GELU(),
            nn.LayerNorm(how.width),
            nn.Linear(how.width, self.text.vocabulary),
        )
        self.match = nn.Linear(2 * how.width, 2)
        self.words.apply(start_as_bert)
        self.match.apply(start_as_bert)

    def forward(self, signal: Tensor, kept: Tensor, ids: Tensor, told: Tensor) -> Guessed:
        """`masked`; sharding of the network over processes begins where it is called."""
        return self.masked(signal, kept, ids, told)

    def masked(self, signal: Tensor, kept: Tensor, ids: Tensor, told: Tensor) -> Guessed:
        """ECGs (batch, 12, time) of which only the tokens `kept` (batch, n) are seen, and texts (batch, length) with
        some words replaced, of which the tokens `told` (batch, length) bool are to be told."""
        fused = self.fuse(self.read_visible(signal, kept), ids)
        tokens = signal.shape[-1] // self.encoder.stride
        return Guessed(self.signal(fused.middle, kept, tokens), self.words(fused.text[told]), self.match(fused.whole))

    def read(self, signal: Tensor, valid: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """ECGs to states (batch, 1 + tokens, width), the class token's first, and which tokens are there."""
        x, there = self.encoder.embed(signal, valid)
        return self.encoder.through(x, there), there

    def read_visible(self, signal: Tensor, kept: Tensor) -> Tensor:
        """ECGs to states (batch, 1 + n, width) of the class token and the tokens `kept` (batch, n).

        With `hidden_from` "everything", samples of other tokens change nothing in them.
        """
        seen = self._seen_samples(kept, signal) if self.config.masking.hidden_from == "everything" else None
        x, _ = self.encoder.embed(signal, seen)
        return self.encoder.through(x.gather(1, kept.unsqueeze(-1).expand(-1, -1, x.shape[-1])))

    def fuse(self, ecg: Tensor, ids: Tensor, there: Tensor | None = None) -> Fused:
        """States of ECGs (batch, 1 + n, width), which of the n are there, and texts (batch, length)."""
        return self.join(ecg, self.text.states(ids), ids, there)

    def join(self, ecg: Tensor, text: Tensor, ids: Tensor, there: Tensor | None = None) -> Fused:
        """As `fuse`, with the states (batch, length, width) of the texts as well."""
        if there is not None:
            there = torch.cat([torch.ones_like(there[:, :1]), there], 1)
        fused: Fused = self.fusion(ecg, text, ids != PAD_ID, there)
        return fused

    def _seen_samples(self, kept: Tensor, signal: Tensor) -> Tensor:
        """(batch, time) bool: samples of the tokens `kept`, and those beyond the last whole token."""
        stride, samples = self.encoder.stride, signal.shape[-1]
        seen = ~hidden_tokens(kept, samples // stride).repeat_interleave(stride, 1)
        return functional.pad(seen, (0, samples - seen.shape[1]), value=True)


def leaking_embedding(model: MaskedAutoencoder, signal: Tensor, ids: Tensor, valid: Tensor | None = None) -> Tensor:
    """The largest of an ECG's states after its text has been fused into them, (batch, d) of length 1.

    For one row of the evaluation alone: where the text is the ECG's own report, the embedding knows what it is to
    find. Searches use the encoder's own embedding, which sees no text (`training.masking`).
    """
    states, there = model.read(signal, valid)
    return functional.normalize(max_over_time(model.fuse(states, ids, there).ecg[:, 1:], there), dim=-1)
