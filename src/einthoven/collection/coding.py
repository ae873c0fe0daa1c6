"""Samples as int16: 24 kB for ten seconds at 100 Hz, exact to the microvolt."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import CollectionError, Floats, Signal

GAP = -32768
LARGEST = 32767
MICROVOLT = 0.001
FINEST_EXPONENT = -100  # keeps units per mV within float32


def scale_for(signal: Signal, calibrated: bool) -> float:
    """The value of one int16 unit, chosen so that the signal does not clip.

    Calibrated: 0.001 mV, doubled until the largest sample fits (above 32.767 mV).
    Uncalibrated: a power of two that just fits, since a microvolt means nothing there;
    whole counts up to 32767 stay exact and small floats keep 15 bits.

    Args:
        signal: (12, samples), mV or unscaled units; NaN is a gap.
    """
    largest = float(np.nanmax(np.abs(signal)))
    if not calibrated:
        return 2.0 ** max(math.frexp(largest / LARGEST)[1], FINEST_EXPONENT)
    scale = MICROVOLT
    while largest > LARGEST * scale:
        scale *= 2
    return scale


def encode(signal: Signal, calibrated: bool) -> tuple[bytes, float]:
    """int16 little-endian bytes of (12, samples) in C order, and the value of one unit."""
    scale = scale_for(signal, calibrated)
    # In float32, as ECG.sha256 rounds: the stored ECG keeps its hash.
    units = np.rint(signal * np.float32(1 / scale))
    np.nan_to_num(units, copy=False, nan=GAP)
    return units.astype("<i2").tobytes(), scale


def decode(raw: bytes, scale: float) -> Signal:
    """The samples (12, samples) as float32 in mV (or unscaled units), gaps as NaN.

    >>> raw, scale = encode(np.full((12, 2), 0.123, np.float32), calibrated=True)
    >>> decode(raw, scale)[0]
    array([0.123, 0.123], dtype=float32)

    Raises:
        CollectionError: bytes that are not 12 rows of int16.
    """
    if not raw or len(raw) % 24:
        raise CollectionError(
            f"A stored signal of {len(raw)} bytes is not 12 rows of int16.",
            "The row is damaged: remove it and add its ECG again.",
        )
    signal: Signal = decode_block(np.frombuffer(raw, "<i2").reshape(1, 12, -1), np.array([scale]))[0]
    return signal


def decode_block(units: NDArray[np.int16], scales: Floats) -> Signal:
    """Samples (n, 12, samples) from int16 units of the same shape and scales (n,)."""
    signal = units.astype(np.float32)
    # Dividing by units per mV, rather than multiplying by mV per unit, gives the float32
    # nearest to the decimal: a microvolt comes back bit for bit.
    signal /= (1 / scales).astype(np.float32)[:, None, None]
    signal[units == GAP] = np.nan
    return signal
