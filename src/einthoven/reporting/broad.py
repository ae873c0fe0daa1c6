"""Fast and broad: ECGs that may show a ventricular tachycardia, which no statement of the vocabulary says.

PTB-XL, whose statements these are, has no code for it and hardly an ECG with it: similar ECGs can only carry what it is
mistaken for, bundle branch block, fibrillation, sinus tachycardia. So what may be one is told by measurement
(`measurement.alarms`), and where it looks much like one nothing is drafted. By measurement alone that withholds 66
drafts of PTB-XL's folds 1-8 (17,418 ECGs; 39 coded as fibrillation, 16 as left bundle branch block) and asks for
caution with 127 more.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from einthoven.measurement import Measurements, fast_and_broad
from einthoven.quality import Quality

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
    found = fast_and_broad(measured, bool(stated & SAY_BROAD))
    if found is None:
        return None
    misleads = ": those of similar ECGs would mislead" if found.likely else ""
    text = f"{found.text} A ventricular tachycardia can look so, and no statement known here says it{misleads}."
    return BroadTachycardia(text, found.likely)
