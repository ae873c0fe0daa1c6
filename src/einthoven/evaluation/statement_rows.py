"""Statements of drafts and of reports beside what is true: rows of a table for each group of ECGs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools
from einthoven.evaluation.cells import Share, Value, cells_of
from einthoven.metrics import Judgement, Said, Statistic, critical_counts, judge, ratio_statistic, statement_scores

F1, CRITICAL, ALARMS = "F1", "critical found", "critical unsupported"

Judged = Mapping[str, Sequence[Judgement]]
"""Judgements of n ECGs by the name of a row."""


def judged(said: Mapping[str, Sequence[Said]], truth: Sequence[Said]) -> Judged:
    """Judgements of what each row says of n ECGs."""
    return {
        row: [judge(draft, true) for draft, true in zip(drafts, truth, strict=True)] for row, drafts in said.items()
    }


def statement_rows(each: Judged, kept: Bools, patients: NDArray[np.str_], draws: int) -> dict[str, dict[str, Value]]:
    """Rows of scores over the ECGs that are kept; critical findings with Clopper-Pearson intervals.

    Args:
        kept: (n,). patients: (n,) ids.
    """
    chosen = {row: [one for one, use in zip(found, kept, strict=True) if use] for row, found in each.items()}
    statistics = {(row, column): one for row, found in chosen.items() for column, one in _columns(found)}
    rows = cells_of(statistics, patients[kept], draws)
    for row, found in chosen.items():
        hits, there, unsupported = critical_counts(found)
        rows[row][CRITICAL] = Share.of_count(hits, there) if there else "none there"
        rows[row][ALARMS] = unsupported
    return rows


def differences(
    each: Judged, first: str, others: Sequence[str], patients: NDArray[np.str_], draws: int
) -> dict[str, dict[str, Value]]:
    """The first row's F1 and share of critical findings found, minus those of others, on the same draws of patients."""
    both = {row: {F1: statement_scores(each[row]).f1, CRITICAL: _critical(each[row])} for row in (first, *others)}
    return cells_of(
        {
            (f"{first}, minus {row}", column): _minus(both[first][column], both[row][column])
            for row in others
            for column in (F1, CRITICAL)
        },
        patients,
        draws,
    )


def _minus(one: Statistic, other: Statistic) -> Statistic:
    return lambda weights: one(weights) - other(weights)


def _critical(found: Sequence[Judgement]) -> Statistic:
    hits, there = zip(*(critical_counts([one])[:2] for one in found), strict=True)
    return ratio_statistic(np.array(hits, np.float64), np.array(there, np.float64))


def _columns(found: Sequence[Judgement]) -> Iterator[tuple[str, Statistic]]:
    scores = statement_scores(found)
    yield "precision", scores.precision
    yield "recall", scores.recall
    yield F1, scores.f1
    yield "F1, mean of each ECG's", scores.f1_by_ecg
    yield "F1, same polarity", scores.f1_exact
    yield "omitted", scores.omission
    yield "fabricated", scores.fabrication
    yield "contradicted", scores.contradicted
    yield "ECGs with a contradiction", scores.conflicts
