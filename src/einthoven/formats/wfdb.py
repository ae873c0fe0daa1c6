"""WFDB records: a text header (`.hea`) and the signal files it names (`.dat`, `.mat`, any suffix).

Only what lies in the header's own folder is opened.
"""

from __future__ import annotations

import re
from pathlib import Path

from einthoven.ecg import ECG, FileError, FormatError, Notice, UnsafeFileError
from einthoven.formats.files import read_head, shown
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.wfdb_comments import read_comments
from einthoven.formats.wfdb_header import is_header, parse_header
from einthoven.formats.wfdb_signal import read_signal

_MOST_HEADER_BYTES = 2**20


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file is a header, or a signal file that a header beside it names."""
    return header_path(head, path) is not None


def header_path(head: bytes, path: Path) -> Path | None:
    """The header of the record that a file belongs to, None when it belongs to none."""
    if is_header(head):
        return path
    beside = path.with_suffix(".hea")
    if beside == path:
        return None
    try:
        text = read_head(beside, _MOST_HEADER_BYTES)
    except FileError:  # a missing, empty or unreadable neighbour says nothing about this file
        return None
    named = re.search(rb"(?m)^\s*" + re.escape(path.name.encode(errors="surrogateescape")) + rb"\s+\d", text)
    return beside if named and is_header(text) else None


def read(path: Path) -> ECG:
    """Reads a WFDB record by its header or one of its signal files; errors as `einthoven.formats.read`."""
    data = read_head(path, _MOST_HEADER_BYTES + 1)
    header_file = path if is_header(data[:4096]) else header_path(data, path)
    if header_file is None:
        raise FormatError(
            f"'{shown(path)}' is neither a WFDB header nor named by one beside it.", "Name the record's .hea."
        )
    if header_file is not path:
        data = read_head(header_file, _MOST_HEADER_BYTES + 1)
    if len(data) > _MOST_HEADER_BYTES:
        raise UnsafeFileError("The WFDB header is larger than 1 MB.", "Check that this is the right file.")
    header = parse_header(data)
    signal, calibrated, notices = read_signal(header, header_file.parent)
    patient, statements, more = read_comments(header.comments)
    return ECG(
        signal,
        header.rate,
        [channel.name for channel in header.channels],
        calibrated,
        patient=patient,
        time=header.time,
        statements=statements,
        notices=[*_other_name(header.record, header_file), *header.notices, *notices, *more],
        format="WFDB",
    )


def _other_name(record: str, path: Path) -> list[Notice]:
    if record == path.name.removesuffix(".hea"):
        return []
    text = f"The header calls the record '{clean(record, NAME_LENGTH)}', but its file is '{shown(path)}'."
    return [Notice("other-record-name", text)]
