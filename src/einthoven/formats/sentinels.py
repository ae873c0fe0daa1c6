"""Numbers that devices write where they have no sample, in formats that do not say so.

29999, 32767 and -32768 mean "not measured" to several makers, but they are also numbers that a converter may give:
32767 and -32768 are where one of 16 bits saturates. So the rule is: a sample that is exactly one of them, as the file
writes it or in microvolt, counts as none where it lies more than 20 mV from the median of the lead's other samples,
95% of which do not, and where the lead holds nothing else. One or two saturated samples alone stay, too: a pacemaker's
spike can be cut off like that. What is nearer stays as it is: there it is a voltage, or one
that was cut off, which `einthoven.quality` tells. Where the gain is unknown, only leads of nothing else are judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools, Floats, Notice, Signal, canonical
from einthoven.formats.text import NAME_LENGTH, clean

SENTINELS = (29999, 32767, -32768)
FAR_MV = 20.0
_MOST = 0.95
_SATURATED = {32767, -32768}
_SPIKE = 2  # samples
_MICROVOLT = 1000.0
_NEAR_UV = 0.02  # what float32 makes of 29.999 mV


def void(signal: Signal | Floats, raw: NDArray[np.number[Any]], names: Sequence[str], calibrated: bool) -> list[Notice]:
    """Puts NaN in the place of sentinels, and says where.

    Args:
        signal: (channels, samples) in mV, changed in place; in units of the file if not `calibrated`.
        raw: the same as the file writes them.
        names: of the channels; those that are no leads are let be.
    """
    if not _may_hold(signal, raw, calibrated):
        return []
    found = []
    for values, written, name in zip(signal, raw, names, strict=True):
        if canonical(name) is None:
            continue
        counts = []
        at = {sentinel: _at(values, written, sentinel, calibrated) for sentinel in SENTINELS}
        others = values[np.isfinite(values) & ~np.logical_or.reduce(list(at.values()))]
        for sentinel, there in at.items():
            if not there.any() or (others.size and not (calibrated and _far(values[there], others))):
                continue
            counts.append(f"{np.count_nonzero(there)} of {sentinel}")
            values[there] = np.nan
        if counts:
            found.append(f"{clean(name, NAME_LENGTH)} ({', '.join(counts)})")
    if not found:
        return []
    text = f"What devices write for 'no sample', and is no heart's voltage here, counts as gaps: {'; '.join(found)}."
    return [Notice("no-sample-value", text)]


def _may_hold(signal: Signal | Floats, raw: NDArray[np.number[Any]], calibrated: bool) -> bool:
    """False for most files, by their largest values alone."""
    if np.fmax.reduce(raw, axis=None) >= min(map(abs, SENTINELS)) or np.fmin.reduce(raw, axis=None) <= min(SENTINELS):
        return True
    if not calibrated or raw.dtype.kind != "f":
        return False
    return bool(np.fmax.reduce(signal, axis=None) >= FAR_MV or np.fmin.reduce(signal, axis=None) <= -FAR_MV)


def _at(values: Floats, written: NDArray[np.number[Any]], sentinel: int, calibrated: bool) -> Bools:
    there: Bools = written == sentinel
    if calibrated and written.dtype.kind == "f":  # a converter's integers are no microvolts
        there = there | (np.abs(values.astype(np.float64) * _MICROVOLT - sentinel) < _NEAR_UV)
    there &= np.isfinite(values)
    if sentinel in _SATURATED and there.any():
        edges = np.flatnonzero(np.diff(there, prepend=False, append=False))
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            there[start:end] = end - start > _SPIKE
    return there


def _far(sentinels: Floats, others: Floats) -> bool:
    """Whether a sentinel's voltage lies far from the others, and these are close enough together to tell that."""
    middle = float(np.median(others))
    together = float(np.mean(np.abs(others - middle) <= FAR_MV)) >= _MOST
    return together and abs(float(sentinels[0]) - middle) > FAR_MV
