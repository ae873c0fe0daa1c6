"""How alike the median beats of two ECGs are, and whether they are more so with two electrodes exchanged.

Two ECGs of one person have much the same beats. Where those of one fit those of the other far better after an
exchange of electrodes is undone, the exchange is likelier than that the heart has changed; so it is where only chest
leads differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import LEADS, Bools, Floats
from einthoven.measurement import MedianBeat
from einthoven.quality.exchanges import EXCHANGES, LEARNED, Exchange

OWN = [LEADS.index(lead) for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")]
"""Rows that no other lead tells; those of `Exchange.matrix`."""
BEFORE, AFTER = 100, 200
"""Samples at 500 Hz before and after the R peak: 200 ms, where P is, to 400 ms, where T ends."""
SHIFTS = range(-16, 17, 2)
"""Samples by which one beat is moved against the other: an R peak is found a little earlier or later."""
LIMB, CHEST = (0, 1), (2, 3, 4, 5, 6, 7)
FAR_BETTER = 1.5
"""So many times less unlike two beats have to be with an exchange undone: in none of 406 pairs of normal ECGs, in 1 of
241 pairs of one person's ECGs whatever they show (PTB-XL's fold 9), and in most pairs in which arms, arm and leg or
neighbouring chest electrodes are exchanged (docs/compare.md)."""


@dataclass(frozen=True)
class Likeness:
    """1 minus the correlation of two median beats, 0 where they are the same; None without leads in both.

    Args:
        all: over I, II and V1-V6 together. limb: over I and II. chest: over V1-V6.
        exchange: the exchange of electrodes without which they would be far more alike, if there is one.
        exchanged: how unlike they would be then.
    """

    all: float | None
    limb: float | None
    chest: float | None
    exchange: Exchange | None = None
    exchanged: float | None = None


def likeness(earlier: MedianBeat | None, later: MedianBeat | None) -> Likeness:
    """How alike two median beats (12, samples at 500 Hz) are."""
    if earlier is None or later is None:
        return Likeness(None, None, None)
    one, other = _cut(earlier, 0), [_cut(later, shift) for shift in SHIFTS]
    there: Bools = np.asarray(np.isfinite(one).all(axis=1) & np.isfinite(other[0]).all(axis=1))
    whole, limb, chest = (_unlike(one, other, there, rows) for rows in (LIMB + CHEST, LIMB, CHEST))
    found = Likeness(whole, limb, chest)
    if found.all is None or not there.all():
        return found
    undone = [
        (_unlike(one, [each.matrix @ beat for beat in other], there, LIMB + CHEST), each)
        for each in EXCHANGES[:LEARNED]
    ]
    best, exchange = min(((apart, each) for apart, each in undone if apart is not None), key=lambda pair: pair[0])
    if best * FAR_BETTER > found.all:
        return found
    return Likeness(found.all, found.limb, found.chest, exchange, best)


def _cut(beat: MedianBeat, shift: int) -> Floats:
    """(8, samples) around the R peak, each lead without its mean."""
    at = beat.r_peak + shift
    cut = np.asarray(beat.signal[OWN, at - BEFORE : at + AFTER], np.float64)
    middle: Floats = cut - cut.mean(axis=1, keepdims=True)
    return middle


def _unlike(one: Floats, others: Sequence[Floats], there: Bools, rows: Sequence[int]) -> float | None:
    chosen = [row for row in rows if there[row]]
    if not chosen:
        return None
    first = one[chosen].ravel()
    size = float(np.linalg.norm(first))
    found = [
        float(first @ other) / max(size * float(np.linalg.norm(other)), 1e-30)
        for other in (each[chosen].ravel() for each in others)
    ]
    return 1.0 - max(found)
