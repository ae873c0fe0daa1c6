"""From the integers of a WFDB record to millivolt: gain, baseline, invalid samples, skew, checksums."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Floats, FormatError, Notice, Signal, canonical
from einthoven.formats.sentinels import void
from einthoven.formats.units import MILLIVOLTS
from einthoven.formats.wfdb_encoding import Integers
from einthoven.formats.wfdb_header import Channel


def scales_of(channels: tuple[Channel, ...]) -> tuple[Floats, bool, list[Notice]]:
    """Millivolt for a unit of each channel (channels, 1); all ones when a lead's is unknown.

    One lead without a gain makes the record uncalibrated: leads in different units would
    be worse than none in millivolt. Other channels (respiration, pressure) do not count.
    """
    scales = np.ones((len(channels), 1))
    unknown = []
    for row, channel in enumerate(channels):
        volts = MILLIVOLTS.get(channel.units.lower() or "mv")
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


def scaled(
    raw: Integers,
    channels: tuple[Channel, ...],
    scales: Floats,
    invalid: int | None,
    per_frame: int = 1,
    calibrated: bool = True,
) -> tuple[Signal, list[Notice]]:
    """(channels, samples) in mV, and notices; where `raw` is `invalid` or a device's mark for no sample
    (`einthoven.formats.sentinels`), and what a skew leaves empty, is NaN."""
    values = np.empty(raw.shape, np.float32)
    for row, channel in enumerate(channels):  # rounded once, so that the same ECG is the same in another format
        exact = raw[row].astype(np.float64)
        exact -= channel.baseline
        exact *= scales[row]
        values[row] = exact
    if invalid is not None and int(raw.min()) == invalid:
        values[raw == invalid] = np.nan
    notices = void(values, raw, [channel.name for channel in channels], calibrated)
    for row, channel in enumerate(channels):
        if late := channel.skew * per_frame:  # this signal lags by so many samples in the file
            values[row, :-late] = values[row, late:].copy()
            values[row, -late:] = np.nan
    return values, notices


def check_sums(channels: tuple[Channel, ...], raw: Integers) -> list[Notice]:
    """A notice for channels whose samples do not add up to the header's checksum."""
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
