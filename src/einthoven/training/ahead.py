"""Signals that are read when they are asked for, some batches ahead of the one that a network learns from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ahead

Rows = NDArray[np.int64]
Block = NDArray[np.float16]


class ReadAhead(ABC):
    """Acts as an array (n, 12, samples) of prepared signals, float16, of which rows are taken."""

    most = 4
    """Batches that are read while a network learns from another one, each by a thread of its own."""

    def __init__(self) -> None:
        self._coming: Generator[tuple[Rows, Block], None, None] | None = None
        self._here: dict[int, int] = {}
        self._block: Block = np.empty((0, 12, 0), np.float16)

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def _read(self, chosen: Rows) -> Block:
        """Signals (b, 12, samples) of some rows, in their order; several threads ask at a time."""

    def expect(self, batches: Iterable[NDArray[np.integer[Any]]]) -> None:
        """Begins to read batches of rows in this order, some ahead of the one that is asked for.

        Asked for otherwise, rows are read as if nothing had been expected. What was expected before is forgotten.
        """
        self.forget()
        self._coming = self.blocks(batches, self.most)

    def forget(self) -> None:
        """Ends reading ahead."""
        if self._coming is not None:
            self._coming.close()
        self._coming, self._here, self._block = None, {}, self._block[:0].copy()

    def __getitem__(self, rows: Any) -> Block:
        """Some of them, by a slice or whole numbers: the first window of each, as a model prepares it."""
        chosen = self._numbers(rows)
        if self._coming is not None and not self._holds(chosen):
            coming = next(self._coming, None)
            self._here = {} if coming is None else {row: at for at, row in enumerate(coming[0].tolist())}
            if coming is not None:
                self._block = coming[1]
                self._block.setflags(write=False)  # it may be asked for again
            if not self._holds(chosen):
                self.forget()
        if not self._holds(chosen):
            return self._read(chosen)
        at = [self._here[row] for row in chosen.tolist()]
        return self._block if at == list(range(len(self._block))) else self._block[at]

    def _numbers(self, rows: Any) -> Rows:
        known = isinstance(rows, np.ndarray) and rows.dtype.kind == "i" and rows.size > 0
        if known and 0 <= rows.min() <= rows.max() < len(self):
            return np.asarray(rows, np.int64)  # without counting to hundreds of thousands
        return np.asarray(np.arange(len(self))[rows])

    def _holds(self, rows: Rows) -> bool:
        return len(rows) > 0 and all(row in self._here for row in rows.tolist())

    def blocks(
        self, batches: Iterable[NDArray[np.integer[Any]]], threads: int
    ) -> Generator[tuple[Rows, Block], None, None]:
        """Batches of rows with their signals, in this order, as many read ahead as there are threads."""
        with ThreadPoolExecutor(threads, "streaming") as pool:
            numbered = (np.asarray(rows, np.int64) for rows in batches)
            yield from ahead(pool, lambda rows: (rows, self._read(rows)), numbered, threads)
