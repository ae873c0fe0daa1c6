"""Tracings that a collection shares with other ECGs, such as a test set, however either was processed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

import numpy as np

from einthoven.collection import Collection, Row
from einthoven.datasets.duplicates import (
    BLOCK,
    THRESHOLD,
    Duplicate,
    fingerprint,
    fingerprint_of,
    least_of_sketches,
    sketched,
)
from einthoven.ecg import Signal
from einthoven.ecg.counted import counted

Rows = Callable[[], Iterable[Row]]


def tracings_between(
    collection: Collection,
    others: Rows,
    leave_out: frozenset[str] = frozenset(),
    threshold: float = THRESHOLD,
    progress: Callable[[str], None] = lambda line: None,
) -> list[Duplicate]:
    """Pairs of one record of each side with the same tracing, as `duplicates` tells it; by the others' order.

    Args:
        others: makes an iterator over the other ECGs, with signals; called twice. Only those that may be in a pair
            are looked at the second time.
        leave_out: hashes (`sha256`) of samples that are not asked, because both sides are known to have them.
        threshold: the cosine of two fingerprints from which they are one tracing.

    Raises:
        UsageError: a threshold that is none.
    """
    least = least_of_sketches(threshold)
    stored = collection.rows(["signal", "scale"], where="scale IS NOT NULL")
    own, own_sketches = sketched(stored, lambda row: True, lambda n: progress(f"archive: {counted(n)} looked at"))
    if not own:
        return []
    asked, sketches = sketched(
        others(), lambda row: row.sha256 not in leave_out, lambda n: progress(f"test set: {counted(n)} looked at")
    )
    near: dict[str, list[str]] = defaultdict(list)
    for start in range(0, len(asked), BLOCK):
        block = sketches[start : start + BLOCK].astype(np.float32)
        for other in range(0, len(own), BLOCK):
            cosine = block @ own_sketches[other : other + BLOCK].astype(np.float32).T
            for first, second in zip(*np.nonzero(cosine >= least), strict=True):
                near[asked[start + first]].append(own[other + second])
    found = []
    kept: dict[str, Signal] = {}
    for row in others() if near else ():
        whole = fingerprint(row.ecg()) if row.record in near else None
        if whole is None:
            continue
        for record in near[row.record]:
            similarity = float(whole @ fingerprint_of(collection, record, kept))
            if similarity >= threshold:
                found.append(Duplicate(record, row.record, min(similarity, 1.0), False))
    return found
