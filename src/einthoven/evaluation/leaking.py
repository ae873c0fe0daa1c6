"""Embeddings of ECGs that their own reports have entered: the row that knows what it is to find.

ECG-ReGen (Tang 2024, section II-B) does not say whether its query is embedded with or without its text. This row shows
what the former would score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.datasets.texts import Writer

Leak = Callable[[Sequence[Row]], NDArray[np.float32]]
"""ECGs with their texts to embeddings (n, d) of length 1."""


def leak(checkpoint: Path) -> Leak:
    """An embedding of each ECG fused with its own report and diagnoses, as the checkpoint was trained on them.

    Raises:
        ModelError: it is no checkpoint of a masked autoencoder, or a damaged one.
    """
    from einthoven.models.fused import FusedEmbedding
    from einthoven.training.caption_texts import counter

    fused = FusedEmbedding(checkpoint)
    writer = Writer("regen", counter(fused.tokenizer), limit=fused.tokens)
    return lambda rows: fused([row.ecg() for row in rows], [writer.of(row) for row in rows])
