"""What the nearest ECGs have in common with the one that is asked: precision at k and nDCG of their labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Floats, UsageError
from einthoven.evaluation.cells import Rows, cells_of
from einthoven.evaluation.embedded import Embedded
from einthoven.evaluation.labels import membership_of
from einthoven.evaluation.scores import nearest
from einthoven.metrics import Statistic, best_overlap, label_ndcg, label_overlap, precision_at_k, ratio_statistic

PRECISION_AT = (1, 10)
GAIN_AT = (10, 25)
RANDOM = "baseline: random ECGs"
SEED = 0


def neighbours_of(index: Embedded, asked: Embedded, name: str) -> NDArray[np.intp]:
    """For each ECG that is asked its nearest of the index (n, 25), nearest first, by the embedding of one model.

    Raises:
        UsageError: one of them is the very record, or of the same patient.
    """
    near = nearest(index.seen[name].embedding, asked.seen[name].embedding)
    own_patient, own_record = own_hits(index, asked, near)
    if own_patient or own_record:
        raise UsageError(
            f"{own_patient} neighbours are of the patient that is asked, {own_record} the very record.",
            "Use an index of other patients.",
        )
    return near


def own_hits(index: Embedded, asked: Embedded, near: NDArray[np.intp]) -> tuple[int, int]:
    """How many neighbours (n, k) are of the same patient as the ECG that is asked, and how many its own record."""
    patients, records = (
        int((getattr(index, name)[near] == getattr(asked, name)[:, None]).sum()) for name in ("patients", "records")
    )
    return patients, records


def neighbour_rows(
    index: Embedded, asked: Embedded, near: Mapping[str, NDArray[np.intp]], codes: Sequence[str], draws: int
) -> Rows:
    """Rows of P@1 and P@10 by subclass, and nDCG@10 and @25 by all statements; and of neighbours drawn at random.

    P@k is the share of the k nearest that have a diagnostic subclass of PTB-XL in common with the ECG, over the ECGs
    that have one. The gain of nDCG is the Jaccard index of the codes, beside the best k of the index.

    Args:
        near: (n, 25) places in the index, by the name of a row.
    """
    chance = np.random.default_rng(SEED).integers(len(index), size=(len(asked), max(*PRECISION_AT, *GAIN_AT)))
    best = best_overlap(asked.carried, index.carried, max(GAIN_AT))
    statistics = {
        (row, column): one
        for row, places in {**near, RANDOM: chance}.items()
        for column, one in _columns(index, asked, places, best, codes)
    }
    return cells_of(statistics, asked.patients, draws)


def _columns(
    index: Embedded,
    asked: Embedded,
    near: NDArray[np.intp],
    best: Floats,
    codes: Sequence[str],
) -> Iterator[tuple[str, Statistic]]:
    members = membership_of("sub", codes)
    truth, theirs = asked.carried @ members.T, index.carried @ members.T
    some = truth.any(1).astype(np.float64)
    for k in PRECISION_AT:
        yield f"P@{k}, subclasses", ratio_statistic(precision_at_k(truth, theirs[near[:, :k]]) * some, some)
    overlap = label_overlap(asked.carried, index.carried[near])
    for k in GAIN_AT:
        gain = label_ndcg(overlap[:, :k], best[:, :k])
        there = np.isfinite(gain)
        yield f"nDCG@{k}, all statements", ratio_statistic(np.where(there, gain, 0.0), there)
