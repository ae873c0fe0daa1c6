"""How a report generator is made: one frozen dataclass, free of torch."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import UsageError


@dataclass(frozen=True)
class Generating:
    """A transformer that reads an encoder's features and writes a report: two baselines of ECG-ReGen's Table I.

    Without `memory` it is the plain one (Vaswani 2017); with it, R2GenCMN (Chen 2021), whose published settings are
    width 512, 3 layers, 8 heads, dropout .1, a memory of 2048 rows of which 32 are looked at, and beams of 3.

    Args:
        width, layers, heads: of both halves, the one that reads and the one that writes.
        dropout: share of entries left out in training.
        memory: rows of the matrix that features and words share, or None.
        looked_at: rows of it that each feature or word looks at.
        tokens: the longest report, with its two marks.
        vocabulary: of the tokenizer.
        beam: texts that are kept at a time while a report is written.
    """

    width: int = 512
    layers: int = 3
    heads: int = 8
    dropout: float = 0.1
    memory: int | None = None
    looked_at: int = 32
    tokens: int = 100
    vocabulary: int = 4000
    beam: int = 3

    def __post_init__(self) -> None:
        if min(self.width, self.layers, self.heads, self.looked_at, self.vocabulary, self.beam) < 1:
            raise UsageError("Sizes of a generator are at least 1.", "Correct the generating table.")
        if self.width % self.heads:
            raise UsageError(f"Width {self.width} cannot be split over {self.heads} heads.", "Make it a multiple.")
        if not 0 <= self.dropout < 1:
            raise UsageError(f"dropout {self.dropout} is no probability.", "Choose 0 <= dropout < 1.")
        if self.tokens < 3:
            raise UsageError("Two marks and a word do not fit into a report.", "Set tokens to 3 or more.")
        if self.memory is not None and self.memory < self.looked_at:
            raise UsageError(
                f"Of a memory of {self.memory} rows, {self.looked_at} cannot be looked at.",
                "Raise memory, lower looked_at, or set memory to null.",
            )
