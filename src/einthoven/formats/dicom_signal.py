"""The samples of one DICOM multiplex group, scaled to millivolt.

DICOM PS3.3 C.10.9: value = (raw x sensitivity x correction factor) + baseline, in the
channel's stated unit. No sensitivity means no voltage; it is never taken to be 1.
"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Bools, Floats, FormatError, Ints, Notice, Signal, canonical
from einthoven.formats.dicom_group import Group
from einthoven.formats.units import MILLIVOLTS

_STORED = {
    (8, "SB"): "i1",
    (8, "UB"): "u1",
    (16, "SS"): "i2",
    (16, "US"): "u2",
    (32, "SL"): "i4",
    (32, "UL"): "u4",
}


def read_signal(group: Group) -> tuple[Signal, bool, list[Notice]]:
    """(channels, samples) in mV with padding as NaN, whether the gain is known, and what was unusual.

    Raises:
        FormatError: companded or 64-bit samples.
    """
    code = _STORED.get((group.bits, group.interpretation))
    if code is None:
        raise FormatError(
            f"DICOM waveforms of {group.bits} bits '{group.interpretation[:16]}' are not read.",
            "Export the ECG with 16-bit signed samples (SS).",
        )
    stored = np.dtype(code).newbyteorder(">" if group.big_endian else "<")
    table = np.frombuffer(group.data, stored).reshape(group.samples, len(group.channels)).T
    padded = _padded(table, group, stored)
    # 64-bit floats hold 32-bit samples exactly, and baselines do not cost them digits.
    values, notices = _sign_extended(table, group)
    scales, baselines, calibrated, more = _scales(group)
    values *= scales
    values += baselines
    values[padded] = np.nan
    notices += more
    if any(channel.skew for channel in group.channels):
        notices.append(Notice("skew", "The file states time skews between channels; they were not corrected."))
    if any(channel.contradicts for channel in group.channels):
        leads = ", ".join(channel.lead for channel in group.channels if channel.contradicts)
        text = f"Code and words name different leads; the code was followed for {leads}."
        notices.append(Notice("lead-names", text))
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and a gap in the ECG
        return values.astype(np.float32), calibrated, notices


def _padded(table: Ints, group: Group, stored: np.dtype[np.signedinteger]) -> Bools:
    """Where samples are the padding value.

    The least or greatest value that can be stored is padding wherever it stands. Some devices
    declare 0, which real samples cross all the time: such a value counts only where all
    channels hold it at once, or one holds nothing else.
    """
    if len(group.padding) < stored.itemsize:
        return np.zeros(table.shape, np.bool_)
    value = int(np.frombuffer(group.padding, stored, 1)[0])
    found = np.asarray(table == value)
    limits = np.iinfo(stored)
    signed_stored = {-(2 ** (c.bits_stored - 1)) for c in group.channels if c.bits_stored}
    if value in {limits.min, limits.max} - {0} or value in signed_stored:
        return found
    together = found.all(axis=0, keepdims=True) if len(table) > 1 else np.zeros_like(found[:1])
    return found & (together | found.all(axis=1, keepdims=True))


def _sign_extended(table: Ints, group: Group) -> tuple[Floats, list[Notice]]:
    """Raw values as floats. Of 12 bits stored in 16 some devices fill the rest with zeros, not the sign."""
    values = table.astype(np.float64)
    outside = []
    for row, channel in enumerate(group.channels):
        bits = channel.bits_stored
        if bits is None or not 1 < bits < group.bits:
            continue
        signed = group.interpretation in {"SS", "SL", "SB"}
        least, most = int(table[row].min()), int(table[row].max())
        if least < (-(2 ** (bits - 1)) if signed else 0) or most >= 2**bits:
            outside.append(channel.lead)
        elif signed and most >= 2 ** (bits - 1):
            values[row] -= np.where(values[row] >= 2 ** (bits - 1), 2.0**bits, 0.0)
    if not outside:
        return values, []
    text = f"Samples use more bits than the file says it stores, in {', '.join(outside)}; all bits were read."
    return values, [Notice("bits-stored", text)]


def _scales(group: Group) -> tuple[Floats, Floats, bool, list[Notice]]:
    """Factors and offsets in mV (channels, 1); 1 and 0 for all when a lead's gain is unknown."""
    scales = np.ones((len(group.channels), 1), np.float64)
    baselines = np.zeros_like(scales)
    unknown = []
    for row, channel in enumerate(group.channels):
        volts = MILLIVOLTS.get((channel.unit or "").lower())
        scale = (channel.sensitivity or 0.0) * channel.correction
        if volts is not None and 1e-20 < abs(scale * volts) < 1e9:
            scales[row], baselines[row] = scale * volts, channel.baseline * volts
        elif canonical(channel.lead):
            unknown.append(channel.lead)
    if not unknown:
        return scales, baselines, True, []
    leads = ", ".join(unknown)
    text = f"The file states no sensitivity in volts for {leads}; samples are in units of the converter."
    notice = Notice("no-gain", text)
    return np.ones_like(scales), np.zeros_like(scales), False, [notice]
