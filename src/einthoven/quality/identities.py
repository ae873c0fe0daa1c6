"""Limb leads at gains of their own, which Einthoven's identities tell: of the six, any two say the other four."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import LEADS, Floats, Signal
from einthoven.quality.findings import Finding

OFF = 1.5
"""Least factor that is told, and its reverse."""
FIT, LIKE = 0.02, 0.9
"""Share of the energy that the other limb leads may leave unexplained, and least correlation with what they say."""
BROKEN, ALONE = 0.001, 0.05
"""Share of the energy from which identities are broken, and share that all other gains must leave unexplained."""
AS_ONE, SPREAD = 1.1, 1.25
"""Factor within which leads have one gain, and of the largest over the smallest from which on six are said."""
PLANE = np.array([(1.0, 0.0), (0.0, 1.0), (-1.0, 1.0), (-0.5, -0.5), (1.0, -0.5), (-0.5, 1.0)])
"""What I, II, III, aVR, aVL and aVF are of I and II."""
_BEYOND = np.eye(6) - PLANE @ np.linalg.pinv(PLANE)


def limb_gains(limbs: Signal) -> tuple[Floats, list[Finding]]:
    """The factors (6,) by which limb leads (6, samples) break Einthoven's identities; 1 where factors explain nothing.

    Six factors at once, up to a common one, where they explain what is broken and nothing else does; or one lead
    against the other five.
    """
    x = np.nan_to_num(limbs).astype(np.float64)
    power = x @ x.T
    unit = np.ones(6)
    if not (np.diag(power) > 0).all():
        return unit, []
    factor = _six_at_once(power)
    if factor is None:
        single = [found for row in range(6) if (found := _one_against(power, row)) is not None]
        if not single:
            return unit, []
        _, row, one = min(single)
        factor = unit
        factor[row] = one
    others = np.abs(np.log(factor)) < np.log(AS_ONE)
    if others.sum() == 5 and (off := float(factor[~others][0])) and not 1 / OFF < off < OFF:
        factor = np.where(others, 1.0, factor)
        lead = LEADS[int(np.flatnonzero(~others)[0])]
        text = f"Lead {lead} is {times(off)} as high as Einthoven's identities make it: its gain is wrong."
        return factor, [Finding("lead-gain", (lead,), text)]
    if factor.max() < SPREAD * factor.min():
        return unit, []
    each = ", ".join(f"{lead} {value:.2g}" for lead, value in zip(LEADS, factor, strict=False))
    text = (
        f"The limb leads fit Einthoven's identities only if each has a gain of its own (by {each}): "
        "their heights cannot be compared."
    )
    return factor, [Finding("lead-gain", LEADS[:6], text)]


def _six_at_once(power: Floats) -> Floats | None:
    """The factors (6,) about their median, or None: the six h for which the leads times h fit best, all of one sign.

    They are the last eigenvector of the misfit as a form of h, over that of the leads' size.
    """
    size = np.sqrt(np.diag(power))
    misfit = _BEYOND * power
    broken = float(misfit.sum() / np.trace(power))
    values, vectors = np.linalg.eigh(misfit / np.outer(size, size))
    inverse = vectors[:, 0] / size
    explained = broken > BROKEN and values[0] < FIT * broken
    if not explained or values[1] < ALONE or inverse.min() * inverse.max() <= 0:
        return None
    return np.asarray(np.median(inverse) / inverse)


def _one_against(power: Floats, row: int) -> tuple[float, int, float] | None:
    """Of a limb lead that the other five tell, and that is that many times as large: their misfit, it, the factor."""
    others = [each for each in range(6) if each != row]
    back = np.linalg.pinv(PLANE[others])
    beyond = np.eye(5) - PLANE[others] @ back
    inner = power[np.ix_(others, others)]
    left = float((beyond * inner).sum() / np.trace(inner))
    told = PLANE[row] @ back
    along, expected = float(told @ power[others, row]), float(told @ inner @ told)
    if left > FIT or expected <= 0 or along <= LIKE * np.sqrt(expected * power[row, row]):
        return None
    factor = along / expected
    return None if 1 / OFF < factor < OFF else (left, row, factor)


def times(factor: float) -> str:
    """A factor in words.

    >>> times(10.2), times(987.0), times(0.09)
    ('10 times', '990 times', '1/11')
    """
    return f"{float(f'{factor:.2g}'):g} times" if factor >= 1 else f"1/{float(f'{1 / factor:.2g}'):g}"
