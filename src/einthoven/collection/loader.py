"""Training batches of signals: in a seeded random order that can be gone on with, split by process, read ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.coding import decode_block
from einthoven.ecg import Floats, Ints, Signal, UsageError, ahead


class Signals(Protocol):
    """Where signals are read from: a `Collection`, or `FlatSignals` of one. Several threads read at a time."""

    def __len__(self) -> int: ...

    def units(self, places: Sequence[int]) -> tuple[NDArray[np.int16], Floats]:
        """int16 (b, 12, samples) of some positions in order, and mV a unit (b,)."""
        ...


@dataclass(frozen=True)
class Batch:
    """Some signals as they are stored: a quarter to move to a GPU, where `units * scales` makes millivolts of them.

    Args:
        places: (b,) positions in the source, ascending. units: int16 (b, 12, samples), -32768 for a gap.
        scales: (b,) mV a unit.
    """

    places: Ints
    units: NDArray[np.int16]
    scales: Floats

    def signal(self) -> Signal:
        """(b, 12, samples) float32 mV, gaps as NaN."""
        return decode_block(self.units, self.scales)


class Loader:
    """Batches of a source, epoch after epoch.

    An epoch's order follows from seed and number alone, so that a run goes on at any step as if it had never stopped.
    What is left when the ECGs do not fill a batch on each process is left out of that epoch; the next one's order is
    another.

    Args:
        signals: where from.
        batch: ECGs in a batch of one process.
        shard, shards: which part of each epoch is read here, such as `rank * workers + worker` of
            `world * workers`. All have as many batches.
        ahead: batches that are read before they are asked for. threads: how many are read at a
            time; a disk that is asked for several is faster.

    Raises:
        UsageError: fewer ECGs than one batch on each process, or a part that is none.
    """

    def __init__(
        self,
        signals: Signals,
        batch: int,
        seed: int = 0,
        shard: int = 0,
        shards: int = 1,
        ahead: int = 8,
        threads: int = 8,
    ) -> None:
        if not 0 <= shard < shards:
            raise UsageError(f"There is no part {shard} of {shards}.", "Parts are counted from 0.")
        if min(batch, ahead, threads) < 1:
            raise UsageError("Batch, ahead and threads are 1 or more.", "Leave them out for the usual ones.")
        self.steps = len(signals) // (batch * shards)
        if not self.steps:
            raise UsageError(
                f"{len(signals)} ECGs are fewer than a batch of {batch} on each of {shards} processes.",
                "Choose a smaller batch.",
            )
        self._signals, self._batch, self._seed = signals, batch, seed
        self._shard, self._shards = shard, shards
        self._ahead, self._threads = ahead, threads

    def places(self, epoch: int) -> Ints:
        """(steps, batch) positions of an epoch, each row ascending."""
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self._signals))
        own = order[self._shard :: self._shards][: self.steps * self._batch]
        return np.sort(own.reshape(self.steps, self._batch), axis=1)

    def epoch(self, number: int, start: int = 0) -> Iterator[Batch]:
        """The batches of an epoch from step `start` on.

        Raises:
            CollectionError: lengths that differ, no signal kept, a damaged file.
        """
        with ThreadPoolExecutor(self._threads, "loading") as pool:
            yield from ahead(pool, self._read, self.places(number)[start:], self._ahead)

    def _read(self, places: Ints) -> Batch:
        return Batch(places, *self._signals.units(places.tolist()))
