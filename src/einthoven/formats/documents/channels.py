"""From the channels of a document to the record: the rhythm is chosen, scaled, and what was unusual is named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np

from einthoven.ecg import (
    ECG,
    EinthovenError,
    FormatError,
    Notice,
    Patient,
    Signal,
    Statement,
    canonical,
)
from einthoven.formats.calibration_pulse import cut_calibration
from einthoven.formats.choice import RHYTHM_SECONDS, coverage, is_beat
from einthoven.formats.documents.samples import Samples
from einthoven.formats.limits import check_channels, check_length, check_rate
from einthoven.formats.text import NAME_LENGTH, clean

_MOST_BLOCKS = 64
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel: value in mV = `raw` (samples,) x `scale` + `offset`.

    `scale` is None where the file states none in volts; samples equal to `invalid` are none.
    """

    name: str
    raw: Samples
    scale: float | None
    offset: float = 0.0
    invalid: int | None = None


@dataclass(frozen=True, eq=False)
class Block:
    """Channels recorded together.

    Args:
        label: what the file calls them. notices: what was unusual in them.
        interpreted: whether what the file states and measures is of them, where it holds others as well.
    """

    label: str
    rate: float
    channels: tuple[Channel, ...]
    notices: tuple[Notice, ...] = ()
    interpreted: bool = False

    def __post_init__(self) -> None:
        check_rate(self.rate)
        check_channels(len(self.channels))
        if not self.channels:
            raise FormatError("The file holds no waveform.", "Export the ECG with its rhythm strip.")
        lengths = {len(channel.raw) for channel in self.channels}
        check_length(max(lengths), self.rate)
        if len(lengths) > 1:
            raise FormatError(
                f"The leads differ in length: {min(lengths)} to {max(lengths)} samples.", "Export the ECG again."
            )

    @property
    def samples(self) -> int:
        """Samples in each channel."""
        return len(self.channels[0].raw)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return self.samples / self.rate

    @property
    def beat(self) -> bool:
        """Whether it calls itself a median or average beat."""
        return is_beat(self.label)


def readable(items: Iterable[T], block_of: Callable[[T], Block]) -> tuple[list[Block], list[Notice]]:
    """The blocks that can be read, and a notice where others cannot; a median beat stands in for no rhythm.

    Raises:
        EinthovenError: the first fault, when no rhythm is left.
        FormatError: there is nothing.
    """
    blocks: list[Block] = []
    faults: list[EinthovenError] = []
    for count, item in enumerate(items):
        if count >= _MOST_BLOCKS:
            raise FormatError(f"The file holds more than {_MOST_BLOCKS} waveforms.", "Export the resting ECG alone.")
        try:
            blocks.append(block_of(item))
        except EinthovenError as fault:
            faults.append(fault)
    if faults and all(block.beat for block in blocks):
        raise faults[0]
    if not blocks:
        raise FormatError("The file holds no waveform.", "Export the ECG with its rhythm strip.")
    return blocks, [
        Notice("group-unread", f"Another waveform of the file cannot be read: {fault.message}") for fault in faults[:1]
    ]


def to_ecg(
    blocks: Sequence[Block],
    format: str,
    patient: Patient,
    time: datetime | None,
    device: str,
    statements: Sequence[Statement],
    measured: Mapping[str, float],
    notices: Sequence[Notice],
) -> ECG:
    """The record of the best block: no median beat, long enough, most leads, that of the file's statements, longest;
    the first among equals."""
    best = max(
        blocks,
        key=lambda block: (
            not block.beat,
            block.seconds >= RHYTHM_SECONDS,
            coverage(channel.name for channel in block.channels),
            block.interpreted,
            block.seconds,
        ),
    )
    signal, calibrated, found = _scaled(best.channels)
    signal, cut = cut_calibration(signal, [channel.name for channel in best.channels], best.rate, calibrated)
    return ECG(
        signal,
        best.rate,
        [channel.name for channel in best.channels],
        calibrated,
        patient=patient,
        time=time,
        device=clean(device, 2 * NAME_LENGTH) or None,
        statements=statements,
        notices=[*notices, *best.notices, *_left_out(best, blocks), *found, *cut],
        format=format,
        measured=measured,
    )


def _left_out(best: Block, blocks: Sequence[Block]) -> list[Notice]:
    found = []
    if best.beat:
        found.append(Notice("median-beat", f"The file holds no rhythm, only '{clean(best.label, NAME_LENGTH)}'."))
    if left := [block for block in blocks if block is not best and not block.beat]:
        text = f"Read the waveform of {best.seconds:g} s; {len(left)} other waveform(s) of the file were left out."
        found.append(Notice("groups-left-out", text))
    return found


def _scaled(channels: Sequence[Channel]) -> tuple[Signal, bool, list[Notice]]:
    """(channels, samples) in mV; in the file's units, uncalibrated, when a lead's scale is unknown."""
    unknown = [
        channel.name
        for channel in channels
        if canonical(channel.name) and (channel.scale is None or not 1e-20 < abs(channel.scale) < 1e9)
    ]
    signal = np.empty((len(channels), len(channels[0].raw)), np.float32)
    for row, channel in zip(signal, channels, strict=True):
        values = channel.raw.astype(np.float64)
        if not unknown and channel.scale is not None:
            values = values * channel.scale + channel.offset
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and a gap in the ECG
            row[:] = values
        if channel.invalid is not None:
            row[channel.raw == channel.invalid] = np.nan
    if not unknown:
        return signal, True, []
    text = f"The file states no unit in volts for {', '.join(unknown)}; samples are in its own units."
    return signal, False, [Notice("no-gain", text)]
