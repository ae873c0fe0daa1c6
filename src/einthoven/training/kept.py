"""Prepared signals in one flat file, of which rows are read at random."""

from __future__ import annotations

import os
import sys
import threading
from io import FileIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FileError
from einthoven.training.ahead import ReadAhead

TYPE = "<f2"


class Kept(ReadAhead):
    """Signals (n, 12, samples) from a file that `training.keeping` wrote whole; the system's memory of files is
    shared by all processes that read it.

    They are read, not mapped into memory, which is a little faster: a file that is cut short would kill a process that
    maps it, and fetching a page stops all of its Python threads.
    """

    most = 8

    def __init__(self, path: Path, ecgs: int, samples: int) -> None:
        super().__init__()
        self._path, self._ecgs, self._samples = path, ecgs, samples
        self._local = threading.local()

    def __len__(self) -> int:
        return self._ecgs

    def _read(self, chosen: NDArray[np.int64]) -> NDArray[np.float16]:
        size = bytes_each(self._samples)
        found = np.empty((len(chosen), 12, self._samples), TYPE)
        try:
            file = self._file()
            if sys.platform == "linux":  # so that a disk is asked for all of them at once
                for row in chosen.tolist():
                    os.posix_fadvise(file.fileno(), row * size, size, os.POSIX_FADV_WILLNEED)
            for one, row in zip(found.reshape(len(chosen), -1).view(np.uint8), chosen.tolist(), strict=True):
                file.seek(row * size)
                if file.readinto(one.data) != size:
                    raise FileError(f"{self._path} is cut short.", "Start again: it is then written anew.")
        except OSError as fault:
            raise FileError(
                f"{self._path} cannot be read ({fault.strerror}).", "Start again where it is there, or can be made."
            ) from None
        return found.astype(np.float16, copy=False)

    def _file(self) -> FileIO:
        """A handle of this thread's own: they do not share a position."""
        if not hasattr(self._local, "file"):
            self._local.file = self._path.open("rb", buffering=0)
        file: FileIO = self._local.file
        return file


def bytes_each(samples: int) -> int:
    """What one ECG takes."""
    return 12 * samples * np.dtype(TYPE).itemsize
