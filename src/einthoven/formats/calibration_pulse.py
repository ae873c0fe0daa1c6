"""The calibration pulse that some devices write into all leads at once, at the end or the beginning of a recording."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from einthoven.ecg import Bools, Floats, Notice, Signal, SignalError, canonical

_FEWEST_LEADS = 6  # equality of fewer leads proves nothing
_EQUAL_MV = 0.001  # rounding; the device writes the pulse, it does not record it
_SHORTEST_S = 0.2  # of leads that are all equal, and of them ...
_SHORTEST_PULSE_S = 0.08  # ... on the plateau
_LOWEST_MV, _HIGHEST_MV = 0.1, 5.0
_STEEP_SHARE = 0.1  # samples on the flanks
_STANDARD_MV = 1.0


def cut_calibration(signal: Signal, names: Sequence[str], rate: float, calibrated: bool) -> tuple[Signal, list[Notice]]:
    """The signal without a calibration pulse at its ends, and a notice that names what was cut.

    A pulse is a stretch in which all leads hold the same values, a rectangle on a flat line. No heart makes that:
    III = II - I leaves only zero for leads that are all equal.

    Args:
        signal: (channels, samples), mV; other units with `calibrated=False`.
        names: of the channels; those that are none of the twelve leads do not count.
        rate: samples a second.

    Raises:
        SignalError: there is nothing but the pulse.
    """
    rows = [row for row, name in zip(signal, names, strict=True) if canonical(name)]
    if len(rows) < _FEWEST_LEADS:
        return signal, []
    leads = np.stack(rows)
    equal = np.ptp(leads, axis=0) <= (_EQUAL_MV if calibrated else 0.0)  # false beside NaN
    if equal.all():
        start, stop, heights = _whole(leads[0], rate, calibrated)
    else:
        first, last = _ends(equal)
        head = _height(leads[0, :first], rate, calibrated)
        tail = _height(leads[0, last:], rate, calibrated)
        start, stop = first if head else 0, last if tail else leads.shape[1]
        heights = [height for height in (head, tail) if height]
    if not heights:
        return signal, []
    samples = signal.shape[1]
    where = " and ".join(
        ([f"before {start / rate:g} s"] if start else []) + ([f"from {stop / rate:g} s on"] if stop < samples else [])
    )
    unit = "mV" if calibrated else "units of the file"
    text = f"A calibration pulse of {heights[0]:.3g} {unit} in all leads ({where}) was cut off."
    notices = [Notice("calibration-pulse", text)]
    if calibrated and any(abs(height - _STANDARD_MV) > 0.05 for height in heights):
        text = "The calibration pulse is not 1 mV high: the file's gain may be wrong."
        notices.append(Notice("calibration-height", text))
    return signal[:, start:stop], notices


def _whole(row: Floats, rate: float, calibrated: bool) -> tuple[int, int, list[float]]:
    """A recording of equal leads throughout: refused as a pulse, left alone as a flat line."""
    if _height(row, rate, calibrated):
        raise SignalError("The recording holds a calibration pulse and no ECG.", "Choose another recording.")
    return 0, len(row), []


def _ends(equal: Bools) -> tuple[int, int]:
    """How many samples at the beginning are equal, and where those at the end begin."""
    different = np.flatnonzero(~equal)
    return int(different[0]), int(different[-1]) + 1


def _height(row: Floats, rate: float, calibrated: bool) -> float | None:
    """The height of the pulse that a stretch of equal leads is, None when it is none."""
    if len(row) < _SHORTEST_S * rate:
        return None
    low, high = float(row.min()), float(row.max())
    height = high - low
    if not (_LOWEST_MV <= height <= _HIGHEST_MV if calibrated else height > 0):
        return None
    top = row >= high - 0.05 * height
    flanks = np.count_nonzero(~top & (row > low + 0.05 * height))
    long_enough = np.count_nonzero(top) >= _SHORTEST_PULSE_S * rate
    return height if long_enough and not top.all() and flanks <= _STEEP_SHARE * len(row) else None
