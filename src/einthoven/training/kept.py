"""Prepared signals in one flat file, of which rows are read at random."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.flat_file import FlatFile
from einthoven.ecg import FileError
from einthoven.training.ahead import ReadAhead

TYPE, SUM = "<f2", "<u4"


class Kept(ReadAhead):
    """Signals (n, 12, samples) from a file that `training.keeping` wrote whole; the system's memory of files is
    shared by all processes that read it.

    Beside it lies a checksum (CRC-32) of each ECG, which is held against what is read of it for the first time.

    They are read, not mapped into memory, which is a little faster: a file that is cut short would kill a process that
    maps it, and fetching a page stops all of its Python threads.
    """

    most = 8

    def __init__(self, path: Path, ecgs: int, samples: int) -> None:
        super().__init__()
        self._file, self._ecgs = FlatFile(path, (12, samples), TYPE), ecgs
        self._sums = np.fromfile(sums_of(path), SUM, ecgs)
        self._seen = np.zeros(ecgs, bool)

    def __len__(self) -> int:
        return self._ecgs

    def _read(self, chosen: NDArray[np.int64]) -> NDArray[np.float16]:
        path, places = self._file.path, chosen.tolist()
        try:
            self._file.expect(places)
            found = self._file.read(places)
        except EOFError:
            raise FileError(f"{path} is cut short.", "Start again: it is then written anew.") from None
        except OSError as fault:
            raise FileError(
                f"{path} cannot be read ({fault.strerror}).", "Start again where it is there, or can be made."
            ) from None
        new = np.flatnonzero(~self._seen[chosen])
        wrong = new[check_sums(found[new]) != self._sums[chosen[new]]]
        if len(wrong):
            raise FileError(
                f"{path} is damaged: {len(wrong)} of {len(new)} ECGs that were read are not what was written there.",
                "Delete it, and start again: it is then written anew. A disk that does this is not to be trusted.",
            )
        self._seen[chosen] = True
        return found.astype(np.float16, copy=False)


def check_sums(signals: Iterable[NDArray[np.float16]]) -> NDArray[np.uint32]:
    """Of each ECG, as it lies in a file."""
    return np.array([zlib.crc32(np.ascontiguousarray(one, TYPE).data) for one in signals], SUM)


def sums_of(path: Path) -> Path:
    """Where the checksums of a file of signals lie."""
    return path.with_suffix(".crc")


def bytes_each(samples: int) -> int:
    """What one ECG takes."""
    return 12 * samples * np.dtype(TYPE).itemsize
