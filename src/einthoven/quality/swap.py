"""Arm electrodes exchanged: lead I is then the mirror image of what it should be.

Lead I and V6 look at the heart from nearly the same side, so P, QRS and T run alike in both.
Exchanging the arm electrodes inverts lead I and leaves V6. Right axis deviation inverts the
QRS alone, dextrocardia turns V6 too; only the exchange turns all three waves against V6.
Polarity alone matters, so the gain does not.
"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import LEADS, Bools, Floats, Ints, Signal
from einthoven.quality.findings import Finding
from einthoven.signal import bandpass, cut_beats

RATE = 100
BEFORE, AFTER = 30, 45
P, QRS, T = slice(10, 24), slice(24, 37), slice(42, 70)
"""Samples of the cut beat: 200 to 60 ms before the R peak, -60 to 60 ms, 120 to 400 ms after."""
FEWEST_BEATS = 2
MIRRORED = 0.0
"""Mean correlation of the three waves from which on a swap is suspected."""
P_DOWN, T_DOWN = -0.015, -0.03
"""From which height in mV on a wave counts as negative; all three were set on PTB-XL's fold 8."""


def find_arm_swap(slow: Signal, beats: Ints, live: Bools) -> list[Finding]:
    """A finding when lead I mirrors V6 (or V5) over P, QRS and T, and has a negative QRS or negative P and T.

    Args:
        slow: (12, samples) at 100 Hz. beats: indices of the QRS complexes in it.
        live: (12,) leads that are there and not flat.
    """
    lateral = next((lead for lead in ("V6", "V5") if live[LEADS.index(lead)]), None)
    if lateral is None or not live[0]:
        return []
    pair = bandpass(slow[[0, LEADS.index(lateral)]], RATE, 0.5, 30.0)
    cuts = cut_beats(pair, beats, BEFORE, AFTER)
    if len(cuts) < FEWEST_BEATS:
        return []
    one, side = np.median(cuts, axis=0)
    if mirror(one, side) > MIRRORED or not _upside_down(one):
        return []
    text = f"P, QRS and T of lead I mirror {lateral}: left and right arm electrodes may be exchanged."
    return [Finding("arm-swap", ("I", "II", "III", "aVR", "aVL"), text)]


def _upside_down(one: Floats) -> bool:
    """Whether a typical beat of lead I (samples,) has a negative QRS complex, or a negative P and a negative T wave."""
    level = one[22:26].mean()
    p_wave = one[P] - np.linspace(one[P][0], one[P][-1], one[P].size)
    t_wave = one[T] - level
    p_height, t_height = (wave[np.abs(wave).argmax()] for wave in (p_wave, t_wave))
    negative_qrs = one[QRS].max() + one[QRS].min() <= 2 * level
    return bool(negative_qrs or (p_height < P_DOWN and t_height < T_DOWN))


def mirror(one: Floats, side: Floats) -> float:
    """Mean over P, QRS and T of the correlation of two leads' typical beats (samples,), -1 to 1."""
    # the ends of the P window belong to other waves: the line between them is taken out
    one_p, side_p = (wave - np.linspace(wave[0], wave[-1], wave.size) for wave in (one[P], side[P]))
    waves = ((one_p, side_p), (one[QRS], side[QRS]), (one[T], side[T]))
    return float(np.mean([_correlation(a, b) for a, b in waves]))


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / max(np.sqrt(float(a @ a) * float(b @ b)), 1e-20))
