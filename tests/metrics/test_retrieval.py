import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from einthoven.ecg import UsageError
from einthoven.metrics import best_overlap, knn_vote, label_ndcg, label_overlap, precision_at_k


@pytest.fixture
def retrieved():
    rng = np.random.default_rng(0)
    truth, archive = rng.random((7, 5)) < 0.4, rng.random((30, 5)) < 0.4
    truth[0] = archive[3] = False
    picked = np.stack([rng.permutation(30)[:6] for _ in range(7)])
    return truth, archive, picked


def jaccard(one, other):
    either = set(np.flatnonzero(one)) | set(np.flatnonzero(other))
    return 1.0 if not either else len(set(np.flatnonzero(one)) & set(np.flatnonzero(other))) / len(either)


def test_overlap_and_precision_equal_slow_loops(retrieved):
    truth, archive, picked = retrieved
    overlap = label_overlap(truth, archive[picked])
    precision = precision_at_k(truth, archive[picked])
    for query in range(7):
        slow = [jaccard(truth[query], archive[one]) for one in picked[query]]
        np.testing.assert_allclose(overlap[query], slow)
        shared = [bool((truth[query] & archive[one]).any()) for one in picked[query]]
        assert precision[query] == pytest.approx(np.mean(shared))


def test_ndcg_equals_sklearn(retrieved):
    truth, archive, picked = retrieved
    ndcg = label_ndcg(label_overlap(truth, archive[picked]), best_overlap(truth, archive, k=6))
    for query in range(7):
        relevance = np.array([[jaccard(truth[query], one) for one in archive]])
        ranks = np.full((1, 30), -100.0)
        ranks[0, picked[query]] = np.arange(6, 0, -1)
        assert ndcg[query] == pytest.approx(ndcg_score(relevance, ranks, k=6), abs=1e-6)


def test_best_leaves_out_the_own_patient(retrieved):
    truth, archive, _ = retrieved
    patients, archive_patients = np.arange(7), np.arange(30) % 10
    best = best_overlap(truth, archive, 4, patients, archive_patients)
    for query in range(7):
        others = [jaccard(truth[query], archive[one]) for one in range(30) if one % 10 != query]
        np.testing.assert_allclose(best[query], sorted(others, reverse=True)[:4], atol=1e-6)
    with pytest.raises(UsageError, match="cannot offer 28"):
        best_overlap(truth, archive, 28, patients, archive_patients)


def test_ndcg_is_undefined_where_nothing_overlaps():
    assert np.isnan(label_ndcg([[0.0, 0.0]], [[0.0, 0.0]])).all()


def test_votes():
    labels = [[[1, 0], [1, 1], [0, 0]]]
    np.testing.assert_allclose(knn_vote(labels), [[2 / 3, 1 / 3]])
    np.testing.assert_allclose(knn_vote(labels, [[1.0, 2.0, 1.0]]), [[0.75, 0.5]])
    for bad in ([[1.0, -0.1, 1.0]], [[0.0, 0.0, 0.0]]):
        with pytest.raises(UsageError, match="Votes"):
            knn_vote(labels, bad)
