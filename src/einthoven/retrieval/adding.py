"""Adding ECGs with their embeddings to an archive's collection: in one commit, or in several that each stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Collection, Row
from einthoven.ecg import ECG, chunks
from einthoven.retrieval.kept import new_row

BATCH = 64
Progress = Callable[[int], None]


class Adding:
    """One run of additions to a collection.

    Args:
        collection: where to.
        model_sha256: by what it is embedded.
        precision: how embeddings are stored.
        embed: ECGs to embeddings (n, d).
        as_kept: a row to what of it is kept.
    """

    def __init__(
        self,
        collection: Collection,
        model_sha256: str,
        precision: str,
        embed: Callable[[Sequence[ECG]], NDArray[np.float32]],
        as_kept: Callable[[Row], Row],
    ) -> None:
        self._collection = collection
        self._model = model_sha256
        self._precision = precision
        self._embed = embed
        self._as_kept = as_kept
        stored = collection.columns(["record", "sha256"])
        gaps = set(collection.without_embedding(model_sha256))
        self._known = set(stored["sha256"])
        self._bare = {hash: record for record, hash in zip(*stored.values(), strict=True) if record in gaps}
        self._seen = 0
        self._records: list[str] = []
        self._embeddings: list[NDArray[np.float32]] = []

    def run(self, ecgs: Iterable[tuple[str | None, ECG] | Row], progress: Progress, commit_every: int | None) -> int:
        """Adds them, and returns how many; a commit takes at least `commit_every` ECGs, None takes all of them.

        A commit of rows is followed by one of their embeddings; what is interrupted in between is completed when
        the same ECGs are added again.
        """
        batches = chunks(ecgs, BATCH)
        count = 0
        ended = False
        while not ended:
            self._records, self._embeddings = [], []
            before = self._seen
            count += self._collection.append(self._rows(batches, progress, commit_every))
            if self._records:
                every = np.concatenate(self._embeddings)
                self._collection.set_embeddings(self._model, self._records, every, self._precision)
            ended = commit_every is None or self._seen == before
        return count

    def _rows(
        self, batches: Iterator[list[tuple[str | None, ECG] | Row]], progress: Progress, commit_every: int | None
    ) -> Iterator[Row]:
        for batch in batches:
            new, late = [], []
            for item in batch:
                row = item if isinstance(item, Row) else new_row(*item)
                if row.sha256 in self._bare:
                    late.append(replace(row, record=self._bare.pop(row.sha256)))
                elif row.sha256 not in self._known:
                    self._known.add(row.sha256)
                    new.append(row)
            if new or late:
                self._embeddings.append(self._embed([row.ecg() for row in new + late]))
                self._records.extend(row.record for row in new + late)
            yield from map(self._as_kept, new)
            self._seen += len(batch)
            progress(self._seen)
            if commit_every is not None and len(self._records) >= commit_every:
                return
