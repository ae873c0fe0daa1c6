"""Reports of an archive that need no draft: what a draft has to beat, and the best that one of them could be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from einthoven.datasets import PTBXL
from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import UsageError
from einthoven.evaluation.baselines import plain_signal
from einthoven.evaluation.embedded import embed_all
from einthoven.evaluation.oracle import highest_bleu
from einthoven.models import Preparation
from einthoven.retrieval import Archive, ExactIndex

SEED = 0
RANDOM = "baseline: a random report of the archive"
COMMON = "baseline: the archive's most common report"
NEAREST = "baseline: report of the nearest ECG"
PLAIN = "baseline: report of the nearest by plain signal"
ORACLE = "oracle: the archive's report with the highest BLEU"

Progress = Callable[[str], None]


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
    nearest: Sequence[str],
    progress: Progress = lambda line: None,
) -> dict[str, list[str]]:
    """Texts by the name of their row, one for each entry; "" where the nearest ECG has no report.

    The nearest by plain signal is left out unless the data set holds the signals of all the archive's reports.

    Args:
        reports: of the archive, by record. nearest: for each entry the archive's most similar record.

    Raises:
        UsageError: records of the archive and entries are of the same patient.
    """
    patients = {entry.patient for entry in entries}
    base = [entry for entry in source.present() if entry.record in reports]
    shared = {entry.patient for entry in base} & patients
    if shared:
        raise UsageError(f"{len(shared)} patients are in archive and fold.", "Use an archive of other patients.")
    records = sorted(reports)
    drawn = np.random.default_rng(SEED).integers(len(records), size=len(entries))
    unique = list(dict.fromkeys(reports[record] for record in records))
    common = Counter(reports[record] for record in records).most_common(1)[0][0]
    progress("the archive's reports with the highest BLEU")
    best = highest_bleu([entry.report for entry in entries], unique)
    found = {
        RANDOM: [reports[records[place]] for place in drawn],
        COMMON: [common] * len(entries),
        NEAREST: [reports.get(record, "") for record in nearest],
    }
    if len(base) == len(reports):
        near = _nearest_by_signal(source, base, entries, progress)
        found[PLAIN] = [reports[base[place].record] for place in near]
    return found | {ORACLE: [unique[place] for place in best]}


def _nearest_by_signal(
    source: PTBXL, base: Sequence[Entry], entries: Sequence[Entry], progress: Progress
) -> Sequence[int]:
    runs = {PLAIN: plain_signal(Preparation())}
    theirs, ours = (
        embed_all(map(source.row, each), (), runs, lambda n: progress(f"plain signals: {n} ECGs")).seen[PLAIN].embedding
        for each in (base, entries)
    )
    _, near = ExactIndex(theirs.astype(np.float32), backend="numpy").search(ours.astype(np.float32), 1)
    return [int(place) for place in near[:, 0]]
