"""Rows of one size in one file, read at random by several threads at a time."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from io import FileIO
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class FlatFile:
    """Arrays of one shape and type, one behind the other.

    Args:
        path: of the file, opened when first read. shape: of a row. kind: of its values, "<i2" or another.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], kind: str) -> None:
        self.path, self._shape, self._kind = path, shape, kind
        self._size = prod(shape) * np.dtype(kind).itemsize
        self._local = threading.local()

    def read(self, places: Sequence[int]) -> NDArray[Any]:
        """Rows (b, *shape), in this order.

        Raises:
            EOFError: the file is cut short. OSError: it cannot be read.
        """
        found = np.empty((len(places), *self._shape), self._kind)
        file = self._file()
        for row, place in zip(found.reshape(len(places), -1), places, strict=True):
            file.seek(place * self._size)
            if file.readinto(row.data.cast("B")) != self._size:
                raise EOFError(self.path)
        return found

    def expect(self, places: Sequence[int]) -> None:
        """Asks the disk for all of these at once, where the system lets it be asked; then they are read faster."""
        if sys.platform == "linux":
            for place in places:
                os.posix_fadvise(self._file().fileno(), place * self._size, self._size, os.POSIX_FADV_WILLNEED)

    def _file(self) -> FileIO:
        """A handle of this thread's own: they do not share a position."""
        if not hasattr(self._local, "file"):
            self._local.file = self.path.open("rb", buffering=0)
        file: FileIO = self._local.file
        return file
