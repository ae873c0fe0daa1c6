"""Prepared signals in one flat file, of which rows are read at random."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.flat_file import FlatFile
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
        self._file, self._ecgs = FlatFile(path, (12, samples), TYPE), ecgs

    def __len__(self) -> int:
        return self._ecgs

    def _read(self, chosen: NDArray[np.int64]) -> NDArray[np.float16]:
        path, places = self._file.path, chosen.tolist()
        try:
            self._file.expect(places)
            return self._file.read(places).astype(np.float16, copy=False)
        except EOFError:
            raise FileError(f"{path} is cut short.", "Start again: it is then written anew.") from None
        except OSError as fault:
            raise FileError(
                f"{path} cannot be read ({fault.strerror}).", "Start again where it is there, or can be made."
            ) from None


def bytes_each(samples: int) -> int:
    """What one ECG takes."""
    return 12 * samples * np.dtype(TYPE).itemsize
