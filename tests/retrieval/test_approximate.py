"""Approximate search: who may answer is exact, what is found is checked against a slow search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import CollectionError, UsageError
from einthoven.retrieval import ExactIndex, approximate
from einthoven.retrieval import faiss_index as ann
from einthoven.retrieval.approximate import ApproximateIndex
from einthoven.retrieval.recall import fitted, share_found

pytest.importorskip("faiss")
KINDS = ("ivf-sq8", "hnsw")
ROWS, WIDTH, PEOPLE = 1500, 12, 500


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def vectors(rows: int = ROWS, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return unit(rng.standard_normal((40, WIDTH))[rng.integers(0, 40, rows)] + 0.5 * rng.standard_normal((rows, WIDTH)))


def hashes(rows: int) -> list[str]:
    return [f"{n:064x}"[::-1] for n in range(rows)]


@pytest.fixture(scope="module")
def made() -> dict[str, ApproximateIndex]:
    z = vectors()
    ids = ann.row_ids(hashes(ROWS), z)
    exact = ExactIndex(z, np.random.default_rng(1).integers(0, PEOPLE, ROWS), "numpy")
    return {kind: fitted(exact, ids, ann.make(kind, z, ids))[0] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_who_may_answer_is_exact_whatever_is_found(made, kind, data):
    index = made[kind]
    k = data.draw(st.sampled_from([1, 3, 10, 60, 700, 2000]))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    queries = unit(index.embeddings[rng.integers(0, ROWS, 3)] + 0.05 * rng.standard_normal((3, WIDTH)))
    # The patients nearest to the query are left out: the hardest case for an index that fetches a few.
    near = np.argsort(-(queries @ index.embeddings.T), axis=1)
    out = [np.unique(index.groups[near[one, : data.draw(st.sampled_from([0, 1, 5, 400]))]]) for one in range(3)]
    only = None if data.draw(st.booleans()) else rng.random(ROWS) < data.draw(st.sampled_from([0.0, 0.01, 0.5, 1.0]))
    similarity, rows = index.search(queries, k, out, only)
    for one in range(3):
        may = ~np.isin(index.groups, out[one]) & (True if only is None else only)
        found = rows[one][rows[one] >= 0]
        assert len(found) == len(set(found)) == min(k, may.sum())
        assert may[found].all()
        cosine = (index.embeddings.astype(float) @ queries[one].astype(float))[found]
        assert np.allclose(similarity[one, : len(found)], cosine, atol=1e-6)
        assert (np.diff(similarity[one, : len(found)]) <= 0).all()
        assert np.isneginf(similarity[one, len(found) :]).all()
        truth = np.sort((index.embeddings @ queries[one])[may])[::-1][: len(found)]
        if len(found) == may.sum():
            assert np.allclose(truth, similarity[one, : len(found)], atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_recall_is_what_a_slow_search_says(made, kind):
    index = made[kind]
    queries = unit(index.embeddings[::5] + 0.05 * np.random.default_rng(5).standard_normal((300, WIDTH)))
    truth = np.argsort(-(queries @ index.embeddings.T), axis=1, kind="stable")[:, :10]
    found = index.search(queries, 10)[1]
    slow = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.tolist(), truth.tolist(), strict=True)])
    assert slow == pytest.approx(share_found(found, truth))
    assert slow > 0.95
    lazy = ApproximateIndex(index.exact, ann.row_ids(hashes(ROWS), index.embeddings), index.index, 1)
    if kind == "ivf-sq8":
        assert share_found(lazy.search(queries, 10)[1], truth) < slow


@pytest.mark.parametrize("kind", KINDS)
def test_adding_and_removing_is_a_fresh_index_of_what_is_there(kind, monkeypatch):
    monkeypatch.setattr(approximate, "SHARE", 1)
    z, z2 = vectors(), vectors(300, seed=9)
    every, names = np.concatenate([z, z2]), hashes(ROWS + 300)
    ids = ann.row_ids(names, every)
    index = ann.make(kind, z, ids[:ROWS])
    gone = np.arange(0, 400, 2)
    ann.remove(index, ids[gone])
    ann.add(index, z2, ids[ROWS:])
    left = np.setdiff1d(np.arange(len(every)), gone)
    inside = ann.ids_in(index)
    assert set(inside) - (set(ids[gone]) if kind == "hnsw" else set()) == set(ids[left])
    kept = ann.from_bytes(ann.to_bytes(index), WIDTH)
    order = np.random.default_rng(2).permutation(left)  # rows change their places
    exact = ExactIndex(every[order], backend="numpy")
    changed = ApproximateIndex(exact, ids[order], kept, ann.most_effort(kept))
    fresh_index = ann.make(kind, every[order], ids[order])
    fresh = ApproximateIndex(exact, ids[order], fresh_index, ann.most_effort(fresh_index))
    queries = unit(every[::30] + 0.1 * np.random.default_rng(3).standard_normal((len(every[::30]), WIDTH)))
    truth = exact.search(queries, 8)[1]
    shares = [share_found(one.search(queries, 8)[1], truth) for one in (changed, fresh)]
    assert min(shares) > 0.99  # what eight bits blur is all that differs
    if kind == "ivf-sq8":  # with the same lists, it is the same index to the bit
        fresh_index = ann.from_bytes(ann.to_bytes(index), WIDTH)
        fresh_index.reset()
        ann.add(fresh_index, every[order], ids[order])
        same = ApproximateIndex(exact, ids[order], fresh_index, 3)
        some = ApproximateIndex(exact, ids[order], kept, 3)
        for one, other in zip(some.search(queries, 8), same.search(queries, 8), strict=True):
            assert (one == other).all()


def test_a_vector_that_was_made_anew_is_another_one():
    z = vectors(50)
    ids = ann.row_ids(hashes(50), z)
    assert ann.row_ids(hashes(50), z + np.float32(1e-6)).tolist() != ids.tolist()
    changed = z.copy()
    changed[7, 3] = np.nextafter(changed[7, 3], np.float32(2))
    assert np.flatnonzero(ann.row_ids(hashes(50), changed) != ids).tolist() == [7]
    assert (ids >= 0).all()
    assert ann.row_ids(["0" * 64] * 50, np.ones((50, 3), np.float32)) is None
    assert ann.row_ids(["no hash"] * 50, z) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_index_is_refused_and_nothing_is_allocated_for_it(made, kind):
    import faiss

    content = ann.to_bytes(made[kind].index)
    limit = faiss.get_deserialization_vector_byte_limit()
    for cut in (0, 3, 40, len(content) // 2, len(content) - 1):
        with pytest.raises(CollectionError):
            ann.from_bytes(content[:cut], WIDTH)
    refused = 0
    for place in range(4, 240, 4):
        huge = bytearray(content)
        huge[place : place + 8] = np.int64(1 << 44).tobytes()
        try:
            ann.from_bytes(bytes(huge), WIDTH)
        except CollectionError:
            refused += 1
    assert refused > 10
    resource = pytest.importorskip("resource")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 4 << 20
    with pytest.raises(CollectionError, match="another kind"):
        ann.from_bytes(content, WIDTH + 1)
    flat = faiss.IndexFlatIP(WIDTH)
    with pytest.raises(CollectionError, match="another kind"):
        ann.from_bytes(faiss.serialize_index(flat).tobytes(), WIDTH)
    assert faiss.get_deserialization_vector_byte_limit() == limit


def test_what_cannot_be_made_is_refused(made):
    with pytest.raises(UsageError):
        ann.make("flat", vectors(10), np.arange(10))
    with pytest.raises(UsageError):
        made["hnsw"].search(vectors(1), 0)
    with pytest.raises(UsageError):
        made["hnsw"].search(vectors(1)[:, :5], 1)
