"""Leads, or all of them, at a wrong gain: limb leads by Einthoven's identities, the others by how high QRS should be.

No lead tells V1-V6, and none I and II where the other limb leads were derived from them. But from the QRS heights of
seven of these eight the eighth is known within a factor of 1.2 to 1.5 (one standard deviation). Mean and covariance of
the logarithms, and limits of what is left, were learned on PTB-XL's folds 1-8 (`tools/learn_heights.py`): beyond each
limit lie 5 of 10,000 ECGs, so that a factor of 10 is told and a heart's own size is not.
"""

from __future__ import annotations

import json
import pkgutil
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from einthoven.ecg import LEADS, Bools, Floats, Signal
from einthoven.quality.beat import OWN, OWN_ROWS
from einthoven.quality.findings import Finding, names
from einthoven.quality.identities import limb_gains, times

FEWEST = 4
"""Leads among I, II and V1-V6 from which the height of another is known."""
LEAST = 4.0
"""Least factor that is told of V1-V6, and its reverse: those of 2 to 4 beyond the limits were infarcts and blocks."""
SMALLEST_MV, LARGEST_MV = 0.1, 8.0
"""QRS heights of the middle lead that no heart has: PTB-XL's folds 1-8 have 0.26 to 3.58 mV."""


@dataclass(frozen=True, eq=False)
class Gains:
    """`factor`: (12,), by which each lead is too large, 1 where nothing is known against it; and what is to be said."""

    factor: Floats
    findings: tuple[Finding, ...]

    @property
    def leads(self) -> tuple[str, ...]:
        """Leads with a factor of their own."""
        return names(self.factor != 1)


def find_gains(height: Floats, limbs: Signal | None, live: Bools, recorded: Bools, calibrated: bool) -> Gains:
    """Leads, or all of them, at a wrong gain.

    Args:
        height: (12,) of the typical QRS. limbs: (6, samples) without baseline wander; None judges no identities.
        live: (12,) leads that are there and not flat. recorded: (12,) those that were not derived from others.
        calibrated: whether heights are in mV; if not, leads are judged against each other only.
    """
    factor = np.ones(12)
    said: list[Finding] = []
    identities = limbs is not None and bool((live & recorded)[:6].all())
    if identities and limbs is not None:
        factor[:6], found = limb_gains(limbs)
        said += found
    height = height / factor
    common = _all_leads(float(np.median(height[height > 0]))) if calibrated and (height > 0).any() else []
    said += common  # what is small throughout counts as flat, and may be in a wrong unit
    if not any(one.severe for one in common):
        own, found = _own_leads(height, live, judged=not identities, absolute=calibrated and not common)
        factor[OWN_ROWS] *= own
        said += found
    return Gains(factor, tuple(said))


def _own_leads(height: Floats, live: Bools, judged: bool, absolute: bool) -> tuple[Floats, list[Finding]]:
    """Factors (8,) of I, II, V1-V6, the worst lead first and then without it; I and II only if `judged`.

    Where heights are not `absolute` they are first brought to the usual size of all.
    """
    learned = _learned()
    value = np.log10(np.maximum(height[OWN_ROWS], 1e-6))
    left = [place for place in range(8) if live[OWN_ROWS[place]] and height[OWN_ROWS[place]] > 0]
    if left and not absolute:
        value = value - np.median((value - learned.mean)[left])
    factor = np.ones(8)
    said = []
    while len(left) > FEWEST:
        precision = np.linalg.inv(learned.covariance[np.ix_(left, left)])
        pull = precision @ (value[left] - learned.mean[left])
        scale = np.sqrt(np.diag(precision))
        z = pull / scale
        outside = (z < learned.low[left]) | (z > learned.high[left])
        outside &= (np.abs(z / scale) >= np.log10(LEAST)) & np.array([judged or place > 1 for place in left])
        if not outside.any():
            break
        at = int(np.where(outside, np.abs(z), 0).argmax())
        place = left.pop(at)
        factor[place] = 10 ** float(z[at] / scale[at])
        text = (
            f"The QRS complexes of {OWN[place]} are about {times(factor[place])} as high as the other leads suggest: "
            "its gain may be wrong."
        )
        said.append(Finding("lead-gain", (OWN[place],), text))
    return factor, said


def _all_leads(usual: float) -> list[Finding]:
    low, high = _learned().middle
    if low <= usual <= high:
        return []
    if not SMALLEST_MV <= usual <= LARGEST_MV:
        text = (
            f"QRS complexes of {usual:.3g} mV are no heart's: "
            "the file's unit is not what it says (microvolt or volt taken for millivolt?)."
        )
        return [Finding("wrong-unit", (), text, "refuse")]
    text = (
        f"The QRS complexes are {usual:.2g} mV high in the middle lead, which few hearts' are "
        f"({low:.2g} to {high:.2g} mV in 99.9% of ECGs): the gain of all leads may be wrong."
    )
    return [Finding("lead-gain", LEADS, text)]


@dataclass(frozen=True, eq=False)
class _Heights:
    """Of log10 of the QRS heights (mV) of I, II, V1-V6: mean (8,), covariance (8, 8), limits of z (8,), two a lead."""

    mean: Floats
    covariance: Floats
    low: Floats
    high: Floats
    middle: tuple[float, float]


@lru_cache(maxsize=1)
def _learned() -> _Heights:
    data = pkgutil.get_data("einthoven.quality", "heights.json")
    if data is None:
        raise FileNotFoundError("einthoven/quality/heights.json")
    read = json.loads(data)
    arrays = {name: np.array(read[name]) for name in ("mean", "covariance", "low", "high")}
    return _Heights(**arrays, middle=tuple(read["middle"]))
