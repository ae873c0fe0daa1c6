"""Fast and broad: ECGs that may show a ventricular tachycardia, which no statement of the vocabulary says.

PTB-XL, whose statements these are, has no code for it and hardly an ECG with it: similar ECGs can only carry what it is
mistaken for, bundle branch block, fibrillation, sinus tachycardia. So what may be one is told by measurement, and
where it looks much like one nothing is drafted. A tachycardia is faster than 100 bpm, a broad QRS has 120 ms and more
(AHA/ACC/HRS 2007, statement 76; 2009, part III). By measurement alone that withholds 66 drafts of PTB-XL's folds 1-8
(17,418 ECGs; 39 coded as fibrillation, 16 as left bundle branch block) and asks for caution with 127 more.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from einthoven.measurement import Measurements
from einthoven.quality import Quality

TACHYCARDIA, BROAD = 100.0, 120.0
FAST, PERHAPS_BROAD = 120.0, 110.0
"""bpm from which on nothing is drafted without a P wave; and the QRS in ms then, less by the error of measuring."""
FASTER = 150.0
"""bpm from which on a P wave says nothing: what seems one may be the end of the T wave or go backwards."""
SAY_BROAD = frozenset({"CLBBB", "CRBBB", "IVCD", "WPW", "PACE"})
"""Statements that say so themselves: where one is drafted, a QRS that measures narrow is measured too narrow."""


@dataclass(frozen=True)
class BroadTachycardia:
    """What is said of it, and whether it forbids to conclude anything from similar ECGs."""

    text: str
    withheld: bool


def broad_tachycardia(
    measured: Measurements, quality: Quality, stated: Set[str] = frozenset()
) -> BroadTachycardia | None:
    """What may be a ventricular tachycardia, by rate, QRS and P waves; None where nothing looks like one.

    Args:
        stated: codes of a draft that are present.

    >>> import numpy as np
    >>> of = Measurements(heart_rate=150, rr_median=400, rr_spread=5, r_peaks=np.zeros(0, np.intp), qrs=140)
    >>> broad_tachycardia(of, Quality()).withheld
    True
    """
    waves = next((one for one in quality.findings if one.kind == "no-beats" and not one.severe), None)
    if waves is not None:
        return BroadTachycardia(waves.text, True)
    rate, qrs = measured.heart_rate, measured.qrs
    if rate is None or rate <= TACHYCARDIA:
        return None
    broad = qrs is None or qrs >= BROAD or bool(stated & SAY_BROAD)
    withheld = (rate >= FAST and measured.pr is None and (broad or (qrs or 0) >= PERHAPS_BROAD)) or (
        rate >= FASTER and broad
    )
    if not (withheld or broad):
        return None
    width = "a QRS that cannot be measured" if qrs is None else f"a QRS of {qrs:.0f} ms"
    p = " and no P wave told before it" if measured.pr is None else ""
    text = (
        f"Fast and broad: {rate:.0f} bpm with {width}{p}. A ventricular tachycardia can look so, and no statement "
        f"known here says it{': those of similar ECGs would mislead' if withheld else ''}."
    )
    return BroadTachycardia(text, withheld)
