"""An encoder with one linear layer, for supervised training and for counting parameters."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from einthoven.models.config import Encoder
from einthoven.models.convnextv2 import ConvNeXtV2


class Classifier(nn.Module):
    """(batch, 12, samples) to logits (batch, classes)."""

    def __init__(self, size: str, classes: int, **options: Any) -> None:
        super().__init__()
        self.encoder = ConvNeXtV2(Encoder(size=size, **options))
        self.head = nn.Linear(self.encoder.width, classes)

    def forward(self, signal: Tensor, valid: Tensor | None = None) -> Tensor:
        return self.head(self.encoder(signal, valid)[1])  # type: ignore[no-any-return]
