"""A stream of rows as record batches: duplicates caught, one batch in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from einthoven.collection.batches import to_batch
from einthoven.collection.row import Row
from einthoven.ecg import CollectionError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

OnDuplicate = Literal["error", "skip"]


class RowStream:
    """Record batches of `rows`, made as they are asked for.

    Args:
        rows: what to store.
        schema: the collection's.
        known: record ids that are taken; grows with the stream.
        batch: rows a batch.
        on_duplicate: refuse a record id that is taken, or leave its row out.

    `count` says how many rows went through, `failure` what ended the stream: Arrow
    passes errors on as text, the caller wants the error itself.
    """

    def __init__(
        self, rows: Iterable[Row], schema: pa.Schema, known: set[str], batch: int, on_duplicate: OnDuplicate
    ) -> None:
        if batch < 1:
            raise UsageError(f"A batch of {batch} rows cannot be.", "Use 1 or more.")
        if on_duplicate not in ("error", "skip"):
            raise UsageError(f"on_duplicate='{on_duplicate}' is unknown.", "Use 'error' or 'skip'.")
        self.count = 0
        self.failure: Exception | KeyboardInterrupt | None = None
        self._rows = self._fresh(rows, known, on_duplicate)
        self._schema = schema
        self._batch = batch

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        held: list[Row] = []
        try:
            for row in self._rows:
                held.append(row)
                if len(held) == self._batch:
                    yield self._pass_on(held)
                    held = []
            if held:
                yield self._pass_on(held)
        except (Exception, KeyboardInterrupt) as error:
            self.failure = error
            raise

    def _pass_on(self, held: list[Row]) -> pa.RecordBatch:
        self.count += len(held)
        return to_batch(held, self._schema)

    @staticmethod
    def _fresh(rows: Iterable[Row], known: set[str], on_duplicate: OnDuplicate) -> Iterator[Row]:
        for number, row in enumerate(rows):
            if row.record not in known:
                known.add(row.record)
                yield row
            elif on_duplicate == "error":
                raise CollectionError(
                    f"The record id of row {number} (counted from 0) is already taken; nothing was added.",
                    "Give each ECG an id of its own, or skip those that are there with on_duplicate='skip'.",
                )
