"""The samples of a WFDB record: signal files found, decoded and scaled to millivolt."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from einthoven.ecg import FileError, FormatError, Notice, Signal, TruncatedError, UnsafeFileError, canonical
from einthoven.formats.files import read_bytes, sibling
from einthoven.formats.limits import MOST_BYTES, check_length, check_rate
from einthoven.formats.text import clean
from einthoven.formats.wfdb_encoding import DIFFERENCES, ENCODINGS, Integers
from einthoven.formats.wfdb_flac import BITS, decode, stream_of
from einthoven.formats.wfdb_header import Channel, Header
from einthoven.formats.wfdb_scale import check_sums, scaled, scales_of


class Samples(NamedTuple):
    """`signal` (channels, samples) in mV, invalid samples NaN; units of the converter if not `calibrated`."""

    signal: Signal
    rate: float
    names: tuple[str, ...]
    calibrated: bool
    notices: list[Notice]
    size: int
    """Bytes of the signal files."""


class _File(NamedTuple):
    """A signal file as it lies on disk: `frames` that it holds, and what decodes that many of them."""

    bits: int
    invalid: int | None
    frames: int
    decode: Callable[[int], Integers]


def read_signal(header: Header, folder: Path, most: int = MOST_BYTES) -> Samples:
    """The record's samples, of the channels that have as many samples a frame as the leads have.

    Args:
        header: what the header says.
        folder: where it lies; signal files are looked for nowhere else.
        most: bytes that its signal files may have together.

    Raises:
        FileError: a signal file is missing.
        UnsafeFileError: a signal file outside the folder, or too many bytes or samples.
        FormatError: a sample format that is not read, leads of different rates.
        TruncatedError: fewer samples than the header promises.
        MissingPackageError: FLAC without the package that reads it.
        SignalError: a rate or length that no ECG has.
    """
    per_frame, notices = _per_frame(header.channels)
    check_rate(header.rate * per_frame)
    kept = tuple(channel for channel in header.channels if channel.per_frame == per_frame)
    scales, calibrated, more = scales_of(kept)
    notices += more
    parts: list[Signal] = []
    frames, left, start = header.samples, most, 0
    for name, members in _files(header.channels):
        channels = tuple(channel for channel in members if channel.per_frame == per_frame)
        if not channels:
            continue
        data = _content(folder, name, left)
        left -= len(data)
        file = _file(data, members, per_frame)
        if frames is None:
            frames = file.frames
            check_length(frames * per_frame, header.rate * per_frame)
        notices += _fits(name, file.frames, frames)
        raw = file.decode(frames)
        notices += check_sums(channels, raw)
        stop = start + len(channels)
        part, marked = scaled(raw, channels, scales[start:stop], file.invalid, per_frame, calibrated)
        parts.append(part)
        notices += marked
        start = stop
    signal = parts[0] if len(parts) == 1 else np.concatenate(parts)
    names = tuple(channel.name for channel in kept)
    return Samples(signal, header.rate * per_frame, names, calibrated, notices, most - left)


def _per_frame(channels: tuple[Channel, ...]) -> tuple[int, list[Notice]]:
    """Samples a frame of the leads; a notice when other channels have more or fewer and are left out."""
    counts = {channel.per_frame for channel in channels if canonical(channel.name)}
    if len(counts) > 1:
        raise FormatError(
            "The leads of the WFDB record are sampled at different rates.", "Convert the record to one rate."
        )
    per_frame = counts.pop() if counts else channels[0].per_frame
    others = [channel.name for channel in channels if channel.per_frame != per_frame]
    if not others:
        return per_frame, []
    return per_frame, [Notice("other-rates", f"Channels of another rate left out: {', '.join(others)}.")]


def _files(channels: tuple[Channel, ...]) -> list[tuple[str, tuple[Channel, ...]]]:
    """The signal files in order, each with its channels."""
    files = [(name, tuple(members)) for name, members in groupby(channels, attrgetter("file"))]
    names = [name for name, _ in files]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise FormatError(
            f"The signals of '{clean(twice, 80)}' are not named one after the other.",
            "Sort the header's signal lines by file.",
        )
    return files


def _content(folder: Path, name: str, left: int) -> bytes:
    path = sibling(folder, name)
    try:
        return read_bytes(path, left)
    except FileError as error:
        raise FileError(
            f"The header's signal file cannot be read: {error.message}",
            "A WFDB record is its .hea and its signal files together, in one folder.",
        ) from error
    except UnsafeFileError as error:
        raise UnsafeFileError(
            f"The record's signal files together exceed {MOST_BYTES / 2**20:g} MB.",
            "Cut out the part of interest first.",
        ) from error


def _file(data: bytes, members: tuple[Channel, ...], per_frame: int) -> _File:
    form, offset = members[0].format, members[0].offset
    if any((member.format, member.offset) != (form, offset) for member in members):
        raise FormatError(
            "The signals of one WFDB file differ in format or offset.", "Copy or export the record again."
        )
    if form in BITS:
        return _flac_file(data, members, per_frame)
    encoding = ENCODINGS.get(form)
    if encoding is None:
        raise FormatError(
            f"The WFDB sample format {form} is not read.",
            f"Convert the record to one of the formats {', '.join(map(str, (*ENCODINGS, *BITS)))}.",
        )
    width = sum(member.per_frame for member in members)

    def decode_plain(frames: int) -> Integers:
        table = encoding.decode(data, offset, width * frames).reshape(frames, width)
        raw = np.ascontiguousarray(table.T) if width == len(members) else _rows(table, members, per_frame)
        if form != DIFFERENCES:
            return raw
        first = [[member.initial] for member in members if member.per_frame == per_frame]
        return np.cumsum(raw, axis=1, dtype=np.int64) + np.array(first, np.int64)

    frames = encoding.capacity(max(len(data) - offset, 0)) // width
    return _File(encoding.bits, encoding.invalid, frames, decode_plain)


def _rows(table: Integers, members: tuple[Channel, ...], per_frame: int) -> Integers:
    """The channels with `per_frame` samples in a row of the table, one after the other in time."""
    ends = np.cumsum([member.per_frame for member in members]).tolist()
    return np.stack(
        [
            table[:, end - per_frame : end].reshape(-1)
            for end, member in zip(ends, members, strict=True)
            if member.per_frame == per_frame
        ]
    )


def _flac_file(data: bytes, members: tuple[Channel, ...], per_frame: int) -> _File:
    stream = stream_of(data, BITS[members[0].format])
    if stream.channels != len(members) or any(member.per_frame != per_frame for member in members):
        raise FormatError(
            f"The FLAC file holds {stream.channels} channels of one rate; the header names {len(members)} for it.",
            "Copy or export the record again.",
        )
    start = members[0].offset  # in samples, not in bytes
    invalid = -(2 ** (BITS[members[0].format] - 1))
    frames = max(stream.samples - start, 0) // per_frame
    return _File(stream.bits, invalid, frames, lambda wanted: decode(data, stream, start, wanted * per_frame))


def _fits(name: str, there: int, frames: int) -> list[Notice]:
    """Refuses a file that is too short; a notice for one that is longer than its header says."""
    if there < frames:
        raise TruncatedError(
            f"'{clean(name, 80)}' holds {there} of the {frames} samples in its header.",
            "Copy or export the record again."
            + (f" If this is all there is, write {there} as the length in the header to read it." if there else ""),
        )
    if there == frames:
        return []
    text = f"'{clean(name, 80)}' holds {there} samples; the header's {frames} were read."
    return [Notice("longer-file", text)]
