"""How a report generator is trained: one frozen dataclass, free of torch."""

from __future__ import annotations

from dataclasses import dataclass, field

from einthoven.ecg import UsageError
from einthoven.models.generator_settings import Generating


@dataclass(frozen=True)
class Generation:
    """A generator, and where its encoder starts.

    Args:
        network: its sizes.
        encoder_from: a checkpoint with the same encoder, whose weights it starts with; None for fresh ones.
        encoder_share: the encoder's share of the learning rate (R2GenCMN: 5e-5 of 1e-4).
    """

    network: Generating = field(default_factory=Generating)
    encoder_from: str | None = None
    encoder_share: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.encoder_share <= 1:
            raise UsageError(
                f"generating.encoder_share is {self.encoder_share:g}.", "Choose from 0, which freezes it, to 1."
            )
