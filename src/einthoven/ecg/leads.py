"""Lead names and Einthoven's triangle: synonyms, derivation, and the check of the identities."""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from einthoven.ecg.types import Signal

LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
LIMB = LEADS[:6]
PRECORDIAL = LEADS[6:]

_BY_LOWER = {lead.lower(): lead for lead in LEADS} | {
    **{f"c{n}": f"V{n}" for n in range(1, 7)},  # IEC and older German files
    "di": "I",
    "dii": "II",
    "diii": "III",
    "d1": "I",
    "d2": "II",
    "d3": "III",
}
_DECORATION = re.compile(
    r"^(?:ecg|ekg|lead|channel|mdc_ecg_lead|mdc_ecg_elec_potl)[\s_:.-]*|[\s_:.-]*(?:lead|\(ecg\)|\(einthoven\))$", re.I
)


@lru_cache(maxsize=256)
def canonical(name: str) -> str | None:
    """The canonical name of a lead, or None for a channel that is none of the twelve.

    >>> canonical("AVF"), canonical("Lead II"), canonical(" v3 "), canonical("MDC_ECG_LEAD_aVL")
    ('aVF', 'II', 'V3', 'aVL')
    >>> canonical("vx") is None and canonical("-aVR") is None
    True
    """
    bare = _DECORATION.sub("", name.strip()).strip()
    return _BY_LOWER.get(bare.lower())


@np.errstate(over="ignore", invalid="ignore")  # a damaged file may hold what float32 cannot add up
def derive_limb_leads(rows: dict[str, Signal]) -> dict[str, Signal]:
    """Those of the six limb leads that are not in `rows` but follow from two of I, II, III.

    Args:
        rows: canonical lead name to samples (samples,), mV.

    Returns:
        Lead name to samples (samples,), only the newly derived ones; empty when fewer
        than two of I, II, III are there (aVR, aVL and aVF alone fix them too, but a
        file that stores only those is not met in practice).
    """
    one, two, three = (rows.get(lead) for lead in ("I", "II", "III"))
    if one is None and two is not None and three is not None:
        one = two - three
    elif two is None and one is not None and three is not None:
        two = one + three
    if one is None or two is None:
        return {}
    every = {
        "I": one,
        "II": two,
        "III": two - one,
        "aVR": -(one + two) / 2,
        "aVL": one - two / 2,
        "aVF": two - one / 2,
    }
    return {lead: row for lead, row in every.items() if lead not in rows}


@np.errstate(over="ignore", invalid="ignore")
def einthoven_residual(signal: Signal) -> float | None:
    """How far the limb leads are from Einthoven's and Goldberger's identities.

    The largest, over the four identities that can be checked, of the root mean square
    of what I and II leave unexplained, as a share of the root mean square of the limb
    leads. 0 is exact; more than about 0.2 means that a lead is swapped, mis-scaled or noisy.

    Args:
        signal: (12, samples) mV in canonical order; rows of NaN are skipped.

    Returns:
        The share, or None when I, II or all four of the others are missing or flat.
    """
    rows = {lead: row for lead, row in zip(LEADS, signal, strict=True) if not np.isnan(row).all()}
    if "I" not in rows or "II" not in rows:
        return None
    expected = derive_limb_leads({"I": rows["I"], "II": rows["II"]})
    checked = [lead for lead in expected if lead in rows and np.isfinite(rows[lead] - expected[lead]).any()]
    scale = _rms(np.stack([rows[lead] for lead in LIMB if lead in rows]))
    if not checked or scale == 0:
        return None
    return max(_rms(_centred(rows[lead] - expected[lead])) for lead in checked) / scale


def _centred(row: Signal) -> Signal:
    middle = np.median(row)  # NaN where the row holds one
    return row - (np.nanmedian(row) if np.isnan(middle) else middle)


def _rms(values: Signal) -> float:
    flat = values.reshape(-1).astype(np.float64)
    squares = float(np.dot(flat, flat))  # three times as fast as the careful way, which counts no gap
    return float(np.sqrt(squares / flat.size if np.isfinite(squares) else np.nanmean(flat * flat)))
