"""WFDB records: a text header (`.hea`) and the signal files it names (`.dat`, `.mat`, any suffix).

Only what lies in the header's own folder is opened.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from einthoven.ecg import ECG, EinthovenError, FileError, FormatError, Notice, UnsafeFileError, canonical
from einthoven.formats.files import read_head, shown
from einthoven.formats.heart_size import is_microvolt
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.wfdb_comments import device_in, read_comments
from einthoven.formats.wfdb_header import Header, Segments, is_header, parse_header
from einthoven.formats.wfdb_segments import MOST_HEADER_BYTES, read_segments
from einthoven.formats.wfdb_signal import Samples, read_signal


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
        text = read_head(beside, MOST_HEADER_BYTES)
    except FileError:  # a missing, empty or unreadable neighbour says nothing about this file
        return None
    named = re.search(rb"(?m)^\s*" + re.escape(path.name.encode(errors="surrogateescape")) + rb"\s+\d", text)
    return beside if named and is_header(text) else None


def segment_headers(header_file: Path) -> list[Path]:
    """The headers of a record's segments, which are parts of it and no ECGs of their own; none for most records."""
    head = read_head(header_file, MOST_HEADER_BYTES)
    try:
        header = parse_header(head) if b"/" in head.split(b"\n", 1)[0] else None
    except EinthovenError:  # whoever reads it gets the reason
        header = None
    parts = header.parts if isinstance(header, Segments) else ()
    return [header_file.with_name(name + ".hea") for name, _ in parts if "/" not in name]


def read(path: Path) -> ECG:
    """Reads a WFDB record by its header or one of its signal files; errors as `einthoven.formats.read`."""
    data = read_head(path, MOST_HEADER_BYTES + 1)
    header_file = path if is_header(data[:4096]) else header_path(data, path)
    if header_file is None:
        raise FormatError(
            f"'{shown(path)}' is neither a WFDB header nor named by one beside it.", "Name the record's .hea."
        )
    if header_file is not path:
        data = read_head(header_file, MOST_HEADER_BYTES + 1)
    if len(data) > MOST_HEADER_BYTES:
        raise UnsafeFileError("The WFDB header is larger than 1 MB.", "Check that this is the right file.")
    header = parse_header(data)
    comments = header.comments
    if isinstance(header, Segments):
        samples, further = read_segments(header, header_file.parent)
        comments = comments or further
    else:
        samples = _unit_settled(read_signal(header, header_file.parent), header)
    patient, statements, more = read_comments(comments)
    return ECG(
        samples.signal,
        samples.rate,
        samples.names,
        samples.calibrated,
        patient=patient,
        time=header.time,
        device=device_in(comments),
        statements=statements,
        notices=[*_other_name(header.record, header_file), *header.notices, *samples.notices, *more],
        format="WFDB",
    )


def _unit_settled(samples: Samples, header: Header) -> Samples:
    """Samples in mV, where the header may leave the unit of the leads open.

    By header(5) mV is then meant, but some writers mean microvolt. The samples are taken for that only where no other
    unit gives a heart's voltages.
    """
    stated = any(channel.units for channel in header.channels if canonical(channel.name))
    leads = [row for row, name in enumerate(samples.names) if canonical(name)]
    if stated or not samples.calibrated or not leads or not is_microvolt(samples.signal[leads], samples.rate):
        return samples
    text = "The header states no unit, and in mV no heart makes such voltages: the samples were read as microvolt."
    notices = [*samples.notices, Notice("repaired-unit", text)]
    return samples._replace(signal=np.multiply(samples.signal, np.float32(1e-3)), notices=notices)


def _other_name(record: str, path: Path) -> list[Notice]:
    if record == path.name.removesuffix(".hea"):
        return []
    text = f"The header calls the record '{clean(record, NAME_LENGTH)}', but its file is '{shown(path)}'."
    return [Notice("other-record-name", text)]
