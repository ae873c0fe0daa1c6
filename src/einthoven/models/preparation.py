"""From ECGs to a model's input, as its configuration says; the only place where a missing lead becomes zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, Notice, Signal
from einthoven.models.config import Preparation
from einthoven.signal import resample_and_filter

TYPICAL_RMS_MV = 0.2  # of the 12 leads of an ordinary ECG; stands in for an unknown gain


@dataclass(frozen=True)
class Prepared:
    """Windows of ECGs: `signal` (windows, 12, samples), `valid` (windows, samples) False in padding,
    `owner` (windows,) the index of the ECG that each window comes from."""

    signal: NDArray[np.float32]
    valid: NDArray[np.bool_]
    owner: NDArray[np.intp]

    @property
    def first(self) -> NDArray[np.intp]:
        """(ecgs,) the place of each ECG's first window."""
        return np.flatnonzero(np.diff(self.owner, prepend=-1))


def prepare(ecgs: Sequence[ECG], how: Preparation) -> Prepared:
    """Resamples, filters, scales and cuts ECGs; those of equal rate and length go through together.

    Returns:
        The windows in the order of `ecgs`, those of one ECG in the order of time; at least one an ECG.
    """
    alike: dict[tuple[float, int], list[int]] = {}
    for index, ecg in enumerate(ecgs):
        alike.setdefault((ecg.rate, ecg.samples), []).append(index)
    windows: list[NDArray[np.float32]] = []
    valid: list[NDArray[np.bool_]] = []
    owner: list[int] = []
    for (rate, _), members in alike.items():
        stack = np.stack([ecgs[index].signal for index in members])
        signal = resample_and_filter(stack, rate, how.rate, how.highpass, how.lowpass)
        for index, one in zip(members, signal, strict=True):
            if not ecgs[index].calibrated:
                _scale(one)
        if how.normalise != "fixed":
            _to_unit_spread(signal, over=(1, 2) if how.normalise == "record" else (2,), unit=how.unit_mv)
        limit = how.limit_mv / how.unit_mv
        units = np.clip(np.nan_to_num(signal / np.float32(how.unit_mv), copy=False), -limit, limit)
        for index, one in zip(members, units, strict=True):
            for cut, there in _windows(one, how.samples):
                windows.append(cut)
                valid.append(there)
                owner.append(index)
    order = np.argsort(np.array(owner, np.intp), kind="stable")
    return Prepared(
        np.array([windows[i] for i in order], np.float32).reshape(-1, 12, how.samples),
        np.array([valid[i] for i in order], np.bool_).reshape(-1, how.samples),
        np.array(owner, np.intp)[order],
    )


def preparation_notices(ecg: ECG, how: Preparation) -> tuple[Notice, ...]:
    """What preparing this ECG does that its user should know."""
    found = []
    if ecg.seconds < how.seconds - 0.5 / how.rate:
        found.append(
            Notice(
                "padded",
                f"The recording lasts {ecg.seconds:.1f} s; the model reads {how.seconds:g} s. The rest is masked.",
            )
        )
    count = _count(max(1, int(ecg.samples * how.rate / ecg.rate + 0.5)), how.samples)
    if count > 1:
        found.append(
            Notice(
                "windows",
                f"The recording lasts {ecg.seconds:.1f} s; it was read in {count} windows of {how.seconds:g} s.",
            )
        )
    return tuple(found)


def _scale(signal: Signal) -> None:
    """Gives a filtered signal of unknown gain, in place, the size of an ordinary ECG; silence stays silence."""
    known = signal[np.isfinite(signal)]
    rms = float(np.sqrt(np.square(known, dtype=np.float64).mean())) if known.size else 0.0
    if rms > 0:
        signal *= np.float32(TYPICAL_RMS_MV / rms)


def _to_unit_spread(signal: NDArray[np.float32], over: tuple[int, ...], unit: float) -> None:
    """Divides (ecgs, 12, samples), in place, so that the standard deviation over these axes is `unit`."""
    known = np.isfinite(signal)
    count = np.maximum(known.sum(over, keepdims=True), 1)
    mean = np.where(known, signal, 0).sum(over, keepdims=True) / count
    spread = np.sqrt(np.square(np.where(known, signal - mean, 0)).sum(over, keepdims=True) / count)
    signal *= np.divide(unit, spread, out=np.ones_like(spread), where=spread > 1e-6).astype(np.float32)


def _count(samples: int, length: int) -> int:
    return max(1, -(-samples // length))


def _windows(signal: NDArray[np.float32], length: int) -> list[tuple[NDArray[np.float32], NDArray[np.bool_]]]:
    samples = signal.shape[1]
    if samples < length:
        padded = np.zeros((12, length), np.float32)
        padded[:, :samples] = signal
        return [(padded, np.arange(length) < samples)]
    starts = np.linspace(0, samples - length, _count(samples, length)).round().astype(int)
    return [(signal[:, at : at + length], np.ones(length, np.bool_)) for at in starts]
