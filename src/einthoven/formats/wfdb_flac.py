"""WFDB's compressed sample formats 508, 516 and 524: a FLAC stream of 8, 16 or 24 bits, a channel for each signal."""

from __future__ import annotations

from io import BytesIO
from typing import NamedTuple

from einthoven.ecg import FormatError, MissingPackageError, TruncatedError
from einthoven.formats.limits import check_values
from einthoven.formats.wfdb_encoding import Integers

BITS = {508: 8, 516: 16, 524: 24}
"""Bits a sample, by WFDB's number of the format."""

_FIRST_FRAME = 42  # after the mark and the block that describes the stream


class Stream(NamedTuple):
    """What a FLAC stream says of itself: `samples` in each channel."""

    channels: int
    bits: int
    samples: int


def stream_of(data: bytes, most_bits: int) -> Stream:
    """The stream in a FLAC file, from its first block.

    Raises:
        FormatError: not FLAC, of unknown length, or of more bits than `most_bits`.
        UnsafeFileError: more samples than any ECG has.
    """
    if data[:4] != b"fLaC" or len(data) < _FIRST_FRAME or data[4] & 0x7F or data[5:8] != b"\0\0\x22":
        raise FormatError("The WFDB signal file is not FLAC, as its header says.", "Copy or export the record again.")
    packed = int.from_bytes(data[18:26], "big")  # rate 20 bits, channels 3, bits 5, samples 36
    found = Stream((packed >> 41 & 7) + 1, (packed >> 36 & 31) + 1, packed & (2**36 - 1))
    if found.bits > most_bits or found.bits not in {8, 16, 24} or not found.samples:
        raise FormatError(
            f"The FLAC file holds samples of {found.bits} bits and unknown or other length than WFDB writes.",
            "Write the record again.",
        )
    check_values(found.channels, found.samples)
    return found


def decode(data: bytes, stream: Stream, start: int, count: int) -> Integers:
    """`count` samples of each channel from sample `start` on: (channels, count) int32.

    Raises:
        MissingPackageError: soundfile is not installed.
        FormatError, TruncatedError: a damaged stream.
    """
    try:
        import soundfile
    except (ImportError, OSError) as error:  # OSError: the package without its library
        raise MissingPackageError(
            "FLAC-compressed WFDB signals need the package soundfile.", "Install it: pip install 'einthoven[formats]'."
        ) from error
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            file.seek(start)
            table = file.read(count, dtype="int32", always_2d=True)
    except (soundfile.SoundFileError, OSError, TypeError, ValueError) as error:
        raise FormatError("The FLAC file of the WFDB record is damaged.", "Copy or export it again.") from error
    if table.shape != (count, stream.channels):
        raise TruncatedError(
            f"The FLAC file holds {len(table)} of the {count} samples that it announces.",
            "Copy or export the record again.",
        )
    raw: Integers = table.T >> 32 - stream.bits  # soundfile fills 32 bits from the top
    return raw
