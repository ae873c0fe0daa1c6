"""Writing one ECG to a file; the suffix or a named format chooses how."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from einthoven.ecg import ECG, Notice, SignalError, UsageError
from einthoven.formats.files import shown
from einthoven.formats.limits import MOST_BYTES
from einthoven.formats.write import aecg, dicom, table, wfdb
from einthoven.formats.write.encoded import Encoded, stored_leads
from einthoven.formats.write.place import placed


class Writer(Protocol):
    """What a format's module offers."""

    def encode(self, ecg: ECG, name: str) -> Encoded:
        """The ECG as bytes; `name` is that of the output without its suffix."""


FORMATS: Mapping[str, Writer] = {"wfdb": wfdb, "dicom": dicom, "csv": table, "aecg": aecg}
"""The formats that are written, by the name that `format` takes."""

_SUFFIXES = {".hea": "wfdb", "": "wfdb", ".dcm": "dicom", ".csv": "csv", ".xml": "aecg"}

_FEWEST_BYTES = 2  # a sample, in any of the formats


@dataclass(frozen=True)
class Written:
    """What was written: the files (of a WFDB record its header first), and all that `Encoded` says of them."""

    paths: tuple[Path, ...]
    encoded: Encoded

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What the format could not hold, or holds more coarsely."""
        return self.encoded.notices


def write(ecg: ECG, path: str | os.PathLike[str], format: str | None = None, overwrite: bool = False) -> Written:
    """Writes an ECG to a file, whole or not at all.

    Only the recorded leads are stored: derived ones follow again when the file is read, missing ones stay
    missing. Samples become 16-bit integers in steps of 1 microvolt, or in the step of the converter they came
    from; what is read back differs by less than one step. CSV is exact.

    Args:
        path: `.hea` or no suffix for WFDB (`.hea` and `.dat`), `.dcm` for DICOM, `.csv`, `.xml` for HL7 aECG.
        format: "wfdb", "dicom", "csv" or "aecg", whatever the suffix.
        overwrite: whether a file of that name is replaced.

    Raises:
        UsageError: no such format, or a suffix that names none.
        SignalError: voltages are unknown (`calibrated=False`), or the format cannot hold the signal.
        FileError: the file exists, or cannot be written.
    """
    with writing(ecg, path, format, overwrite) as (written, _):
        return written


@contextmanager
def writing(
    ecg: ECG, path: str | os.PathLike[str], format: str | None = None, overwrite: bool = False
) -> Iterator[tuple[Written, Path]]:
    """As `write`, with a look at the finished file before it takes its place: an exception keeps it out.

    Yields:
        What is about to be written, and where the finished file (a record's header) lies until then.
    """
    where = Path(path)
    encoded = encode(ecg, where, format)
    targets = _targets(where, encoded)
    with placed(dict(zip(targets, encoded.files.values(), strict=True)), overwrite) as ready:
        yield Written(targets, encoded), ready[0]


def encode(ecg: ECG, path: Path, format: str | None = None) -> Encoded:
    """The bytes that `write` puts at a path; errors as there, but for those of the disk."""
    writer = FORMATS[_chosen(path, format)]
    if not ecg.calibrated:
        raise SignalError(
            "The ECG's gain is unknown, and every format that is written states one.",
            "Read it from a file that states its gain, or build an ECG in mV.",
        )
    _check_size(ecg.samples * len(stored_leads(ecg)) * _FEWEST_BYTES)
    encoded = writer.encode(ecg, _bare(path).name)
    _check_size(sum(map(len, encoded.files.values())))
    return encoded


def _check_size(size: int) -> None:
    """Refuses what `read` would refuse."""
    if size > MOST_BYTES:
        raise SignalError(
            f"The recording would take {size / 2**20:.0f} MB or more; at most {MOST_BYTES / 2**20:g} MB are read.",
            "Cut out the part of interest first.",
        )


def _chosen(path: Path, format: str | None) -> str:
    if not path.name:
        raise UsageError("The output has no name.", "Name a file.")
    if format is not None:
        if format.lower() not in FORMATS:
            raise UsageError(f"'{format}' is no format that is written.", f"Use one of {', '.join(FORMATS)}.")
        return format.lower()
    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(
            f"The suffix of '{shown(path)}' names no format that is written.",
            "Use .hea or no suffix (WFDB), .dcm, .csv or .xml (HL7 aECG), or name the format.",
        )
    return _SUFFIXES[path.suffix.lower()]


def _bare(path: Path) -> Path:
    return path.with_suffix("") if path.suffix.lower() in {".hea", ".dat"} else path


def _targets(path: Path, encoded: Encoded) -> tuple[Path, ...]:
    """Where the files go: a single one to the path itself, those of a record beside each other."""
    if len(encoded.files) == 1:
        return (path,)
    bare = _bare(path)
    return tuple(bare.with_name(bare.name + suffix) for suffix in encoded.files)
