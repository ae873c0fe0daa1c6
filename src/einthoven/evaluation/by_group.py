"""The superclasses by sex and by age: does a model serve some worse than others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from einthoven.evaluation.cells import Cell, Rows, Value
from einthoven.evaluation.embedded import UNKNOWN, Embedded
from einthoven.evaluation.labels import FEWEST_POSITIVES, Scores
from einthoven.metrics import macro_auc_statistic, patient_bootstrap
from einthoven.statements import label_set

AGES = {"age below 40": (0, 40), "age 40-59": (40, 60), "age 60-79": (60, 80), "age 80 and more": (80, np.inf)}
ECGS, PATIENTS = "ECGs", "patients"


def by_group(asked: Embedded, truth: NDArray[np.bool_], scores: Mapping[str, Scores], draws: int) -> Rows:
    """Macro-AUC of the superclasses for all ECGs, each sex and each age group, by each way of scoring.

    Where a superclass has fewer than 10 positives, or fewer than 10 negatives, in a group, there is no number,
    but which it is and how many. A group without an ECG has no row.

    Args:
        truth: (n, superclasses).
        scores: a way's name to (n, superclasses).
    """
    rows: dict[str, dict[str, Value]] = {}
    for name, kept in _groups(asked):
        row: dict[str, Value] = {ECGS: int(kept.sum()), PATIENTS: len(set(asked.patients[kept]))}
        lacking = _too_few(truth[kept])
        for way, score in scores.items():
            column = f"superclasses (5), {way}"
            if lacking:
                row[column] = lacking
            else:
                statistic = macro_auc_statistic(truth[kept], score[kept], FEWEST_POSITIVES)
                row[column] = Cell.of(patient_bootstrap(statistic, asked.patients[kept], draws))
        rows[name] = row
    return rows


def _groups(asked: Embedded) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    yield "all", np.ones(len(asked), np.bool_)
    named = {sex: asked.sexes == sex for sex in ("female", "male")}
    named[f"sex {UNKNOWN}"] = asked.sexes == UNKNOWN
    named |= {name: (asked.ages >= low) & (asked.ages < high) for name, (low, high) in AGES.items()}
    named[f"age {UNKNOWN}"] = np.isnan(asked.ages)
    yield from ((name, kept) for name, kept in named.items() if kept.any())


def _too_few(truth: NDArray[np.bool_]) -> str:
    """Which superclasses have too few ECGs with or without them, in words; empty where none has."""
    counts = {label: (int(n), len(truth) - int(n)) for label, n in zip(label_set("super"), truth.sum(0), strict=True)}
    lacking = [
        f"{label} {there}" if there < FEWEST_POSITIVES else f"{label} lacking in {absent}"
        for label, (there, absent) in counts.items()
        if min(there, absent) < FEWEST_POSITIVES
    ]
    return f"too few: {', '.join(lacking)}" if lacking else ""
