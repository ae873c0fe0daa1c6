"""The typical beat of each lead, from which polarity and the places of electrodes are judged."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import LEADS, Floats, Ints, Signal
from einthoven.signal import bandpass, cut_beats

RATE = 100
BAND_HZ = (0.5, 30.0)
BEFORE, AFTER = 30, 45
"""Samples of a beat: 300 ms before the R peak, where P begins, to 450 ms after, where T ends."""
FEWEST_BEATS = 2
OWN = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""Leads that no other lead tells."""
OWN_ROWS = [LEADS.index(lead) for lead in OWN]


def typical_beat(slow: Signal, beats: Ints, before: int = BEFORE, after: int = AFTER) -> Floats | None:
    """The median over the beats of I, II and V1-V6, band-passed from 0.5 to 30 Hz.

    Args:
        slow: (12, samples) at 100 Hz. beats: indices of the QRS complexes in it.
        before, after: samples before the R peak, and from it on.

    Returns:
        (8, before + after) in the signal's unit, or None with fewer than two complete beats.
    """
    cuts = cut_beats(bandpass(slow[OWN_ROWS], RATE, *BAND_HZ), beats, before, after)
    if len(cuts) < FEWEST_BEATS:
        return None
    beat: Floats = np.median(cuts, axis=0)
    return beat
