"""WFDB records in several segments, joined in time: each segment is a record of its own beside the first header.

Of the two layouts that header(5) of the WFDB Applications Guide knows, one repeats the same signals
in every segment; the other opens with a segment of no samples that lists all signals, each later
segment holding some of them. `~` stands for a time without any.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from einthoven.ecg import FileError, FormatError, Notice, Signal, UnsafeFileError
from einthoven.formats.files import read_head, sibling
from einthoven.formats.limits import MOST_BYTES, check_channels, check_length, check_values
from einthoven.formats.text import clean
from einthoven.formats.wfdb_header import Header, Segments, parse_header
from einthoven.formats.wfdb_signal import Samples, read_signal

MOST_HEADER_BYTES = 2**20
_NOTHING = "~"


class _Part(NamedTuple):
    """A segment: where it starts, how long it is, and its header (None for a gap)."""

    start: int
    samples: int
    header: Header | None


def read_segments(header: Segments, folder: Path) -> tuple[Samples, tuple[str, ...]]:
    """The joined samples, and the comments of the segments' headers.

    Raises:
        FormatError: segments that contradict each other or the record's header.
        And what `read_signal` raises of one of them.
    """
    parts = _parts(header, folder)
    comments = tuple(dict.fromkeys(line for part in parts if part.header for line in part.header.comments))
    total = parts[-1].start + parts[-1].samples
    if header.samples not in {None, total}:
        raise FormatError(
            f"The WFDB record's segments have {total} samples together, its header says {header.samples}.",
            "Copy or export the record again.",
        )
    rows: dict[str, Signal] = {}
    read: list[Samples] = []
    left = MOST_BYTES
    for part in parts:
        if part.header is None or part.samples == 0:
            continue
        found = read_signal(part.header._replace(samples=part.samples), folder, left)
        left -= found.size
        read.append(found)
        _same_kind(found, read[0])
        factor = found.signal.shape[1] // part.samples
        check_length(total * factor, found.rate)
        check_channels(len(rows | dict.fromkeys(found.names)))
        check_values(len(rows | dict.fromkeys(found.names)), total * factor)
        _place(rows, found, part.start * factor, total * factor)
    if not read:
        raise FormatError("No segment of the WFDB record holds samples.", "Copy or export the record again.")
    gap = sum(part.samples for part in parts if part.header is None) / header.rate
    text = f"Joined from {len(read)} segments" + (f"; {gap:.3g} s between them hold nothing." if gap else ".")
    notices = {notice.text: notice for found in read for notice in found.notices}
    return (
        Samples(
            np.stack(list(rows.values())),
            read[0].rate,
            tuple(rows),
            read[0].calibrated,
            [Notice("segments", text), *notices.values()],
            MOST_BYTES - left,
        ),
        comments,
    )


def _parts(header: Segments, folder: Path) -> list[_Part]:
    parts: list[_Part] = []
    start = 0
    for name, samples in header.parts:
        check_length(max(start + samples, 1), header.rate)
        parts.append(_Part(start, samples, None if name == _NOTHING else _segment(name, samples, header, folder)))
        start += samples
    return parts


def _segment(name: str, samples: int, header: Segments, folder: Path) -> Header:
    try:
        data = read_head(sibling(folder, name + ".hea"), MOST_HEADER_BYTES + 1)
    except UnsafeFileError:
        raise
    except FileError as error:
        raise FileError(
            f"A segment's header cannot be read: {error.message}",
            "A WFDB record in segments is all of their headers and signal files together, in one folder.",
        ) from error
    if len(data) > MOST_HEADER_BYTES:
        raise UnsafeFileError("A WFDB segment's header is larger than 1 MB.", "Check that this is the right file.")
    found = parse_header(data)
    if isinstance(found, Segments):
        raise FormatError("A segment of the WFDB record has segments itself.", "Read that segment by its own .hea.")
    if found.rate != header.rate or found.samples not in {None, samples}:
        raise FormatError(
            f"The segment '{clean(name, 80)}' contradicts its record's header in rate or length.",
            "Copy or export the record again.",
        )
    return found


def _same_kind(found: Samples, first: Samples) -> None:
    if (found.rate, found.calibrated) != (first.rate, first.calibrated):
        raise FormatError(
            "The segments of the WFDB record differ in their rate, or in whether they state a gain.",
            "Read one of its segments by its own .hea.",
        )


def _place(rows: dict[str, Signal], found: Samples, start: int, total: int) -> None:
    for name, row in zip(found.names, found.signal, strict=True):
        if name not in rows:
            rows[name] = np.full(total, np.nan, np.float32)
        rows[name][start : start + len(row)] = row
