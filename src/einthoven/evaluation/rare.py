"""Rare and critical statements by name: what can be judged of each, and what is too few to judge."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.evaluation.cells import Cell, Rows, Value
from einthoven.evaluation.labels import Scores
from einthoven.metrics import clopper_pearson, macro_auc_statistic, patient_bootstrap
from einthoven.statements import VOCABULARY

RARE = 100
"""A code that fewer ECGs of folds 1-8 carry is rare."""
JUDGED = 20
"""Positives in the fold from which on an AUC is given."""
FEWEST_PATIENTS = 5
"""Patients that these have to stem from, so that hardly a draw is without any."""
TOP = 0.02
INDEX, FOLD, AREA, FOUND = "ECGs in folds 1-8", "in the fold", "head's AUC", f"in the head's top {TOP:.0%}"


def rare_and_critical(
    codes: Sequence[str],
    known: Sequence[str],
    base: NDArray[np.integer],
    truth: NDArray[np.bool_],
    score: Scores,
    patients: NDArray[np.str_],
    draws: int,
) -> Rows:
    """One row for each code that is critical or rare, in report order.

    With 20 positives from 5 patients there is the head's AUC; below, how many positives are among the 2% of the
    ECGs that the head scores highest (by chance 2%), with a Clopper-Pearson bound, and no verdict.

    Args:
        codes: the (c) columns; `known` those that the head has.
        base: (c,) how many ECGs of folds 1-8 carry each.
        truth, score: (n, c).
        patients: (n,).
    """
    rows: dict[str, dict[str, Value]] = {}
    for column, code in enumerate(codes):
        term = VOCABULARY.term(code)
        if not term.critical and base[column] >= RARE:
            continue
        there = truth[:, column]
        kinds = {"critical": term.critical, "rare": base[column] < RARE}
        row: dict[str, Value] = {
            "kind": ", ".join(kind for kind, holds in kinds.items() if holds),
            INDEX: int(base[column]),
            FOLD: int(there.sum()),
        }
        if code not in known:
            row[AREA] = "not in the head"
        elif not there.any():
            row[AREA] = "none in the fold"
        elif there.sum() < JUDGED or len(set(patients[there])) < FEWEST_PATIENTS or there.all():
            row[AREA] = "too few to judge"
            row[FOUND] = _share(int((there & in_top(score[:, column])).sum()), int(there.sum()))
        else:
            statistic = macro_auc_statistic(there[:, None], score[:, [column]], JUDGED)
            row[AREA] = Cell.of(patient_bootstrap(statistic, patients, draws))
        rows[f"{code} {term.english}"] = row
    return rows


def in_top(score: NDArray[np.floating], share: float = TOP) -> NDArray[np.bool_]:
    """Which ECGs (n,) are surely among the highest `share`, rounded up: ties that reach beyond it are out.

    >>> in_top(np.array([0.1, 0.9, 0.5, 0.5]), 0.5).tolist()
    [False, True, False, False]
    """
    places = int(np.ceil(share * len(score) - 1e-9))
    at_least = len(score) - np.searchsorted(np.sort(score), score, side="left")
    return np.asarray(at_least <= places)


def _share(successes: int, trials: int) -> str:
    low, high = clopper_pearson(successes, trials)
    return f"{successes} of {trials} [{low:.2f}, {high:.2f}]"
