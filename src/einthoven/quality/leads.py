"""What was measured in each lead, lead by lead, and how far it is from being a finding."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from einthoven.ecg import LEADS
from einthoven.quality.contact import CLIPPED_SHARE, FLAT_BLOCKS, Contact
from einthoven.quality.findings import LeadQuality
from einthoven.quality.mains import MAINS_RATIO, Hum
from einthoven.quality.noise import LEAD_SIMILARITY, NOISE_RATIO, WANDER_RATIO, Levels

WORST = 10.0
"""The trouble of a lead that is missing or flat; more is not told apart."""


def lead_qualities(
    found: Contact, missing: tuple[str, ...], measured: Levels | None = None, hum: Hum | None = None
) -> Mapping[str, LeadQuality]:
    """One `LeadQuality` for each of the 12 leads.

    Args:
        found: how well the electrodes hold. missing: leads that are not there.
        measured: against the QRS complexes, or None where there are none to be relied on.
        hum: of the mains, or None where it is not known.
    """
    each = {}
    for row, lead in enumerate(LEADS):
        if lead in missing:
            each[lead] = LeadQuality(WORST, missing=True)
            continue
        flat, clipped = float(found.dead[row]), float(found.clipped[row])
        if measured is None:
            each[lead] = LeadQuality(WORST, flat=flat, clipped=clipped)
            continue
        noise, wander, likeness = (float(of[row]) for of in (measured.noise, measured.wander, measured.similarity))
        shares = [
            flat / FLAT_BLOCKS,
            float(found.dropout[row]),
            clipped / CLIPPED_SHARE,
            noise / NOISE_RATIO,
            wander / WANDER_RATIO,
            float(hum.share[row]) / MAINS_RATIO if hum else 0.0,
            (1 - likeness) / (1 - LEAD_SIMILARITY),
        ]
        each[lead] = LeadQuality(
            trouble=WORST if found.flat[row] else min(WORST, max(shares)),
            flat=flat,
            clipped=clipped,
            height=float(measured.height[row]),
            noise=noise,
            wander=wander,
            mains=float(hum.share[row]) if hum else None,
            likeness=likeness,
        )
    return MappingProxyType(each)
