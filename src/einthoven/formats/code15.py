"""CODE-15%: HDF5 files of many ECGs, with `tracings` (N, 4096, 12) and `exam_id` (N,).

Ribeiro et al. 2021 (zenodo 4916206): 400 Hz, millivolt, DI DII DIII AVR AVL AVF V1 to V6; shorter recordings have
zeros before and after them, and each published part ends with a row of zeros whose exam is 0.
A file with several ECGs is read one at a time, as `FILE#EXAM_ID`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from einthoven.ecg import ECG, LEADS, FileError, FormatError, Ints, MissingPackageError, Notice, Signal, SignalError
from einthoven.ecg.counted import counted
from einthoven.formats.files import shown
from einthoven.formats.hdf5_rows import MAGIC, data_set, holds, opened, rows
from einthoven.formats.text import clean
from einthoven.formats.told import NOTHING, RECORD_MARK, Told, not_used

RATE = 400.0
SAMPLES = 4096
_MOST_EXAMS = 1_000_000
_NAME = "CODE-15 HDF5"


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file is HDF5 with tracings; any HDF5 where h5py is missing, so that reading it can say so."""
    if not could_be(head):
        return False
    try:
        with opened(path) as file:
            return holds(file, "tracings")
    except MissingPackageError:
        return True
    except FormatError:
        return False


def could_be(head: bytes) -> bool:
    """Whether the file is HDF5 at all."""
    return head.startswith(MAGIC)


def exams(path: Path) -> list[str]:
    """The names of the ECGs in a file, in its order; errors as `read`."""
    with opened(path) as file:
        return [str(exam) for exam in dict.fromkeys(_layout(file, path)[0].tolist()) if exam]


def read(path: Path, told: Told = NOTHING) -> ECG:
    """Reads one ECG: the only one, or that of the exam which `told.record` names.

    Raises:
        FormatError: several, and none is named; or another layout than CODE-15's.
        FileError: no exam of that name.
        MissingPackageError: h5py is not installed.
        And what `einthoven.formats.hdf5_rows` raises.
    """
    with opened(path) as file:
        numbers, tracings = _layout(file, path)
        place = _place(numbers, path, told.record)
        with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold becomes a gap in the ECG
            signal, notices = _unpadded(rows(tracings, place, place + 1)[0].T.astype(np.float32))
    if told.anything:
        notices.append(not_used(_NAME))
    return ECG(signal, RATE, LEADS, notices=notices, format=_NAME)


def _layout(file: Any, path: Path) -> tuple[Ints, Any]:
    """The exams' numbers (N,), 0 where a row is none, and the data set of their tracings."""
    tracings, found = data_set(file, "tracings"), data_set(file, "exam_id")
    if tracings is None or tracings.shape[1:] != (SAMPLES, len(LEADS)):
        shape = "" if tracings is None else f" but {tracings.shape}"
        raise FormatError(
            f"'{shown(path)}' is HDF5 without tracings of (N, {SAMPLES}, {len(LEADS)}){shape}.",
            "Of HDF5 files only CODE-15%'s own are read.",
        )
    if found is None or found.dtype.kind not in "iu" or found.shape != tracings.shape[:1]:
        raise FormatError(f"'{shown(path)}' names no exam for each of its tracings.", "Use CODE-15%'s own files.")
    if not 0 < len(found) <= _MOST_EXAMS:
        raise FormatError(f"'{shown(path)}' holds {len(found)} exams.", f"1 to {_MOST_EXAMS} are read.")
    return rows(found, 0, len(found)), tracings


def _place(exams: Ints, path: Path, record: str | None) -> int:
    """The row that is meant."""
    there = np.flatnonzero(exams)
    if record is None:
        if len(there) != 1:
            example = f"{shown(path)}{RECORD_MARK}{exams[there[0]] if len(there) else 'EXAM_ID'}"
            raise FormatError(
                f"'{shown(path)}' holds {counted(len(there))}.", f"Name one by its exam, for example '{example}'."
            )
        return int(there[0])
    number = int(record) if record.isascii() and record.isdigit() and len(record) < 19 else 0
    places = np.flatnonzero((exams == number) & (exams != 0))
    if len(places) != 1:
        many = "no exam" if not len(places) else f"{len(places)} exams"
        raise FileError(f"'{shown(path)}' holds {many} '{clean(record, 40)}'.", "Name one of its exams by its exam_id.")
    return int(places[0])


def _unpadded(signal: Signal) -> tuple[Signal, list[Notice]]:
    """The samples without the zeros before and after them."""
    live = np.flatnonzero((signal != 0).any(axis=0))  # NaN is no zero
    if not live.size:
        raise SignalError("The exam holds nothing but zeros.", "Choose another exam.")
    start, stop = int(live[0]), int(live[-1]) + 1
    if stop - start == signal.shape[1]:
        return signal, []
    text = f"Zeros that pad the recording were cut off: {start} before it, {signal.shape[1] - stop} after it."
    return np.ascontiguousarray(signal[:, start:stop]), [Notice("padding", text)]
