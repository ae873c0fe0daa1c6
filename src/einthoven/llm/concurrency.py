"""Many questions at a time: every answer at its own key, every failure kept, an end where nothing works any more."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from einthoven.ecg import EinthovenError, MissingPackageError, UsageError
from einthoven.llm.errors import AccessError, NotTriedError, RemoteError

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")
FATAL = (AccessError, RemoteError, MissingPackageError)
_Finished = tuple[K, tuple[R, ...], BaseException | None]  # the result is one of a tuple, empty where there is none


@dataclass(frozen=True)
class Outcomes(Generic[K, R]):
    """What came of many calls; each key is in exactly one of the two, in the order in which they were given."""

    results: dict[K, R]
    failures: dict[K, EinthovenError]


@dataclass(frozen=True)
class Progress:
    """How far it is: of `total` keys `done` have a result and `failed` an error."""

    done: int
    failed: int
    total: int


def map_concurrently(
    function: Callable[[T], R],
    items: Mapping[K, T],
    limit: int = 4,
    progress: Callable[[Progress], None] | None = None,
    store: Callable[[K, R], None] | None = None,
    give_up_after: int | None = 20,
) -> Outcomes[K, R]:
    """`function` of each item, `limit` at a time.

    A result travels with its key from the call to the table, so that the order of answers cannot matter. An interrupt
    (Ctrl-C) is raised at once, without waiting for calls under way; all that was finished has gone to `store` by then.

    Args:
        function: called in threads.
        items: by key.
        limit: of calls at a time.
        progress: called in the caller's thread after each.
        store: called in the caller's thread with each result as soon as it is there, so that nothing done is lost.
        give_up_after: so many failures in a row, as when an endpoint has died: the rest is not tried, and says so.

    Returns:
        results and failures (typed errors) by key.

    Raises:
        UsageError: a limit below 1.
        AccessError, RemoteError, MissingPackageError: what would fail for every item alike.
        Exception: any error that is not typed, because it is a fault of the code.
    """
    if limit < 1:
        raise UsageError(f"{limit} calls at a time make none.", "Choose a limit of 1 or more.")
    waiting: queue.SimpleQueue[tuple[K, T]] = queue.SimpleQueue()
    for pair in items.items():
        waiting.put(pair)
    finished: queue.SimpleQueue[_Finished[K, R]] = queue.SimpleQueue()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                key, item = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                finished.put((key, (function(item),), None))
            except BaseException as fault:  # noqa: BLE001 - raised or kept in the caller's thread
                finished.put((key, (), fault))

    # Threads of a pool would be waited for at the interpreter's end; these are not.
    for _ in range(min(limit, len(items))):
        threading.Thread(target=work, daemon=True).start()
    table = _Table(items, store)
    try:
        in_a_row, fault = 0, None
        while len(table) < len(items):
            try:
                fault = table.take(finished.get(timeout=0.2))  # without one, Windows would not hear Ctrl-C
            except queue.Empty:
                continue
            in_a_row = in_a_row + 1 if fault else 0
            if progress is not None:
                progress(Progress(len(table.results), len(table.failures), len(items)))
            if fault and give_up_after is not None and in_a_row >= give_up_after:
                break
    finally:
        stop.set()
        table.take_all(finished)
    return table.whole(fault)


class _Table(Generic[K, T, R]):
    """What has come back so far."""

    def __init__(self, items: Mapping[K, T], store: Callable[[K, R], None] | None) -> None:
        self.items, self.store = items, store
        self.results: dict[K, R] = {}
        self.failures: dict[K, EinthovenError] = {}

    def __len__(self) -> int:
        return len(self.results) + len(self.failures)

    def take(self, one: _Finished[K, R]) -> EinthovenError | None:
        """Files one under its key; returns its failure, and raises one that is not to be kept."""
        key, results, fault = one
        if fault is None:
            self.results[key] = results[0]
            if self.store is not None:
                self.store(key, results[0])
            return None
        if not isinstance(fault, EinthovenError) or isinstance(fault, FATAL):
            raise fault
        self.failures[key] = fault
        return fault

    def take_all(self, finished: queue.SimpleQueue[_Finished[K, R]]) -> None:
        """Files what is there already, so that an early end loses none of it."""
        while True:
            try:
                one = finished.get_nowait()
            except queue.Empty:
                return
            if one[2] is None or (isinstance(one[2], EinthovenError) and not isinstance(one[2], FATAL)):
                self.take(one)

    def whole(self, last: EinthovenError | None) -> Outcomes[K, R]:
        """Everything in the order of the items; what has not come back is a failure that says so."""
        for key in self.items:
            if key not in self.results and key not in self.failures:
                self.failures[key] = NotTriedError(
                    f"Given up, because too many in a row had failed, the last with: {last}",
                    "See to that and start again; what is done is kept.",
                )
        return Outcomes(
            {key: self.results[key] for key in self.items if key in self.results},
            {key: self.failures[key] for key in self.items if key in self.failures},
        )
