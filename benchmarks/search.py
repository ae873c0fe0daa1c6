"""How fast exact search is through `ExactIndex`, beside the bare library in the same run.

    python benchmarks/search.py [--rows 800000] [--width 768] [--k 10] [--rounds 15]

Clustered random vectors of length 1, 1 to 12 rows a patient; each query comes from a patient in the
archive, who is left out of the answer. Both sides take turns, so that a busy machine slows both; medians
are printed, and their ratio. The bare side is `faiss.IndexFlatIP`, which leaves nobody out; without FAISS
it is a numpy product and argpartition. 800,000 rows of 768 need about 5 GB: the rows, and the bare index's copy.
"""

from __future__ import annotations

import argparse
import importlib.util
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from einthoven.retrieval import ExactIndex

BLOCK = 20_000
CLUSTERS = 2000
SPREAD = 1.5
LARGEST_FAMILY = 12

Search = Callable[[NDArray[np.float32], list[NDArray[np.intp]]], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=800_000)
    parser.add_argument("--width", type=int, default=768)
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with_faiss = importlib.util.find_spec("faiss") is not None
    rows, patients = vectors(options.rows, options.width), families(options.rows)
    index = ExactIndex(rows, patients, "faiss" if with_faiss else "numpy")
    bare = bare_faiss(rows, options.k) if with_faiss else bare_numpy(rows, options.k)
    print(f"{options.rows} x {options.width}, k={options.k}, patient left out; bare: {bare.__name__}")

    def ours(queries: NDArray[np.float32], own: list[NDArray[np.intp]]) -> object:
        return index.search(queries, options.k, own)

    rng = np.random.default_rng(1)
    for batch in (1, 64):
        seconds = compare(ours, bare, rows, patients, batch, options.rounds, rng)
        mine, theirs = (float(np.median(times)) for times in seconds)
        print(f"batch {batch:3d}  ours {1e3 * mine:9.2f} ms  bare {1e3 * theirs:9.2f} ms  ratio {mine / theirs:.3f}")
    print(f"peak memory {peak_gb():.2f} GB")


def compare(
    ours: Search,
    bare: Search,
    rows: NDArray[np.float32],
    patients: NDArray[np.intp],
    batch: int,
    rounds: int,
    rng: np.random.Generator,
) -> tuple[list[float], list[float]]:
    """Seconds of each round of both, in turns; an unmeasured round of each comes first."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        chosen = rng.integers(0, len(rows), batch)
        queries = near(rows[chosen], rng)
        own = [patients[row : row + 1] for row in chosen]
        both = ((ours, taken[0]), (bare, taken[1]))
        for search, times in both if number % 2 else both[::-1]:
            began = time.perf_counter()
            search(queries, own)
            if number:
                times.append(time.perf_counter() - began)
    return taken


def vectors(rows: int, width: int) -> NDArray[np.float32]:
    """(rows, width) float32 of length 1, around random centres, made a block at a time."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((CLUSTERS, width), np.float32)
    found = np.empty((rows, width), np.float32)
    for at in range(0, rows, BLOCK):
        block = found[at : at + BLOCK]
        rng.standard_normal(out=block, dtype=np.float32)
        block *= np.float32(SPREAD)
        block += centres[rng.integers(0, CLUSTERS, len(block))]
        block /= np.linalg.norm(block, axis=1, keepdims=True)
    return found


def families(rows: int) -> NDArray[np.intp]:
    """(rows,) a number for each row's patient: 1 to 12 neighbouring rows each."""
    sizes = np.random.default_rng(2).integers(1, LARGEST_FAMILY + 1, rows)
    return np.repeat(np.arange(rows), sizes)[:rows]


def near(rows: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Queries like these rows: what another ECG of the same patient might give."""
    moved = rows + rng.standard_normal(rows.shape, np.float32) * np.float32(0.3 / rows.shape[1] ** 0.5)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), np.float32)


def bare_faiss(rows: NDArray[np.float32], k: int) -> Search:
    import faiss

    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)

    def flat_ip(queries: NDArray[np.float32], own: list[NDArray[np.intp]]) -> object:
        return index.search(queries, k)

    return flat_ip


def bare_numpy(rows: NDArray[np.float32], k: int) -> Search:
    def product_and_argpartition(queries: NDArray[np.float32], own: list[NDArray[np.intp]]) -> object:
        similarity = queries @ rows.T
        nearest = np.argpartition(similarity, -k, axis=1)[:, -k:]
        return np.take_along_axis(similarity, nearest, 1), nearest

    return product_and_argpartition


def peak_gb() -> float:
    """The most memory this process has had, in GB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


if __name__ == "__main__":
    main()
