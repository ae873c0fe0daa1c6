"""Recall and speed of search as archives grow, through our index and through bare FAISS in the same run.

    python benchmarks/retrieval_scale.py [--rows 1000 20000 800000] [--width 71] [--kinds flat ivf-sq8 hnsw] [--seed 0]

The rows are the embeddings of the archive that ships (PTB-XL's folds 1-8, width 71), each drawn again and moved by a
random step whose length is half of that row's distance to its nearest other patient; with --width another one, seen
through a fixed random projection. Queries are other rows moved likewise; each belongs to a patient of the archive, who
is left out of our answers (bare FAISS leaves nobody out). recall@10 is over these queries, beside exact search with the
same people left out; bare FAISS's is beside exact search that leaves nobody out. Threads are as OMP_NUM_THREADS says.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.retrieval import ExactIndex, demo_archive
from einthoven.retrieval import faiss_index as ann
from einthoven.retrieval.indexing import Source, choose, index_of
from einthoven.retrieval.recall import share_found

QUERIES, SINGLE, K = 500, 200, 10
Vectors = NDArray[np.float32]
Search = Callable[[Vectors, list[NDArray[np.intp]]], NDArray[np.integer]]


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--rows", type=int, nargs="+", default=[1000, 20_000, 800_000])
    ask.add_argument("--width", type=int, default=71)
    ask.add_argument("--kinds", nargs="+", default=list(ann.KINDS))
    ask.add_argument("--seed", type=int, default=0)
    asked = ask.parse_args()
    real = real_embeddings()
    print("| rows x width | index | build | stored | recall@10 | one query p50 / p95 | queries/s (500) |")
    print("|---|---|---|---|---|---|---|")
    for rows in asked.rows:
        rng = np.random.default_rng(asked.seed)
        z, groups = grown(real, rows, asked.width, rng)
        queries, own = near(z, groups, rng)
        exact = ExactIndex(z, groups, "numpy" if rows < 50_000 else "auto")
        truth = exact.search(queries, K, own)[1]
        whole = exact.search(queries, K)[1]
        for kind in asked.kinds:
            measured(kind, exact, queries, own, truth, whole)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\npeak memory {peak:.2f} GB")


def measured(
    kind: ann.Kind, exact: ExactIndex, queries: Vectors, own: list, truth: NDArray[np.intp], whole: NDArray[np.intp]
) -> None:
    """Two lines of the table: ours, and FAISS by itself with the same index."""
    rows, width = exact.embeddings.shape
    hashes = [f"{number:016x}" for number in range(rows)]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        kept = index_of(Source(Path(folder), "ab" * 32, (1, 1), hashes, exact.embeddings, exact), kind)
        build = time.perf_counter() - began
    chosen = " (chosen)" if choose(rows, width) == kind else ""
    if kind != "flat":
        began = time.perf_counter()
        ann.from_bytes(ann.to_bytes(kept.index.index), width)
        effort = kept.index.effort
        stored = f"{kept.about['bytes'] / 1e6:.1f} MB"
        index = kept.index.index
        how = f"{'nprobe' if kind == 'ivf-sq8' else 'ef'} {effort}"
        note = f"stated {kept.about['recall_at_10']:.3f}"
    else:
        stored, how, note = "-", "", "exact"
    found, times, speed = timed(lambda q, o: kept.index.search(q, K, o)[1], queries, own)
    line(
        rows,
        width,
        f"ours {kind} {how}{chosen}",
        f"{build:.1f} s",
        stored,
        share_found(found, truth),
        times,
        speed,
        note,
    )
    if kind == "flat":
        bare = bare_flat(exact.embeddings)
    else:
        ids = ann.row_ids(hashes, exact.embeddings)
        order = np.argsort(ids)
        sort = ids[order]

        def bare(q: Vectors, _: list) -> NDArray[np.intp]:
            return ann.look(index, q, K, effort)

        def rows_of(found: NDArray[np.int64]) -> NDArray[np.intp]:
            return order[np.searchsorted(sort, found)]

    found, times, speed = timed(bare, queries, own)
    if kind != "flat":
        found = np.where(found < 0, -1, rows_of(np.maximum(found, sort[0])))
    line(
        rows, width, f"bare FAISS {kind} {how}", "", stored, share_found(found, whole), times, speed, "nobody left out"
    )


def timed(search: Search, queries: Vectors, own: list) -> tuple[NDArray, NDArray, float]:
    """Answers; seconds of single queries; queries a second in one batch."""
    times = []
    for one in range(-5, min(SINGLE, len(queries))):
        at = abs(one)
        began = time.perf_counter()
        search(queries[at : at + 1], own[at : at + 1])
        if one >= 0:
            times.append(time.perf_counter() - began)
    began = time.perf_counter()
    found = search(queries, own)
    return found, np.array(times), len(queries) / (time.perf_counter() - began)


def line(rows, width, name, build, stored, recall, times, speed, note) -> None:
    p50, p95 = 1e3 * np.percentile(times, [50, 95])
    print(
        f"| {rows:,} x {width} | {' '.join(name.split())} | {build} | {stored} | {recall:.3f} ({note}) "
        f"| {p50:.2f} / {p95:.2f} ms | {speed:,.0f} |",
        flush=True,
    )


def bare_flat(z: Vectors) -> Search:
    import faiss

    return lambda q, _: faiss.knn(q, z, K, metric=faiss.METRIC_INNER_PRODUCT)[1]


def real_embeddings() -> Vectors:
    """Those of the archive that ships."""
    archive = demo_archive()
    matrix = archive.collection.embeddings(archive.model.sha256)[1]
    return unit(matrix)


def grown(real: Vectors, rows: int, width: int, rng: np.random.Generator) -> tuple[Vectors, NDArray[np.intp]]:
    """(rows, width) vectors like the real ones, and (rows,) patients: 1 to 3 rows each."""
    spread = 0.5 * distances(real)
    z = np.empty((rows, width), np.float32)
    seen = np.random.default_rng(7).standard_normal((real.shape[1], width), np.float32)
    for at in range(0, rows, 20_000):
        some = rng.integers(0, len(real), min(20_000, rows - at)) if rows > len(real) else np.arange(at, rows)
        block = moved(real[some], spread[some], rng) if rows > len(real) else real[some]
        z[at : at + len(some)] = unit(block @ seen) if width != real.shape[1] else block
    groups = np.repeat(np.arange(rows), rng.integers(1, 4, rows))[:rows]
    return z, rng.permutation(groups)


def distances(real: Vectors) -> Vectors:
    """(n,) how far from each row the nearest other one is, over 2,000 of them the median for all the rest."""
    some = np.random.default_rng(3).permutation(len(real))[:2000]
    near = np.partition(real[some] @ real.T, -2, axis=1)[:, -2]
    found = np.full(len(real), np.sqrt(2 - 2 * np.median(near)), np.float32)
    found[some] = np.sqrt(np.maximum(2 - 2 * near, 0))
    return found


def moved(z: Vectors, length: Vectors, rng: np.random.Generator) -> Vectors:
    step = unit(rng.standard_normal(z.shape, np.float32)) * length[:, None]
    return unit(z + step)


def near(z: Vectors, groups: NDArray[np.intp], rng: np.random.Generator) -> tuple[Vectors, list[NDArray[np.intp]]]:
    """Queries: rows of patients, moved by a fifth of the median distance to the nearest; and whom to leave out."""
    some = rng.integers(0, len(z), QUERIES)
    probe = z[some[:50]] @ z.T
    length = np.sqrt(2 - 2 * np.median(np.partition(probe, -2, axis=1)[:, -2]))
    return moved(z[some], np.full(QUERIES, 0.2 * length, np.float32), rng), [groups[one : one + 1] for one in some]


def unit(z: Vectors) -> Vectors:
    return np.asarray(z / np.linalg.norm(z, axis=1, keepdims=True), np.float32)


if __name__ == "__main__":
    main()
