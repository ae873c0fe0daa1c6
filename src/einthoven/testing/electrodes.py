"""Electrodes and cables mixed up: the ECG that the same heart then gives."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import ECG, LEADS, Signal, UsageError, derive_limb_leads
from einthoven.testing.changes import with_signal

RESIDUE = 0.05
"""What is left of the voltage between the legs, as a share of lead II: they are almost at one potential."""
LIMBS: dict[frozenset[str], tuple[str, ...]] = {
    frozenset(("RA", "LA")): ("-I", "III", "II", "aVL", "aVR", "aVF"),
    frozenset(("RA", "LL")): ("-III", "-II", "-I", "aVF", "aVL", "aVR"),
    frozenset(("LA", "LL")): ("II", "I", "-III", "aVR", "aVF", "aVL"),
}
"""What I, II, III, aVR, aVL and aVF show when two electrodes that measure are exchanged; V1-V6 stay."""


def swap_arms(ecg: ECG) -> ECG:
    """The ECG that the same heart gives with the left and right arm electrodes exchanged.

    Lead I is inverted, II and III change places, aVR and aVL too; aVF and V1-V6 stay.

    >>> from einthoven.testing import simulate
    >>> ecg = simulate(seconds=3)
    >>> bool((swap_arms(ecg).lead("III") == ecg.lead("II")).all())
    True
    """
    return exchange(ecg, "RA", "LA")


def exchange(ecg: ECG, one: str, other: str) -> ECG:
    """The ECG that the same heart gives with two electrodes exchanged.

    Args:
        one, other: two of RA, LA, LL and RL, or two of V1 to V6. RL is the one that measures nothing. It is taken to
            lie at the potential of LL but for 5% of lead II, so the lead between both legs goes almost flat, and
            V1-V6 shift, since the mean of the limbs against which they are measured does.

    Raises:
        UsageError: other electrodes, RL with LL, which changes almost nothing, or RL without leads I and II.

    >>> from einthoven.testing import simulate
    >>> ecg = simulate(seconds=3)
    >>> bool((exchange(ecg, "V1", "V2").lead("V2") == ecg.lead("V1")).all())
    True
    """
    pair = frozenset((one, other))
    signal = ecg.signal.copy()
    if len(pair) == 2 and pair <= set(LEADS[6:]):
        rows = [LEADS.index(one), LEADS.index(other)]
        signal[rows] = signal[rows[::-1]]
    elif pair in LIMBS:
        for row, name in enumerate(LIMBS[pair]):
            lead = ecg.lead(name.removeprefix("-"))
            signal[row] = -lead if name.startswith("-") else lead
    elif pair in ({"RA", "RL"}, {"LA", "RL"}):
        _with_a_leg(ecg, one if other == "RL" else other, signal)
    else:
        raise UsageError(
            f"The electrodes {one} and {other} cannot be exchanged here.",
            "Name two of V1 to V6, two of RA, LA and LL, or RL with RA or LA.",
        )
    return with_signal(ecg, signal)


def reverse_precordials(ecg: ECG) -> ECG:
    """The ECG with V1 to V6 connected as V6 to V1."""
    return with_signal(ecg, ecg.signal[[*range(6), *range(11, 5, -1)]])


def invert(ecg: ECG) -> ECG:
    """The ECG with the sign of every lead turned."""
    return with_signal(ecg, -ecg.signal)


def _with_a_leg(ecg: ECG, arm: str, signal: Signal) -> None:
    """Write into `signal` what is recorded when `arm` and RL are exchanged, from the electrodes' potentials."""
    if {"I", "II"} & set(ecg.missing):
        raise UsageError("Without leads I and II no potential of a limb is known.", "Exchange other electrodes.")
    one, two = ecg.lead("I"), ecg.lead("II")
    at = {"LL": np.zeros_like(two), "RA": -two, "LA": one - two, "RL": RESIDUE * two}
    before = (at["RA"] + at["LA"] + at["LL"]) / 3
    at[arm] = at["RL"]
    limbs = {"I": at["LA"] - at["RA"], "II": at["LL"] - at["RA"]}
    for lead, row in (limbs | derive_limb_leads(limbs)).items():
        signal[LEADS.index(lead)] = row
    signal[6:] += before - (at["RA"] + at["LA"] + at["LL"]) / 3
