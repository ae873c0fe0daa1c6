"""Embedding ECGs of a collection from their stored signals, part by part; each part stands once it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Collection, Row, quoted
from einthoven.ecg import ECG, chunks
from einthoven.retrieval.adding import BATCH, Progress

PART = 4 * BATCH
Embed = Callable[[Sequence[ECG]], NDArray[np.float32]]


def embed_rows(
    collection: Collection, records: Sequence[str], model_sha256: str, precision: str, embed: Embed, progress: Progress
) -> None:
    """Embeds records and stores what comes of them, a part in one commit; `progress` is told how many are done."""
    done = 0
    for part in chunks(records, PART):
        rows = rows_of(collection, part)
        embeddings = embed([row.ecg() for row in rows])
        collection.set_embeddings(model_sha256, [row.record for row in rows], embeddings, precision)
        done += len(rows)
        progress(done)


def rows_of(collection: Collection, records: Sequence[str]) -> list[Row]:
    """The rows of some records, in table order."""
    names = ", ".join(map(quoted, records))
    return list(collection.rows(where=f"record IN ({names})")) if records else []
