"""Reports that need no draft: what a draft has to beat, and the best that one of the archive could be.

With other models and trained generators these are the rows of ECG-ReGen's Table I.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from einthoven.collection import Row
from einthoven.datasets import PTBXL
from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import ECG, UsageError, chunks
from einthoven.evaluation.baselines import plain_signal
from einthoven.evaluation.embedded import Run, embed_all
from einthoven.evaluation.leaking import Leak
from einthoven.evaluation.oracle import highest_bleu
from einthoven.evaluation.picked import consensus, with_the_same_codes
from einthoven.evaluation.report_groups import codes_of
from einthoven.models import Preparation
from einthoven.retrieval import Archive, ExactIndex

SEED = 0
VOTERS = 15
RANDOM = "baseline: a random report of the archive"
COMMON = "baseline: the archive's most common report"
NEAREST = "report of the nearest ECG"
CONSENSUS = f"of the reports of the {VOTERS} nearest, the one most like the others"
PLAIN = "baseline: report of the nearest by plain signal"
SAME_CODES = "knows the codes: a random report of an ECG with the same"
ORACLE = "knows the report: the archive's with the highest BLEU"
BATCH = 64

Progress = Callable[[str], None]
E = TypeVar("E")
Writer = Callable[[Sequence[ECG]], Sequence[str]]
"""ECGs to a report for each."""


@dataclass(frozen=True)
class Others:
    """Who else takes part, by the name of the row: models whose nearest ECG's report is taken, generators, and
    embeddings that an ECG's own report has entered."""

    runs: Mapping[str, Run] = field(default_factory=dict)
    writers: Mapping[str, Writer] = field(default_factory=dict)
    leaks: Mapping[str, Leak] = field(default_factory=dict)


def archive_reports(archive: Archive, source: PTBXL) -> dict[str, str]:
    """The report of each record of an archive, as far as there is one: from the data set, or kept in the archive."""
    stored = archive.collection.columns(["record", "text"])
    known = {entry.record: entry.report for entry in source.entries}
    texts = {record: known.get(record) or kept for record, kept in zip(stored["record"], stored["text"], strict=True)}
    return {record: text for record, text in texts.items() if text and text.strip()}


def rivals(
    reports: Mapping[str, str],
    source: PTBXL,
    entries: Sequence[Entry],
    neighbours: Sequence[Sequence[str]],
    others: Others = Others(),
    progress: Progress = lambda line: None,
) -> dict[str, list[str]]:
    """Texts by the name of their row, one for each entry; "" where the nearest ECG has no report.

    What needs signals or codes of the archive's ECGs is left out unless the data set holds those of all its reports.

    Args:
        reports: of the archive, by record. neighbours: for each entry the archive's records, the most similar first.

    Raises:
        UsageError: records of the archive and entries are of the same patient, or other models cannot take part.
    """
    patients = {entry.patient for entry in entries}
    base = [entry for entry in source.present() if entry.record in reports]
    shared = {entry.patient for entry in base} & patients
    if shared:
        raise UsageError(f"{len(shared)} patients are in archive and fold.", "Use an archive of other patients.")
    whole = len(base) == len(reports)
    if (others.runs or others.leaks) and not whole:
        raise UsageError(
            f"The data set holds the signals of {len(base)} of the archive's {len(reports)} reports.",
            "Name the whole data set, or leave other models out.",
        )
    records = sorted(reports)
    drawn = np.random.default_rng(SEED).integers(len(records), size=len(entries))
    unique = list(dict.fromkeys(reports[record] for record in records))
    common = Counter(reports[record] for record in records).most_common(1)[0][0]
    voters = [[reports[record] for record in near if record in reports][:VOTERS] for near in neighbours]
    found = {
        RANDOM: [reports[records[place]] for place in drawn],
        COMMON: [common] * len(entries),
        NEAREST: [reports.get(near[0], "") for near in neighbours],
        CONSENSUS: [texts[consensus(texts)] if texts else "" for texts in voters],
    }
    if whole:
        runs = {PLAIN: plain_signal(Preparation()), **others.runs}
        for row, near in _nearest(source, base, entries, runs, progress).items():
            found[row] = [reports[base[place].record] for place in near]
    found |= written(others.writers, source.row, entries, progress)
    for row, embed in others.leaks.items():
        found[row] = [reports[base[place].record] for place in _fused(source, base, entries, row, embed, progress)]
    if whole:
        same = with_the_same_codes([codes_of(entry) for entry in entries], [codes_of(entry) for entry in base], SEED)
        found[SAME_CODES] = [reports[base[place].record] for place in same]
    progress("the archive's reports with the highest BLEU")
    best = highest_bleu([entry.report for entry in entries], unique)
    return found | {ORACLE: [unique[place] for place in best]}


def written(
    writers: Mapping[str, Writer], row_of: Callable[[E], Row], entries: Sequence[E], progress: Progress
) -> dict[str, list[str]]:
    """What each writes of every entry, by the name of its row."""
    found: dict[str, list[str]] = {row: [] for row in writers}
    for row, write in writers.items():
        for some in chunks(entries, BATCH):
            found[row] += write([row_of(entry).ecg() for entry in some])
            progress(f"{row}: {len(found[row])} ECGs")
    return found


def _nearest(
    source: PTBXL, base: Sequence[Entry], entries: Sequence[Entry], runs: Mapping[str, Run], progress: Progress
) -> dict[str, list[int]]:
    """For each entry the place of the nearest of `base`, by the name of the run."""
    theirs, ours = (
        embed_all(map(source.row, each), (), runs, lambda n: progress(f"signals for other rows: {n} ECGs")).seen
        for each in (base, entries)
    )
    found = {}
    for row in runs:
        known, asked = (each[row].embedding.astype(np.float32) for each in (theirs, ours))
        _, near = ExactIndex(known, backend="numpy").search(asked, 1)
        found[row] = [int(place) for place in near[:, 0]]
    return found


def _fused(
    source: PTBXL, base: Sequence[Entry], entries: Sequence[Entry], row: str, embed: Leak, progress: Progress
) -> list[int]:
    """For each entry the place of the nearest of `base`, each with its own report in its embedding."""
    both = []
    for each in (base, entries):
        made: list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = []
        for some in chunks(each, BATCH):
            made.append(embed([source.row(entry) for entry in some]))
            progress(f"{row}: {sum(map(len, made))} ECGs")
        both.append(np.concatenate(made))
    _, near = ExactIndex(both[0], backend="numpy").search(both[1], 1)
    return [int(place) for place in near[:, 0]]
