"""A stream of rows into a Lance write: duplicates caught, a few batches in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import Full, Queue
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from einthoven.collection.row import Row
from einthoven.ecg import CollectionError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

OnDuplicate = Literal["error", "skip"]
T = TypeVar("T")


def fresh(rows: Iterable[Row], known: set[str], on_duplicate: OnDuplicate) -> Iterator[Row]:
    """Rows whose record id is not among `known`, which grows with them.

    Raises:
        CollectionError: an id that is taken, with "error"; "skip" leaves its row out.
    """
    if on_duplicate not in ("error", "skip"):
        raise UsageError(f"on_duplicate='{on_duplicate}' is unknown.", "Use 'error' or 'skip'.")
    for number, row in enumerate(rows):
        if row.record not in known:
            known.add(row.record)
            yield row
        elif on_duplicate == "error":
            raise CollectionError(
                f"The record id of row {number} (counted from 0) is already taken; nothing was added.",
                "Give each ECG an id of its own, or skip those that are there with on_duplicate='skip'.",
            )


def chunks(rows: Iterator[Row], size: int) -> Iterator[Sequence[Row]]:
    """Lists of `size` rows, the last one shorter."""
    if size < 1:
        raise UsageError(f"A batch of {size} rows cannot be.", "Use 1 or more.")
    while held := list(islice(rows, size)):
        yield held


class _StoppedError(ValueError):
    """Tells the write that its stream has ended early."""


def feed(batches: Iterator[pa.RecordBatch], schema: pa.Schema, write: Callable[[pa.RecordBatchReader], T]) -> T:
    """Run `write` on a reader of `batches`, and return what it returns.

    Lance would draw the batches in a thread of its own, turn an error there into text,
    and go on drawing after Ctrl-C. So the write gets the thread, and the batches are
    drawn in the caller's: an error or interrupt there fails the write, and comes through
    as it is once the write has ended.
    """
    import pyarrow as pa

    queue: Queue[Any] = Queue(maxsize=2)
    end, stop = object(), object()

    def drain() -> Iterator[pa.RecordBatch]:
        while (one := queue.get()) is not end:
            if one is stop:
                raise _StoppedError
            yield one

    def hand(one: object, writing: Future[T]) -> None:
        while not writing.done():  # a write that failed takes no more
            try:
                queue.put(one, timeout=0.1)
            except Full:
                continue
            return

    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(write, pa.RecordBatchReader.from_batches(schema, drain()))
        last: object = stop
        try:
            for batch in batches:
                hand(batch, writing)
                if writing.done():
                    break
            last = end
        finally:
            hand(last, writing)
        return writing.result()
