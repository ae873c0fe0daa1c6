"""The samples of a WFDB record: signal files found, decoded and scaled to millivolt."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from pathlib import Path

import numpy as np

from einthoven.ecg import (
    FileError,
    Floats,
    FormatError,
    Notice,
    Signal,
    TruncatedError,
    UnsafeFileError,
    canonical,
)
from einthoven.formats.files import read_bytes, sibling
from einthoven.formats.limits import MOST_BYTES, check_length
from einthoven.formats.text import clean
from einthoven.formats.units import MILLIVOLTS
from einthoven.formats.wfdb_encoding import ENCODINGS, Encoding, Integers
from einthoven.formats.wfdb_header import Channel, Header


def read_signal(header: Header, folder: Path) -> tuple[Signal, bool, list[Notice]]:
    """The record's samples.

    Args:
        header: what the header says.
        folder: where it lies; signal files are looked for nowhere else.

    Returns:
        (channels, samples) in mV, invalid samples NaN; whether the gain is known (if not,
        units of the converter, zero at the baseline); what was unusual.

    Raises:
        FileError: a signal file is missing.
        UnsafeFileError: a signal file outside the folder, or too many bytes.
        FormatError: a sample format that is not read.
        TruncatedError: fewer samples than the header promises.
    """
    scales, calibrated, notices = _scales(header.channels)
    parts: list[Signal] = []
    length, left = header.samples, MOST_BYTES
    seen: set[str] = set()
    start = 0
    for name, group in groupby(header.channels, attrgetter("file")):
        channels = tuple(group)
        if name in seen:
            raise FormatError(
                f"The signals of '{clean(name, 80)}' are not named one after the other.",
                "Sort the header's signal lines by file.",
            )
        seen.add(name)
        data = _content(folder, name, left)
        left -= len(data)
        encoding = _encoding(channels)
        raw, more = _samples(data, channels, encoding, length, header.rate)
        length = raw.shape[1]
        notices += more + _check_sums(channels, raw)
        stop = start + len(channels)
        parts.append(_scaled(raw, channels, scales[start:stop], encoding))
        start = stop
    return (parts[0] if len(parts) == 1 else np.concatenate(parts)), calibrated, notices


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


def _encoding(channels: tuple[Channel, ...]) -> Encoding:
    if len({(channel.format, channel.offset) for channel in channels}) > 1:
        raise FormatError(
            "The signals of one WFDB file differ in format or offset.", "Copy or export the record again."
        )
    known = ENCODINGS.get(channels[0].format)
    if known is None:
        raise FormatError(
            f"The WFDB sample format {channels[0].format} is not read.",
            f"Convert the record to one of the formats {', '.join(map(str, ENCODINGS))}.",
        )
    return known


def _samples(
    data: bytes, channels: tuple[Channel, ...], encoding: Encoding, length: int | None, rate: float
) -> tuple[Integers, list[Notice]]:
    """The integers (channels, samples); the file's size gives the length that the header leaves out."""
    width, offset = len(channels), channels[0].offset
    there = max(len(data) - offset, 0) * 8 // encoding.bits // width
    if length is None:
        length = there
        check_length(length, rate)
    if there < length:
        raise TruncatedError(
            f"'{clean(channels[0].file, 80)}' holds {there} of the {length} samples in its header.",
            "Copy or export the record again.",
        )
    notices = []
    if there > length:
        text = f"'{clean(channels[0].file, 80)}' holds {there} samples; the header's {length} were read."
        notices.append(Notice("longer-file", text))
    flat = encoding.decode(data, offset, width * length)
    return np.ascontiguousarray(flat.reshape(length, width).T), notices


def _check_sums(channels: tuple[Channel, ...], raw: Integers) -> list[Notice]:
    sums = np.add.reduce(raw, axis=1, dtype=raw.dtype)  # wraps, which 16 bits of the sum survive
    wrong = [
        channel.name
        for channel, found in zip(channels, sums.tolist(), strict=True)
        if channel.checksum is not None and (channel.checksum - found) & 0xFFFF
    ]
    if not wrong:
        return []
    text = f"Checksums do not fit the samples of {', '.join(wrong)}: the signal file may have been altered."
    return [Notice("checksum", text)]


def _scales(channels: tuple[Channel, ...]) -> tuple[Signal, bool, list[Notice]]:
    """Millivolt for a unit of each channel (channels, 1); all ones when a lead's is unknown.

    One lead without a gain makes the record uncalibrated: leads in different units would
    be worse than none in millivolt. Other channels (respiration, pressure) do not count.
    """
    scales = np.ones((len(channels), 1), np.float32)
    unknown = []
    for row, channel in enumerate(channels):
        volts = MILLIVOLTS.get(channel.units.lower())
        if channel.gain is not None and volts is not None:
            scale = volts / channel.gain
            if not 1e-20 < abs(scale) < 1e9:
                raise FormatError(
                    f"The gain {channel.gain:g}/{channel.units} of channel {channel.name} is no ECG's.",
                    "Correct it in the header.",
                )
            scales[row] = scale
        elif canonical(channel.name):
            unknown.append(f"{channel.name} ({channel.units})" if volts is None else channel.name)
    if not unknown:
        return scales, True, []
    text = f"The header states no gain in volts for {', '.join(unknown)}; samples are in units of the converter."
    return np.ones_like(scales), False, [Notice("no-gain", text)]


def _scaled(raw: Integers, channels: tuple[Channel, ...], scales: Signal, encoding: Encoding) -> Signal:
    # float32 holds 16 bits exactly; wider integers must lose their baseline first.
    wide = encoding.bits > 16 or any(abs(channel.baseline) > 2**22 for channel in channels)
    values: Floats = raw.astype(np.float64 if wide else np.float32)
    if any(channel.baseline for channel in channels):
        baselines = np.array([[channel.baseline] for channel in channels], values.dtype)
        np.subtract(values, baselines, out=values)
    np.multiply(values, scales, out=values)
    if int(raw.min()) == encoding.invalid:
        values[raw == encoding.invalid] = np.nan
    for row, channel in enumerate(channels):
        if channel.skew:  # this signal lags by so many samples in the file
            values[row, : -channel.skew] = values[row, channel.skew :].copy()
            values[row, -channel.skew :] = np.nan
    return values.astype(np.float32, copy=False)
