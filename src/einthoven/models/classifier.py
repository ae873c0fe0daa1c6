"""An encoder with one linear layer, for supervised training and for counting parameters."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from einthoven.ecg import UsageError
from einthoven.models.encoders.build import build_encoder
from einthoven.models.encoders.settings import family_of
from einthoven.models.settings import from_dict


class Classifier(nn.Module):
    """(batch, 12, samples) to logits (batch, classes).

    Raises:
        UsageError: no such size or option, or no class.
    """

    def __init__(self, size: str, classes: int, **options: Any) -> None:
        super().__init__()
        if classes < 1:
            raise UsageError(f"A classifier of {classes} classes tells nothing apart.", "Ask for at least 1.")
        self.encoder = build_encoder(from_dict(family_of(size), {"size": size, **options}))
        self.head = nn.Linear(self.encoder.width, classes)

    def forward(self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None) -> Tensor:
        return self.head(self.encoder(signal, valid, leads)[1])  # type: ignore[no-any-return]
