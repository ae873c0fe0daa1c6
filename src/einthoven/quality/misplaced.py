"""Electrodes in each other's places: what undoing an exchange would make of the ECG, and whether that looks truer.

Each exchange of `exchanges` is undone in turn, and a network says how natural the eight leads then look together. Where
one of the results looks far more natural than what was recorded, that exchange is suspected. An arm electrode on the
right leg cannot be undone, but measures between both legs, where there is almost no voltage. A lost lead of V1-V6 is
taken to lie between its neighbours.
"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import LEADS, Bools, Floats
from einthoven.quality.beat import OWN, OWN_ROWS
from einthoven.quality.exchanges import CHEST, CLOSE, EXCHANGES, LEG_EXCHANGES, UNCLEAR
from einthoven.quality.findings import Finding
from einthoven.quality.natural import naturalness

BETWEEN_LEGS = 0.12
"""Size of an almost flat limb lead as a share of the other two's; set on PTB-XL's fold 8."""
FEWEST_PRECORDIALS = 3
_WAYS = np.stack([np.eye(8, dtype=np.float32), *(exchange.matrix for exchange in EXCHANGES)])


def find_misplaced(beat: Floats, live: Bools) -> list[Finding]:
    """A finding when electrodes seem to be exchanged; only the likeliest exchange is named, if it is clearly that.

    Args:
        beat: (8, 75), the typical beat of I, II and V1-V6.
        live: (12,) leads that are there and not flat. Nothing is judged without I, without II or with fewer than three
            of V1-V6; exchanges among V1-V6 are not looked for where one of their leads is lost.
    """
    own = live[OWN_ROWS]
    if not own[:2].all() or np.count_nonzero(own[2:]) < FEWEST_PRECORDIALS:
        return []
    lead, share = between_legs(beat)
    if share < BETWEEN_LEGS:
        return [Finding("arm-leg-swap", LEADS, LEG_EXCHANGES[lead])]  # V1-V6 are measured against the limbs
    odds = gains(_filled(beat, own))
    lost = {name for name, hit in zip(OWN, own, strict=True) if not hit}
    judged = [exchange.kind not in CHEST or not lost & set(exchange.leads) for exchange in EXCHANGES]
    odds = np.where(judged, odds, -np.inf)
    second, best = np.argsort(odds)[-2:]
    found, other = EXCHANGES[best], EXCHANGES[second]
    if odds[best] < found.least:
        return []
    if {found.kind, other.kind} <= CHEST and odds[best] - odds[second] < CLOSE:
        return [Finding("precordial-swap", LEADS[6:], UNCLEAR)]
    return [Finding(found.kind, found.leads, found.text, "refuse" if found.severe else "caution")]


def gains(beat: Floats) -> Floats:
    """How much more natural (log-odds) a typical beat (8, 75) looks with each of `EXCHANGES` undone."""
    natural = naturalness(_WAYS @ beat)
    more: Floats = natural[1:] - natural[0]
    return more


def between_legs(beat: Floats) -> tuple[str, float]:
    """The flattest of I, II and III in a typical beat (8, 75), and its size as a share of the larger of the others."""
    limbs = {"I": beat[0], "II": beat[1], "III": beat[1] - beat[0]}
    size = {lead: float(np.sqrt(np.square(row).mean())) for lead, row in limbs.items()}
    flattest = min(size, key=lambda lead: size[lead])
    return flattest, size[flattest] / max(*size.values(), 1e-12)


def _filled(beat: Floats, own: Bools) -> Floats:
    """The beat with lost leads of V1-V6 between their neighbours, or like the nearest one."""
    if own.all():
        return beat
    whole = beat.copy()
    places = np.arange(len(beat))
    chest = (places > 1) & own
    for place in np.flatnonzero(~own):
        weight = [np.interp(place, places[chest], row) for row in np.eye(int(np.count_nonzero(chest)))]
        whole[place] = np.asarray(weight) @ beat[chest]
    return whole
