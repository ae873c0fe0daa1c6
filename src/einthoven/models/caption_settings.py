"""How a captioner is made: one frozen dataclass, free of torch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from einthoven.ecg import UsageError
from einthoven.models.settings import check_choices


@dataclass(frozen=True)
class Captioning:
    """What stands between an ECG encoder and a text tower in contrastive captioning (ESI, section 3.2).

    The defaults are CoCa's (Yu 2022, section 3) where the paper of ESI does not say. ESI's public code has `pool`
    "vector", `text_pass` "bidirectional", `scale` e and `scale_limit` None.

    Args:
        pool: what texts see of an ECG. "queries": learned queries that look over the encoder's features in time, one
            for the contrast and `queries` for the decoder; "vector": the encoder's pooled vector, for both.
        queries: learned queries for the decoder.
        pool_heads: heads of these queries' attention.
        text_pass: "double": the contrast takes [CLS] of a bidirectional pass through the text tower, the decoder the
            states of a second, causal pass of the same weights. "single": one causal pass for both, with [CLS] last.
            "bidirectional": one pass for both in which each token has seen those that follow. The decoder is
            then told what it shall predict, and cannot write: for comparison alone.
        layers, heads: of the decoder.
        dropout: share of entries left out in training, of each branch of the decoder.
        output: the last layer over the vocabulary: its "own", or "tied" to the word embedding of the tower.
        scale: what cosines are multiplied with at the start of training (14.3: CLIP's, Radford 2021, section 2.5).
        scale_limit: the most that it may become, or None.
        views: whether an ECG's mean features are seen twice, each time with other entries left out, so that training
            can align it with itself (MERL, Liu 2024); `pool` is "queries".
    """

    pool: Literal["queries", "vector"] = "queries"
    queries: int = 64
    pool_heads: int = 8
    text_pass: Literal["double", "single", "bidirectional"] = "double"
    layers: int = 6
    heads: int = 8
    dropout: float = 0.0
    output: Literal["own", "tied"] = "own"
    scale: float = 1 / 0.07
    scale_limit: float | None = 100.0
    views: bool = False

    def __post_init__(self) -> None:
        check_choices(self)
        if min(self.queries, self.pool_heads, self.layers, self.heads) < 1:
            raise UsageError("queries, pool_heads, layers and heads are at least 1.", "Correct the captioning.")
        if not 0 <= self.dropout < 1:
            raise UsageError(f"dropout {self.dropout} is no probability.", "Choose 0 <= dropout < 1.")
        if not 0 < self.scale < math.inf:
            raise UsageError(f"A scale of {self.scale} does not order cosines.", "Choose one above 0, such as 14.3.")
        if self.views and self.pool != "queries":
            raise UsageError("Views of an ECG are made of features that queries look at.", 'Set pool to "queries".')
        if self.scale_limit is not None and not self.scale <= self.scale_limit < math.inf:
            raise UsageError(
                f"A scale that starts at {self.scale:g} is beyond its limit {self.scale_limit:g}.",
                "Raise scale_limit, lower scale, or set scale_limit to null.",
            )
