"""From millivolt to 16-bit integers: the step, chosen so that nothing is clipped and little or nothing is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Notice, Signal, SignalError

INVALID = -(2**15)
"""Stands where there is no sample; no sample has this value."""

_LARGEST = 2**15 - 1
_FINE = 1.0
_FINEST = 0.01  # of a converter; all float32 numbers lie on some finer step
_COARSEST = 1000.0
_ROUNDING = 3e-7  # of a value: what float32 costs a product of two float32 numbers, and some room


@dataclass(frozen=True, eq=False)
class Digits:
    """One lead: value in microvolt = (`raw` (samples,) + `zero`) x `step`; `INVALID` where there is no sample."""

    raw: NDArray[np.int16]
    step: float
    zero: int
    coarse: bool

    @property
    def gaps(self) -> bool:
        """Whether a sample is missing."""
        return bool((self.raw == INVALID).any())


def digits_of(row: Signal, lead: str) -> Digits:
    """A lead (samples,) in mV as 16-bit integers.

    The step is 1 microvolt. Samples that are no whole microvolts but all multiples of another step (a
    converter's 4.88 microvolt, say) get that one, and so lose nothing. Only where the range asks for it is
    the step coarser; a level that all samples share is first taken into `zero`.

    Raises:
        SignalError: a range of more than 65 V, which no ECG has.
    """
    valid = np.isfinite(row)
    micro = row[valid].astype(np.float64) * 1000
    for step in _steps(micro):
        zero = _zero(micro, step)
        if zero is not None:
            raw = np.full(len(row), INVALID, np.int16)
            raw[valid] = np.rint(micro / step) - zero
            return Digits(raw, step, zero, coarse=step > _FINE and not _lies_on(micro, step))
    raise SignalError(
        f"Lead {lead} ranges over more than {2 * _LARGEST * _COARSEST / 1e6:.0f} V, as no ECG does.",
        "Check its unit.",
    )


def coarse_notices(digits: Iterable[tuple[str, Digits]]) -> tuple[Notice, ...]:
    """A notice for leads whose range asked for more than 1 microvolt a step."""
    found = [f"{lead} ({part.step:g} µV)" for lead, part in digits if part.coarse]
    text = f"The range of these leads fits into 16 bits only with a coarser step: {', '.join(found)}."
    return (Notice("coarse-step", text),) if found else ()


def plain(value: float) -> str:
    """The shortest decimal number that reads back as `value`, without an exponent.

    >>> plain(500.0), plain(0.002), plain(1000 / 4.88)
    ('500', '0.002', '204.91803278688525')
    """
    return np.format_float_positional(value, trim="-")


def _steps(micro: NDArray[np.float64]) -> Iterator[float]:
    """The steps to try in order, in microvolt."""
    if _lies_on(micro, _FINE):
        yield _FINE
    elif own := _own_step(micro):
        yield own
    for power in count():
        for leading in (1.0, 2.0, 5.0):
            if (step := leading * 10**power) > _COARSEST:
                return
            yield step


def _zero(micro: NDArray[np.float64], step: float) -> int | None:
    """What to subtract so that all values fit into 16 bits: 0 if possible; None where nothing helps."""
    low, high = (int(np.rint(end / step)) for end in (micro.min(), micro.max()))
    if low >= -_LARGEST and high <= _LARGEST:
        return 0
    middle = (low + high) // 2
    return middle if high - middle <= _LARGEST and middle - low <= _LARGEST else None


def _lies_on(micro: NDArray[np.float64], step: float) -> bool:
    """Whether all values are multiples of a step, but for the rounding of float32."""
    return bool((np.abs(micro - np.rint(micro / step) * step) <= _ROUNDING * np.abs(micro)).all())


def _own_step(micro: NDArray[np.float64]) -> float | None:
    """The step that all values are multiples of, None where there is none that 16 bits can use.

    The smallest difference between sizes is near it. Small values, in which an error of the step does not yet
    add up to half a step, make it exact enough for larger ones.
    """
    sizes = np.unique(np.abs(micro))
    gaps = np.diff(sizes, prepend=0.0)
    step = float(gaps[gaps > 0].min())
    for reach in (32, 1024, 2 * _LARGEST):
        near = sizes[sizes <= reach * step]
        counts = np.rint(near / step)
        if counts.any():
            step = float(near @ counts / (counts @ counts))
    step = _nice(step)
    usable = step >= _FINEST and float(np.ptp(micro)) <= step * 2 * _LARGEST
    return step if usable and _lies_on(micro, step) else None


def _nice(step: float) -> float:
    """A whole number of steps a millivolt, or four decimals of a microvolt, where float32 sees no difference."""
    a_millivolt = 1000 / step
    if abs(a_millivolt - round(a_millivolt)) < 1e-6 * a_millivolt:
        return 1000 / round(a_millivolt)
    return round(step, 4) if abs(step - round(step, 4)) < 1e-6 * step else float(f"{step:.12g}")
