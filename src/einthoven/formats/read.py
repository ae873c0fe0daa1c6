"""Reading one ECG from one file; content decides what it is, never the suffix."""

from __future__ import annotations

import os
from pathlib import Path

from einthoven.ecg import ECG, FileError, FormatError
from einthoven.formats.content import looks_like
from einthoven.formats.files import read_head, shown
from einthoven.formats.registry import FORMATS

HEAD = 4096
"""How many bytes a format may look at to recognise its files."""


def read(path: str | os.PathLike[str]) -> ECG:
    """Reads a 12-lead ECG.

    Args:
        path: a file of one of the `FORMATS`; of a WFDB record its header, one of its signal
            files, or its path without suffix.

    Returns:
        The ECG: (12, samples) float32 mV; `ecg.format` is its key in `FORMATS`,
        `ecg.notices` says what was unusual.

    Raises:
        FileError: missing, a folder, empty, a pipe or device, not permitted.
        FormatError: no ECG file, or of a kind that is not read.
        TruncatedError: cut short.
        UnsafeFileError: too large, or its header names files outside its folder.
        SignalError: leads, length or rate that no 12-lead ECG has.
    """
    where = located(Path(path))
    head = read_head(where, HEAD)
    for form in FORMATS.values():
        if form.sniff(head, where):
            return form.read(where)
    raise FormatError(
        f"'{shown(where)}' is no ECG file that Einthoven reads; it looks like {looks_like(head)}.",
        f"Read are {', '.join(FORMATS)}; a WFDB signal file needs the .hea that names it beside it.",
    )


def located(path: Path) -> Path:
    """`path` itself, or the header of the WFDB record that is meant by a path without suffix."""
    try:
        if not os.path.lexists(path) and (header := path.with_name(path.name + ".hea")).exists():
            return header
    except (OSError, ValueError) as error:  # no name at all, or one too long
        raise FileError(f"'{shown(path)}' cannot be opened.", "Check the path.") from error
    return path
