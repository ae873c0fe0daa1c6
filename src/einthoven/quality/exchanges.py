"""Which electrodes get exchanged, and what that makes of I, II and V1-V6.

Einthoven's I = LA - RA and II = LL - RA; V1-V6 are measured against the mean of RA, LA and LL, which an exchange among
these three leaves as it is. So each exchange is linear in the eight leads, and each here undoes itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import LEADS
from einthoven.quality.beat import OWN

Matrix = NDArray[np.float32]
FAR_MORE_NATURAL = 3.5
"""In log-odds: with the three limits together, false alarms are 1.1% [0.7, 1.6] on PTB-XL's fold 8."""
UNLEARNED = 4.5
"""The same for those that the network was not trained on."""
LEFT = 4.2
"""The same where the exchange resembles a heart's axis to the right.

With 3.0 it would be found in 12% of ECGs more, but suspected in 4 of fold 9's 153 with an axis beyond 90 degrees,
not in 1.
"""
PAIR = "The electrodes of {} and {} may be exchanged: their beats fit the other leads better the other way round."


@dataclass(frozen=True, eq=False)
class Exchange:
    """One way in which electrodes or cables get mixed up.

    Args:
        name: such as "V1-V2". kind: the finding's slug. leads: those that show it.
        text: the finding's sentence. matrix: (8, 8), from true I, II, V1-V6 to those recorded, and back.
        severe: whether nothing may be concluded from the ECG.
        least: log-odds from which on it is suspected.
    """

    name: str
    kind: str
    leads: tuple[str, ...]
    text: str
    matrix: Matrix
    severe: bool = False
    least: float = FAR_MORE_NATURAL


def _limb(first: tuple[int, int], second: tuple[int, int]) -> Matrix:
    matrix = np.eye(8, dtype=np.float32)
    matrix[:2, :2] = (first, second)
    return matrix


def _order(*places: int) -> Matrix:
    """V1-V6 taken from these places, 1 to 6."""
    matrix = np.eye(8, dtype=np.float32)
    matrix[2:] = matrix[[place + 1 for place in places]]
    return matrix


def _pair(first: int, second: int, least: float = FAR_MORE_NATURAL) -> Exchange:
    places = list(range(1, 7))
    places[first - 1], places[second - 1] = second, first
    pair = (f"V{first}", f"V{second}")
    return Exchange("-".join(pair), "precordial-swap", pair, PAIR.format(*pair), _order(*places), least=least)


def _upside_down(name: str, text: str, *leads: str) -> Exchange:
    matrix = np.diag([-1 if lead in leads else 1 for lead in OWN]).astype(np.float32)
    return Exchange(name, "chest-inverted", leads, text, matrix, least=UNLEARNED)


EXCHANGES = (
    Exchange(
        "arms",
        "arm-swap",
        ("I", "II", "III", "aVR", "aVL"),
        "Left and right arm electrodes may be exchanged: lead I runs against V1-V6, and would fit them upside down.",
        _limb((-1, 0), (-1, 1)),
    ),
    Exchange(
        "RA-LL",
        "arm-leg-swap",
        ("I", "II", "III", "aVR", "aVF"),
        "Right arm and left leg electrodes may be exchanged: leads II and aVR are as if upside down.",
        _limb((1, -1), (0, -1)),
    ),
    Exchange(
        "LA-LL",
        "arm-leg-swap",
        ("I", "II", "III", "aVL", "aVF"),
        "Left arm and left leg electrodes may be exchanged: leads I and II fit V1-V6 better the other way round.",
        _limb((0, 1), (1, 0)),
        least=LEFT,
    ),
    *(_pair(first, first + 1) for first in range(1, 6)),
    Exchange(
        "reversed",
        "precordial-swap",
        LEADS[6:],
        "V1 to V6 may be connected in reverse order: their beats fit the limb leads better from V6 to V1.",
        _order(6, 5, 4, 3, 2, 1),
    ),
    Exchange(
        "inverted",
        "inverted",
        LEADS,
        "All leads may be inverted: P, QRS and T together look like an ECG turned upside down. "
        "A ventricular rhythm or a large infarct can look so too.",
        -np.eye(8, dtype=np.float32),
        severe=True,
    ),
    *(_pair(first, second, UNLEARNED) for first in range(1, 5) for second in range(first + 2, 7)),
    _upside_down(
        "V1-V6 inverted",
        "V1 to V6 may be inverted: their beats fit the limb leads better upside down.",
        *LEADS[6:],
    ),
    *(
        _upside_down(
            f"{lead} inverted",
            f"{lead} may be inverted, or V1 to V6 be in wrong places: it fits the others better upside down.",
            lead,
        )
        for lead in LEADS[6:]
    ),
)
"""Exchanges that can be undone, and are found by undoing them."""
LEARNED = 10
"""The first so many are those that the network was trained to tell from the true leads."""
CHEST = frozenset({"precordial-swap", "chest-inverted"})
CLOSE = 1.0
"""Log-odds by which the likeliest of two ways in which chest leads are wrong has to be ahead to be named."""
UNCLEAR = "Chest leads (V1 to V6) seem to be misplaced or inverted; which of them is not clear."

LEG_EXCHANGES = {
    "I": "Both arm electrodes may be on the legs: lead I is almost flat.",
    "II": "Right arm and right leg electrodes may be exchanged: lead II is almost flat.",
    "III": "Left arm and right leg electrodes may be exchanged: lead III is almost flat.",
}
"""The finding's sentence by the lead that then measures from leg to leg. What it showed is lost."""
