"""The decoder that puts the ECG into the states of a text (CoCa's multimodal decoder, Yu 2022, section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.models.attention_pool import CrossAttention
from einthoven.models.caption_settings import Captioning
from einthoven.models.encoders.transformer import Attention


class DecoderLayer(nn.Module):
    """Attention to earlier tokens, attention to the ECG, a perceptron: each normalised before it and added.

    `there` (batch, n), True for the rows of the context (batch, n, width) that may be looked at; None for all.
    """

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.before_text, self.before_ecg, self.before_mlp = (nn.LayerNorm(width) for _ in range(3))
        self.text = Attention(width, heads)
        self.ecg = CrossAttention(width, width, heads)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, context: Tensor, earlier: Tensor, there: Tensor | None = None) -> Tensor:
        x = x + self.drop(self.text(self.before_text(x), earlier))
        x = x + self.drop(self.ecg(self.before_ecg(x), context, there))
        y: Tensor = x + self.drop(self.mlp(self.before_mlp(x)))
        return y


class CaptionDecoder(nn.Module):
    """States of a text (batch, length, width) and context (batch, n, width) of its ECG to states that know both.

    A state sees those before it and itself. Padding stands at the end of a text, so that nothing before it sees it.
    """

    def __init__(self, width: int, config: Captioning) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(width, config.heads, config.dropout) for _ in range(config.layers))
        self.norm = nn.LayerNorm(width)

    def forward(self, states: Tensor, context: Tensor) -> Tensor:
        length = states.shape[1]
        earlier = torch.ones(length, length, dtype=torch.bool, device=states.device).tril()
        for layer in self.layers:
            states = layer(states, context, earlier)
        known: Tensor = self.norm(states)
        return known
