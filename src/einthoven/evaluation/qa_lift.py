"""Tables beside exact match: lift over what needs no ECG, coverage where "not sure" may be said, reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.ecg_qa import KINDS
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import Bools, Floats
from einthoven.evaluation.cells import Cell, Share, Value
from einthoven.evaluation.qa_contest import read_as
from einthoven.evaluation.table import Part
from einthoven.metrics import patient_bootstrap, ratio_statistic

FEWEST = 20
"""Patients, below which a template has no interval."""


def lifts(
    right: Mapping[str, Bools],
    of: Sequence[str],
    over: Sequence[str],
    questions: Sequence[QuestionAnswer],
    patients: NDArray[np.str_],
    draws: int,
) -> list[Part]:
    """Differences of exact match, paired by patient: by kind, and by template in JSON alone."""
    kinds = np.array([one.kind for one in questions])
    numbers = np.array([str(one.template) for one in questions])
    every = np.ones(len(questions), np.bool_)
    order = [kind for kind in KINDS if kind in set(kinds.tolist())]
    pairs = [(a, b) for a in of for b in over if a in right and b in right and a != b]
    by_kind: dict[str, dict[str, Value]] = {}
    for a, b in pairs:
        row = {"all questions": _difference(right[a], right[b], every, patients, draws)}
        by_kind[f"{a} - {b}"] = row | {
            kind: _difference(right[a], right[b], kinds == kind, patients, draws) for kind in order
        }
    by_template = {
        number: {f"{a} - {b}": _difference(right[a], right[b], numbers == number, patients, draws) for a, b in pairs}
        for number in sorted(set(numbers.tolist()), key=int)
    }
    return [
        Part("Lift, paired by patient [95% patient bootstrap]", by_kind),
        Part("Lift by template", by_template, shown=False),
    ]


def coverage(
    right: Mapping[str, Bools],
    sure: Mapping[str, Mapping[int, bool]],
    questions: Sequence[QuestionAnswer],
    patients: NDArray[np.str_],
    draws: int,
) -> Part:
    """Which share of the questions is answered where "not sure" may be said, and which of these answers are right."""
    kinds = np.array([one.kind for one in questions])
    rows: dict[str, dict[str, Value]] = {}
    for name, known in sure.items():
        held = np.array([known.get(one.sample, False) for one in questions], np.bool_)
        for column in ("all questions", *(kind for kind in KINDS if kind in set(kinds.tolist()))):
            place = np.ones(len(questions), np.bool_) if column == "all questions" else kinds == column
            rows.setdefault(f"{name}: answered", {})[column] = _share(held, place, patients, draws)
            rows.setdefault(f"{name}: right where answered", {})[column] = _share(
                right[name], place & held, patients, draws
            )
            rows.setdefault(f"{name}: right where not sure", {})[column] = _share(
                right[name], place & ~held, patients, draws
            )
    return Part('Where "not sure" may be said [95% patient bootstrap]', rows)


def readings(questions: Sequence[QuestionAnswer]) -> Part:
    """How the different questions are read from their words alone."""
    different = {one.question: one for one in questions}
    counts = Counter((one.kind, read_as(one)) for one in different.values())
    kinds = [kind for kind in KINDS if any(kind == known for known, _ in counts)]
    rows: dict[str, dict[str, Value]] = {}
    for said in ("right", "otherwise", "not understood"):
        for kind in kinds:
            of_kind = sum(count for (known, _), count in counts.items() if known == kind)
            rows.setdefault(said, {})[kind] = Share.of_count(counts[kind, said], of_kind)
    return Part("Different questions, read from their words alone", rows)


def _share(held: Bools, place: Bools, patients: NDArray[np.str_], draws: int) -> Value:
    if not place.any():
        return "none"
    return _mean(held[place].astype(np.float64), patients[place], draws)


def _difference(a: Bools, b: Bools, place: Bools, patients: NDArray[np.str_], draws: int) -> Value:
    return _mean(a[place].astype(np.float64) - b[place], patients[place], draws)


def _mean(values: Floats, patients: NDArray[np.str_], draws: int) -> Value:
    """Of questions, with a bootstrap of their patients where there are enough of these."""
    names, patient_of = np.unique(patients, return_inverse=True)
    asked, summed = np.bincount(patient_of), np.bincount(patient_of, weights=values)
    if len(names) < FEWEST:
        return float(values.mean())
    return Cell.of(patient_bootstrap(ratio_statistic(summed, asked), names, draws))
