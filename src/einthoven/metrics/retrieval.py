"""How alike are the labels of a query and of what was retrieved for it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Bools, Floats, UsageError
from einthoven.metrics.check import as_scores, as_truth

CELLS = 4_000_000


def knn_vote(similar_truth: ArrayLike, similarity: ArrayLike | None = None) -> Floats:
    """Share (n, l) of the neighbours' votes for each label.

    Args:
        similar_truth: (n, k, l) labels of the k neighbours.
        similarity: (n, k) weight of each neighbour's vote, not negative; None counts all alike.

    Raises:
        UsageError: a negative weight, or a query whose neighbours all weigh nothing.
    """
    known = as_truth(similar_truth, 3)
    if similarity is None:
        return np.asarray(known.mean(axis=1))
    weight = as_scores(similarity, known.shape[:2])
    total = weight.sum(axis=1, keepdims=True)
    if weight.min() < 0 or total.min() <= 0:
        raise UsageError(
            "Votes cannot be weighed by negative similarities, or by zeros alone.",
            "Shift or clip the similarities, or count all neighbours alike.",
        )
    share: Floats = np.einsum("nk,nkl->nl", weight / total, known)
    return share


def precision_at_k(truth: ArrayLike, similar_truth: ArrayLike) -> Floats:
    """Share (n,) of the k neighbours that have a label in common with the query.

    Args:
        truth: (n, l) labels of the queries; one without a label gets 0.
        similar_truth: (n, k, l) labels of the neighbours.
    """
    known, similar = _fitting(truth, similar_truth)
    return np.asarray((similar & known[:, None]).any(axis=2).mean(axis=1))


def label_overlap(truth: ArrayLike, similar_truth: ArrayLike) -> Floats:
    """Jaccard index (n, k) of a query's labels and each neighbour's; two empty sets agree (1)."""
    known, similar = _fitting(truth, similar_truth)
    both = (similar & known[:, None]).sum(axis=2)
    either = (similar | known[:, None]).sum(axis=2)
    overlap: Floats = np.divide(both, either, out=np.ones(both.shape), where=either > 0)
    return overlap


def best_overlap(
    truth: ArrayLike,
    archive_truth: ArrayLike,
    k: int,
    patients: ArrayLike | None = None,
    archive_patients: ArrayLike | None = None,
) -> Floats:
    """The k highest label overlaps (n, k) that an archive can offer each query, best first.

    Args:
        truth: (n, l) labels of the queries.
        archive_truth: (m, l) labels of the archive.
        patients: (n,) and archive_patients: (m,), both or none; a query's own patient is left out.

    Raises:
        UsageError: an archive that cannot offer k ECGs of other patients.
    """
    known, archive = as_truth(truth, 2), as_truth(archive_truth, 2)
    if known.shape[1] != archive.shape[1] or (patients is None) != (archive_patients is None):
        raise UsageError("Queries and archive do not fit.", "Give both the same labels, and patients or none.")
    own, theirs = (None if ids is None else np.asarray(ids) for ids in (patients, archive_patients))
    size, width = archive.sum(axis=1), archive.T.astype(np.float32)
    best = np.empty((len(known), k))
    block = max(1, CELLS // len(archive))
    for start in range(0, len(known), block):
        part = slice(start, start + block)
        both = known[part].astype(np.float32) @ width
        either = known[part].sum(axis=1)[:, None] + size - both
        overlap = np.divide(both, either, out=np.ones_like(both), where=either > 0)
        if own is not None and theirs is not None:
            overlap[own[part, None] == theirs] = -1
        if not 1 <= k <= len(archive) or np.partition(overlap, -k, axis=1)[:, -k].min() < 0:
            raise UsageError(f"The archive cannot offer {k} ECGs to each query.", "Lower k.")
        best[part] = -np.sort(-np.partition(overlap, -k, axis=1)[:, -k:], axis=1)
    return best


def label_ndcg(overlap: ArrayLike, best: ArrayLike) -> Floats:
    """Normalised discounted cumulative gain (n,) at k, the label overlap being the gain.

    Jarvelin and Kekalainen, ACM TOIS 2002, with the discount log2(rank + 1).

    Args:
        overlap: (n, k) of the neighbours in the order retrieved, from `label_overlap`.
        best: (n, k) that were to be had, from `best_overlap`.

    Returns:
        0 to 1; NaN for a query with which nothing in the archive overlaps.
    """
    found = np.asarray(overlap, np.float64)
    ideal = as_scores(best, found.shape)
    discount = 1 / np.log2(np.arange(found.shape[1]) + 2)
    reached, possible = as_scores(found, ideal.shape) @ discount, ideal @ discount
    gain: Floats = np.divide(reached, possible, out=np.full(len(possible), np.nan), where=possible > 0)
    return gain


def _fitting(truth: ArrayLike, similar_truth: ArrayLike) -> tuple[Bools, Bools]:
    known, similar = as_truth(truth, 2), as_truth(similar_truth, 3)
    if known.shape != (similar.shape[0], similar.shape[2]):
        raise UsageError(
            f"Neighbours of shape {similar.shape} do not fit queries of shape {known.shape}.",
            "Pass (n, k, labels) for (n, labels).",
        )
    return known, similar
