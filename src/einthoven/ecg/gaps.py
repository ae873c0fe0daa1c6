"""Where a recording holds no number, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from einthoven.ecg.types import Bools, Signal


def gaps_in_words(signal: Signal, rate: float, leads: Sequence[str]) -> str:
    """Where the rows (leads, samples) are NaN; empty where they are not. Leads with the same gaps are named together.

    >>> rows = np.zeros((2, 1000), np.float32); rows[:, 100:150] = np.nan; rows[1, 900] = np.nan
    >>> gaps_in_words(rows, 500, ["I", "II"])
    'I: 50 samples at 0.2 s; II: 51 samples in 2 places between 0.2 and 1.802 s'
    """
    found: dict[str, list[str]] = {}
    for lead, row in zip(leads, np.isnan(signal), strict=True):
        if row.any():
            found.setdefault(_where(row, rate), []).append(lead)
    return "; ".join(f"{', '.join(names)}: {where}" for where, names in found.items())


def _where(gap: Bools, rate: float) -> str:
    edges = np.flatnonzero(np.diff(gap, prepend=False, append=False))
    places = len(edges) // 2
    first, end = edges[0] / rate, edges[-1] / rate
    count = int(np.count_nonzero(gap))
    samples = "1 sample" if count == 1 else f"{count} samples"
    if places == 1:
        return f"{samples} at {first:.4g} s"
    return f"{samples} in {places} places between {first:.4g} and {end:.4g} s"
