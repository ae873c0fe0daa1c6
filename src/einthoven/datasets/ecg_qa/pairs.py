"""Two ECGs to compare: of one patient in their order, or of two patients by chance."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from einthoven.datasets.ecg_qa.facts import Facts

MOST = 20_000
"""Pairs of two patients that questions are drawn from."""

Pairs = list[tuple[Facts, ...]]


def consecutive(facts: Sequence[Facts]) -> Pairs:
    """Every two ECGs of a patient, the earlier first; ECGs without a time and those of the same minute are left out.

    ECG-QA pairs an ECG with every later one of its patient, not with the next alone.
    """
    of: dict[str, list[tuple[datetime, str, Facts]]] = defaultdict(list)
    for one in facts:
        if one.time is not None:
            of[one.patient].append((one.time, one.record, one))
    found: Pairs = []
    for patient in sorted(of):
        for (before, _, first), (after, _, second) in combinations(sorted(of[patient], key=lambda one: one[:2]), 2):
            if before < after:
                found.append((first, second))
    return found


def irrelevant(facts: Sequence[Facts], generator: random.Random) -> Pairs:
    """Pairs of different patients, each once."""
    if len({one.patient for one in facts}) < 2:
        return []
    found: dict[tuple[str, str], tuple[Facts, ...]] = {}
    for _ in range(min(MOST, len(facts) ** 2)):
        first, second = generator.choice(facts), generator.choice(facts)
        if first.patient != second.patient:
            found[first.record, second.record] = (first, second)
    return list(found.values())
