"""Scores for labels as a table: macro-AUC, macro-F1 by how thresholds were found, calibration, rare labels apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools, Floats, UsageError
from einthoven.evaluation.cells import Cell, Rows, Value
from einthoven.evaluation.labels import FEWEST_POSITIVES, Scores
from einthoven.evaluation.reliability import BINS, Forecast, reliability_rows
from einthoven.evaluation.table import Part
from einthoven.metrics import (
    Statistic,
    best_thresholds,
    calibration_error_statistic,
    interval_of,
    label_auc_statistic,
    label_f1_statistic,
    mean_auc,
    nearest_only,
    patient_draws,
    unlabelled_thresholds,
)

DRAWS = 1000
AUC, ECE = "macro-AUC", f"ECE, {BINS} bins"
SPREAD = "sd of macro-AUC over draws or seeds"
F1_NEAREST = "macro-F1, nearest description only"
F1_EVERY = "baseline: macro-F1, every label stated of every ECG"
F1_UNLABELLED = "macro-F1, thresholds from unlabelled scores"
F1_LABELS = "macro-F1, thresholds from {} (uses labels)"
RELIABILITY = "Reliability of"


@dataclass(frozen=True)
class Way:
    """One way of scoring: of the test ECGs (n, l) and of those that thresholds are found on, once a draw or seed.

    Args:
        probabilities: whether scores are meant as such; similarities are not.
        nearest: whether a row of scores compares descriptions, so that the highest alone can be stated.
    """

    test: Sequence[Scores]
    val: Sequence[Scores]
    probabilities: bool = True
    nearest: bool = False

    @classmethod
    def of(cls, scored: Iterable[tuple[Scores, Scores]]) -> Way:
        """From pairs of test and val, one a draw or seed."""
        test, val = zip(*scored, strict=True)
        return cls(test, val)


@dataclass(frozen=True)
class Classified:
    """A table's rows and further parts, how many labels count, and the first row's macro-AUC (1 + draws,)."""

    cells: Rows
    parts: tuple[Part, ...]
    counted: int
    areas: Floats


def classified(
    ways: Mapping[str, Way],
    labels: Sequence[str],
    truth: Bools,
    val_truth: Bools,
    patients: NDArray[np.str_],
    val_name: str,
    only: Bools | None = None,
) -> Classified:
    """Rows of scores with 95% patient bootstraps, the differences of the first row to the others, and rare labels.

    The means are over labels with at least 10 positives and one negative among the test ECGs. Where a way has several
    draws or seeds its number is their mean, its interval is that of this mean over patients, and their standard
    deviation stands beside it.

    Args:
        ways: by the names of their rows, the judged one first.
        truth: (n, l) of the test ECGs. val_truth: (m, l) of those that choose thresholds.
        patients: (n,) of the test ECGs.
        val_name: what those that choose thresholds are called.
        only: (l,) which labels are judged, all unless told; the others can still be the nearest description.

    Raises:
        UsageError: no label has enough positives.
    """
    judged_labels = np.ones(len(labels), np.bool_) if only is None else only
    counts = (truth.sum(0) >= FEWEST_POSITIVES) & (truth.sum(0) < len(truth)) & judged_labels
    if not counts.any():
        raise UsageError(
            f"No label has {FEWEST_POSITIVES} positives and a negative among {len(truth)} ECGs.",
            "Evaluate on more of the data set.",
        )
    drawn = {
        name: [
            patient_draws(label_auc_statistic(truth[:, counts], each[:, counts]), patients, DRAWS) for each in way.test
        ]
        for name, way in ways.items()
    }
    several = any(len(way.test) > 1 for way in ways.values())
    cells = {}
    for name, way in ways.items():
        means = np.array([mean_auc(each) for each in drawn[name]])
        row: dict[str, Value] = {AUC: Cell.of(interval_of(means.mean(0)))}
        if several and len(means) > 1:
            row[SPREAD] = float(means[:, 0].std(ddof=1))
        row |= _f1(way, truth, val_truth, counts, patients, val_name)
        if way.probabilities:
            row[ECE] = _averaged([_calibration(truth, each, counts) for each in way.test], patients)
        cells[name] = row
    first, judged = next(iter(ways.items()))
    parts = [
        Part("Paired differences of macro-AUC [95% patient bootstrap]", _differences(drawn)),
        *_reliability(first, judged, truth, val_truth, counts, patients),
        Part(f"Each label, {first}", _each(labels, truth, drawn[first], counts), shown=False),
    ]
    rare = judged_labels & ~counts
    if rare.any():
        title = (
            f"Labels with fewer than {FEWEST_POSITIVES} positives, or without a negative: in no mean; AUC of {first}"
        )
        parts.append(Part(title, _rare(labels, truth, judged, rare)))
    areas = np.mean([mean_auc(each) for each in drawn[first]], axis=0)
    return Classified(cells, tuple(parts), int(counts.sum()), areas)


def _areas(truth: Bools, score: Scores, counts: Bools, patients: NDArray[np.str_]) -> Floats:
    return patient_draws(label_auc_statistic(truth[:, counts], score[:, counts]), patients, DRAWS)


def _f1(
    way: Way, truth: Bools, val_truth: Bools, counts: Bools, patients: NDArray[np.str_], val_name: str
) -> dict[str, Value]:
    found: dict[str, Value] = {}
    known = truth[:, counts]
    if way.nearest:
        said = [nearest_only(each)[:, counts] for each in way.test]
        found[F1_NEAREST] = _macro_f1(known, said, patients)
        found[F1_EVERY] = _macro_f1(known, [np.ones_like(known)], patients)
    both = list(zip(way.test, way.val, strict=True))
    bare = [test[:, counts] >= unlabelled_thresholds(val[:, counts]) for test, val in both]
    found[F1_UNLABELLED] = _macro_f1(known, bare, patients)
    told = [test[:, counts] >= best_thresholds(val_truth[:, counts], val[:, counts]) for test, val in both]
    found[F1_LABELS.format(val_name)] = _macro_f1(known, told, patients)
    return found


def _macro_f1(truth: Bools, stated: Sequence[Bools], patients: NDArray[np.str_]) -> Cell:
    return _averaged([_mean_of_labels(label_f1_statistic(truth, each)) for each in stated], patients)


def _mean_of_labels(each: Statistic) -> Statistic:
    return lambda weights: mean_auc(each(weights))


def _averaged(statistics: Sequence[Statistic], patients: NDArray[np.str_]) -> Cell:
    """The mean of several statistics, with the interval of that mean."""

    def mean(weights: Floats) -> Floats:
        return np.asarray(np.mean([each(weights) for each in statistics], axis=0))

    return Cell.of(interval_of(patient_draws(mean, patients, DRAWS)))


def _calibration(truth: Bools, chance: Scores, counts: Bools) -> Statistic:
    known = truth[:, counts]
    owner = np.repeat(np.arange(len(known)), known.shape[1])
    return calibration_error_statistic(known.ravel(), chance[:, counts].ravel(), owner, len(known), BINS)


def _differences(drawn: Mapping[str, Sequence[Floats]]) -> Rows:
    first, *others = drawn
    mean = {name: np.mean([mean_auc(each) for each in several], axis=0) for name, several in drawn.items()}
    return {f"{first}, minus {other}": {AUC: Cell.of(interval_of(mean[first] - mean[other]))} for other in others}


def _reliability(
    name: str, way: Way, truth: Bools, val_truth: Bools, counts: Bools, patients: NDArray[np.str_]
) -> list[Part]:
    if not way.probabilities:
        return []
    forecast = Forecast.of(truth[:, counts], way.test[0][:, counts], val_truth[:, counts].mean(0), patients)
    return [Part(f"{RELIABILITY} {name}, over {counts.sum()} labels", reliability_rows(forecast, DRAWS))]


def _each(labels: Sequence[str], truth: Bools, drawn: Sequence[Floats], counts: Bools) -> Rows:
    mean = np.mean(drawn, axis=0)
    rows: dict[str, dict[str, Value]] = {}
    for place, label in enumerate(np.flatnonzero(counts).tolist()):
        there = np.isfinite(mean[:, place]).mean() > 0.9
        value: Value = Cell.of(interval_of(mean[:, place])) if there else float(mean[0, place])
        rows[labels[label]] = {"positives": int(truth[:, label].sum()), "AUC": value}
    return rows


def _rare(labels: Sequence[str], truth: Bools, way: Way, rare: Bools) -> Rows:
    rows: dict[str, dict[str, Value]] = {}
    once = np.ones((1, len(truth)))
    for label in np.flatnonzero(rare).tolist():
        positives = int(truth[:, label].sum())
        row: dict[str, Value] = {"positives": positives}
        if 0 < positives < len(truth):
            one = slice(label, label + 1)
            areas = [label_auc_statistic(truth[:, one], each[:, one])(once)[0, 0] for each in way.test]
            row["AUC, no interval"] = float(np.mean(areas))
        rows[labels[label]] = row
    return rows
