from __future__ import annotations

import importlib.util
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.retrieval import ExactIndex, search

BACKENDS = ["numpy"] + (["faiss"] if importlib.util.find_spec("faiss") else [])


def unit(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def slow(embeddings, groups, query, k, out):
    """(similarity, row) of the k nearest by sorting all of them, one by one."""
    allowed = [row for row in range(len(embeddings)) if groups[row] not in out]
    scored = sorted(
        ((float(embeddings[row].astype(float) @ query.astype(float)), row) for row in allowed), reverse=True
    )
    return scored[:k]


@pytest.mark.parametrize("backend", BACKENDS)
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_answers_are_those_of_a_slow_loop(backend, data):
    n, q = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 4))
    k, people = data.draw(st.integers(1, 35)), data.draw(st.integers(1, 8))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    embeddings, queries = unit(rng.standard_normal((n, 5))), unit(rng.standard_normal((q, 5)))
    groups = rng.integers(0, people, n)
    out = [np.array(data.draw(st.lists(st.integers(0, people + 2), max_size=3)), int) for _ in range(q)]
    similarity, rows = ExactIndex(embeddings, groups, backend).search(queries, k, out)
    assert similarity.shape == rows.shape == (q, k)
    for one in range(q):
        expected = slow(embeddings, groups, queries[one], k, set(out[one].tolist()))
        there = rows[one] >= 0
        assert there.sum() == len(expected)
        assert not there[len(expected) :].any()
        assert np.isneginf(similarity[one, len(expected) :]).all()
        assert len(set(rows[one, there])) == there.sum()
        assert np.allclose(similarity[one, there], [s for s, _ in expected], atol=1e-6)
        truly = [float(embeddings[row] @ queries[one]) for row in rows[one, there]]
        assert np.allclose(truly, similarity[one, there], atol=1e-6)
        assert not set(groups[rows[one, there]]) & set(out[one].tolist())


@pytest.mark.parametrize("backend", BACKENDS)
def test_ties_stand_in_row_order_and_none_comes_twice(backend):
    embeddings = unit([[1, 0], [0, 1], [1, 0], [1, 0], [0, 1]])
    similarity, rows = ExactIndex(embeddings, backend=backend).search(unit([[1, 0]]), 5)
    assert rows.tolist() == [[0, 2, 3, 1, 4]]
    assert similarity[0].tolist() == [1, 1, 1, 0, 0]
    _, some = ExactIndex(embeddings, backend=backend).search(unit([[1, 0]]), 2)
    assert len(set(some[0])) == 2
    assert set(some[0]) <= {0, 2, 3}


@pytest.mark.parametrize("backend", BACKENDS)
def test_one_row_no_row_and_no_query(backend):
    one = ExactIndex(unit([[1, 0]]), backend=backend)
    assert one.search(unit([[0, 1]]), 1)[1].tolist() == [[0]]
    assert one.search(unit([[0, 1]]), 3, [np.array([0])])[1].tolist() == [[-1, -1, -1]]
    none = ExactIndex(np.empty((0, 2), np.float32), backend=backend)
    similarity, rows = none.search(unit([[0, 1]]), 2, [np.array([0])])
    assert rows.tolist() == [[-1, -1]]
    assert np.isneginf(similarity).all()
    assert one.search(np.empty((0, 2), np.float32), 2)[1].shape == (0, 2)


def test_a_query_that_leaves_out_many_does_not_shorten_the_others_answers():
    rng = np.random.default_rng(0)
    embeddings = unit(rng.standard_normal((40, 4)))
    groups = np.r_[np.zeros(30, int), np.arange(1, 11)]
    _, rows = ExactIndex(embeddings, groups, "numpy").search(embeddings[:2], 12, [np.array([0]), np.array([], int)])
    assert (rows[0] >= 30).sum() == 10
    assert (rows[0, 10:] == -1).all()
    assert (rows[1] >= 0).all()
    assert rows[1, 0] == 1


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_the_block_size_changes_nothing(monkeypatch, block):
    rng = np.random.default_rng(1)
    embeddings, queries = unit(rng.standard_normal((50, 6))), unit(rng.standard_normal((23, 6)))
    whole = ExactIndex(embeddings, backend="numpy").search(queries, 4)
    monkeypatch.setattr(search, "BLOCK", block * 50)
    parts = ExactIndex(embeddings, backend="numpy").search(queries, 4)
    assert (whole[1] == parts[1]).all()
    assert np.allclose(whole[0], parts[0], atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_embeddings_are_searched_where_they_lie(backend):
    embeddings = unit(np.random.default_rng(2).standard_normal((20_000, 64)))
    queries = embeddings[:400]
    if backend == "faiss":
        import faiss  # noqa: F401 - its import is not what is measured
    tracemalloc.start()
    index = ExactIndex(embeddings, backend=backend)
    index.search(queries, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert index.embeddings is embeddings
    # A block of similarities and its partition, not all 400 x 20,000 of them (32 MB) several times.
    assert peak < 60e6


def test_auto_takes_faiss_only_for_many_rows(monkeypatch):
    monkeypatch.setattr(search, "FAISS_FROM", 3)
    assert ExactIndex(np.eye(2))._faiss is None
    assert (ExactIndex(np.eye(3))._faiss is not None) == ("faiss" in BACKENDS)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda i: i.search(np.eye(3)[:1], 0),
        lambda i: i.search(np.eye(3)[0], 1),
        lambda i: i.search(np.eye(4)[:1], 1),
        lambda i: i.search(np.eye(3), 1, [np.array([0])]),
        lambda i: ExactIndex(np.eye(3), np.array([0, 1])),
        lambda i: ExactIndex(np.eye(3), np.array([0, 1, -1])),
        lambda i: ExactIndex(np.ones(3)),
        lambda i: ExactIndex(np.eye(3), backend="other"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(UsageError):
        wrong(ExactIndex(np.eye(3)))
