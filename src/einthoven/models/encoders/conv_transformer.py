"""M3AE's encoder of ECGs, as fairseq-signals has it and ECG-ReGen (Tang 2024, section II-B) uses it: convolutional
tokens, positions, a class token, and layers that normalise after each branch."""

from __future__ import annotations

from torch import Tensor, nn

from einthoven.models.encoders.conv_tokens import ConvPositions, ConvTokens
from einthoven.models.encoders.masking import heard
from einthoven.models.encoders.pooling import max_over_time, token_mask
from einthoven.models.encoders.settings import ConvTransformer as Settings
from einthoven.models.encoders.sizes import M3AE
from einthoven.models.post_norm import ClassToken, PostNormLayer, start_as_bert


class ConvTransformer(nn.Module):
    """(batch, 12, time) to features over time (batch, tokens, width) and the largest of them (batch, width).

    The class token, which pretraining reads, is not among the features and does not enter the pooled vector.
    """

    def __init__(self, config: Settings) -> None:
        super().__init__()
        shape = M3AE[config.size]
        self.width, self.stride = shape.width, config.stride
        self.stem = ConvTokens(shape.channels, config.convolutions)
        self.widen = nn.Sequential(
            nn.LayerNorm(shape.channels), nn.Linear(shape.channels, shape.width), nn.Dropout(config.dropout)
        )
        self.positions = ConvPositions(shape.width, shape.position_kernel, shape.position_groups)
        self.whole = ClassToken(shape.width)
        self.norm, self.drop = nn.LayerNorm(shape.width), nn.Dropout(config.dropout)
        self.layers = nn.ModuleList(
            PostNormLayer(shape.width, shape.heads, config.dropout) for _ in range(shape.layers)
        )
        self.widen.apply(start_as_bert)
        self.layers.apply(start_as_bert)

    def forward(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `encoders/__init__` says; no token looks at padding."""
        x, there = self.embed(signal, valid, leads)
        tokens = self.through(x, there)[:, 1:]
        return tokens, max_over_time(tokens, there)

    def embed(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Tokens with their positions (batch, tokens, width), and which are there (batch, tokens), None for all.

        Nothing that `valid` says is not there reaches a token that is.
        """
        x = self.widen(self.stem(heard(signal, valid, leads), valid).transpose(1, 2))
        there = None if valid is None else token_mask(valid, self.stride, x.shape[1]) > 0
        if there is not None:
            x = x * there.unsqueeze(-1).to(x.dtype)
        return x + self.positions(x), there

    def through(self, x: Tensor, there: Tensor | None = None) -> Tensor:
        """Tokens (batch, n, width), any of a record's, to states (batch, 1 + n, width), the class token's first."""
        x, there = self.whole(x, there)
        x = self.drop(self.norm(x))
        for layer in self.layers:
            x = layer(x, there)
        return x
