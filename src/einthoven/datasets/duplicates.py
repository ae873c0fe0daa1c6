"""Recordings that a collection holds more than once: the same samples, or the same tracing after other processing.

Exact ones have one `sha256`. Near ones are found by a fingerprint: eight independent leads of the first ten seconds,
at 50 Hz and from 1 to 20 Hz, each lead scaled to one size, so that rate, unit, gain, baseline and denoising do not
matter; where another recording begins later or is cut otherwise, it is not found. Beats of two recordings seldom fall
together by chance: of the 8 million pairs among 4,000 ECGs of PTB-XL the closest has 0.795, and each 0.1 more is about
seven times as rare. Among many thousands of ECGs a pair below 0.95 is therefore worth a look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from einthoven.collection import Collection, Row, quoted
from einthoven.ecg import ECG, LEADS, Signal, UsageError
from einthoven.signal.spectral import resample_and_filter

RATE, BAND, SECONDS = 50, (1.0, 20.0), 10
SHORTEST_S = 5.0
THRESHOLD = 0.9
FLAT_MV = 1e-3
ROWS = tuple(LEADS.index(lead) for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"))
WIDTH = len(ROWS) * RATE * SECONDS
SKETCH = 256
"""Numbers that stand for a fingerprint while pairs are sought."""
DEVIATIONS = 6
"""How many standard deviations a sketch's cosine c, which are (1 - c^2) / 16, may lie below that of the fingerprint."""
BLOCK = 2048


@dataclass(frozen=True)
class Duplicate:
    """Two records with the same tracing; `similarity` is 1 for the same samples."""

    one: str
    other: str
    similarity: float
    exact: bool


def duplicates(
    collection: Collection,
    threshold: float = THRESHOLD,
    near: bool = True,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Duplicate]:
    """Pairs of records with the same tracing, exact ones first; of several with the same samples each with the first.

    Args:
        threshold: the cosine of two fingerprints from which they are one tracing. near: seek these too.

    Raises:
        UsageError: a threshold that is none.
    """
    least_of_sketches(threshold)
    column = collection.columns(["record", "sha256"])
    groups: dict[str, list[str]] = defaultdict(list)
    for record, sha in zip(column["record"], column["sha256"], strict=True):
        groups[sha].append(record)
    found = [Duplicate(group[0], other, 1.0, True) for group in groups.values() for other in group[1:]]
    if near:
        found += _near(collection, {group[0] for group in groups.values()}, threshold, progress)
    return found


def fingerprint(ecg: ECG) -> Signal | None:
    """(4000,) float32 of length 1; None for what is too short or flat to be told.

    Its cosine with that of another recording is high where both are one tracing.
    """
    if ecg.seconds < SHORTEST_S:
        return None
    samples = int(min(ecg.samples, SECONDS * ecg.rate))
    leads = ecg.signal[list(ROWS), :samples]
    band = np.nan_to_num(resample_and_filter(leads, ecg.rate, RATE, *BAND)[:, : RATE * SECONDS])
    size = band.std(axis=1, keepdims=True)
    flat = size < (FLAT_MV if ecg.calibrated else 0) + 1e-12
    band = np.where(flat, 0, (band - band.mean(axis=1, keepdims=True)) / np.where(flat, 1, size))
    whole = np.zeros((len(ROWS), RATE * SECONDS), np.float32)
    whole[:, : band.shape[1]] = band
    length = float(np.linalg.norm(whole))
    return whole.ravel() / np.float32(length) if length else None


def sketched(
    rows: Iterable[Row], wanted: Callable[[Row], bool], progress: Callable[[int], None]
) -> tuple[list[str], Signal]:
    """Records with a fingerprint, and (n, 256) float16 sketches of it; of rows that are wanted and have a signal."""
    project = np.random.default_rng(0).standard_normal((WIDTH, SKETCH), dtype=np.float32)
    records: list[str] = []
    sketches: list[Signal] = []
    for done, row in enumerate(rows, 1):
        whole = fingerprint(row.ecg()) if row.signal is not None and wanted(row) else None
        if whole is not None:
            sketch = whole @ project
            records.append(row.record)
            sketches.append((sketch / np.linalg.norm(sketch)).astype(np.float16))
        progress(done)
    return records, np.stack(sketches) if sketches else np.empty((0, SKETCH), np.float16)


def least_of_sketches(threshold: float) -> float:
    """From which cosine of two sketches that of their fingerprints may be at the threshold.

    Raises:
        UsageError: a threshold that is none.
    """
    if not 0.5 <= threshold <= 1:
        raise UsageError(f"{threshold} is no threshold.", "Choose from 0.5 to 1; 0.9 finds denoised copies.")
    return threshold - DEVIATIONS * (1 - threshold**2) / float(SKETCH**0.5)


def _near(
    collection: Collection, wanted: set[str], threshold: float, progress: Callable[[int], None]
) -> list[Duplicate]:
    rows = collection.rows(["signal", "scale"], where="scale IS NOT NULL")
    records, sketches = sketched(rows, lambda row: row.record in wanted, progress)
    found = []
    kept: dict[str, Signal] = {}
    for first, second in _candidates(sketches, least_of_sketches(threshold)):
        one, other = (fingerprint_of(collection, records[place], kept) for place in (first, second))
        similarity = float(one @ other)
        if similarity >= threshold:
            found.append(Duplicate(records[first], records[second], min(similarity, 1.0), False))
    return found


def _candidates(sketches: Signal, least: float) -> Iterator[tuple[int, int]]:
    """Places of pairs whose sketches' cosine is at least so much, each pair once, in order."""
    for start in range(0, len(sketches), BLOCK):
        block = sketches[start : start + BLOCK].astype(np.float32)
        pairs = []
        for other in range(start, len(sketches), BLOCK):
            cosine = block @ sketches[other : other + BLOCK].astype(np.float32).T
            first, second = np.nonzero(cosine >= least)
            pairs += [(start + a, other + b) for a, b in zip(first.tolist(), second.tolist(), strict=True)]
        yield from sorted(pair for pair in pairs if pair[0] < pair[1])


def fingerprint_of(collection: Collection, record: str, kept: dict[str, Signal]) -> Signal:
    """A record's whole fingerprint; the last few hundred are kept."""
    if record not in kept:
        if len(kept) > 512:
            del kept[next(iter(kept))]
        (row,) = collection.rows(["signal", "scale"], where=f"record = {quoted(record)}")
        found = fingerprint(row.ecg())
        kept[record] = np.zeros(WIDTH, np.float32) if found is None else found
    return kept[record]
