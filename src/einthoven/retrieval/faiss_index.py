"""What is asked of FAISS: making, changing, storing and searching an approximate index, and nothing else.

Every vector is known by a number of its own (`row_ids`), so an index survives that rows change their places. Lists
of compressed vectors (`ivf-sq8`; Jégou et al. 2011) can lose members; a graph (`hnsw`; Malkov and Yashunin 2018)
cannot: what is removed stays in it as a tombstone that no answer names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import CollectionError, MissingPackageError, UsageError

Kind = Literal["flat", "ivf-sq8", "hnsw"]
KINDS: tuple[Kind, ...] = ("flat", "ivf-sq8", "hnsw")
Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

HNSW_LINKS, HNSW_BUILD = 32, 80
ROUNDS, POINTS = 10, 64  # of k-means: iterations, and vectors a list that it looks at
SEED = 1234
LOOPS = 1 << 24  # a file may ask for so many repetitions at most
SPARE_BYTES = 1 << 20
BLOCK = 16_384


def faiss_module() -> Any:
    """FAISS.

    Raises:
        MissingPackageError: it is not installed, or too old to limit what it loads.
    """
    try:
        import faiss
    except ImportError:
        raise MissingPackageError(
            "FAISS is not installed.", "pip install 'faiss-cpu>=1.15' makes large archives quick to search."
        ) from None
    if not hasattr(faiss, "set_deserialization_vector_byte_limit"):
        raise MissingPackageError(
            f"FAISS {faiss.__version__} cannot limit what it reads from a file.", "pip install 'faiss-cpu>=1.15'."
        )
    return faiss


def row_ids(hashes: Sequence[str], embeddings: Vectors) -> Ids | None:
    """(n,) a number for each vector, from its recording's SHA-256 and its own bits; None where two are alike.

    So a vector that was made anew is another one, and an index never passes the old one off as it.
    """
    try:
        heads = np.frombuffer(bytes.fromhex("".join(one[:16] for one in hashes)), ">u8").astype(np.uint64)
    except ValueError:
        return None
    if len(heads) != len(embeddings):
        return None
    factors = np.random.default_rng(SEED).integers(1, 1 << 63, embeddings.shape[1], np.uint64) * np.uint64(2)
    factors += np.uint64(1)
    for at in range(0, len(heads), BLOCK):
        bits = embeddings[at : at + BLOCK].view(np.uint32).astype(np.uint64)
        heads[at : at + BLOCK] ^= (bits * factors).sum(axis=1, dtype=np.uint64)
    ids = (heads >> np.uint64(1)).astype(np.int64)
    return ids if len(np.unique(ids)) == len(ids) else None


def make(kind: Kind, embeddings: Vectors, ids: Ids) -> Any:
    """A new index of the vectors (n, d), each under its number.

    Raises:
        MissingPackageError: no FAISS.
        UsageError: "flat", which needs no index, or too few vectors.
    """
    faiss = faiss_module()
    if kind == "flat" or len(embeddings) < 2:
        raise UsageError(f"An index of kind {kind} is not made for {len(embeddings)} ECGs.", "Search exactly.")
    width, eight_bits = embeddings.shape[1], faiss.ScalarQuantizer.QT_8bit
    if kind == "hnsw":
        graph = faiss.IndexHNSWSQ(width, eight_bits, HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
        graph.hnsw.efConstruction = HNSW_BUILD
        graph.train(_sample(embeddings, 100_000))
        index = faiss.IndexIDMap(graph)
    else:
        lists = lists_for(len(embeddings))
        coarse = faiss.IndexFlatIP(width)
        index = faiss.IndexIVFScalarQuantizer(coarse, width, lists, eight_bits, faiss.METRIC_INNER_PRODUCT)
        index.cp.niter, index.cp.seed, index.cp.spherical = ROUNDS, SEED, True
        index.cp.min_points_per_centroid = 1  # it warns on standard error otherwise
        index.cp.max_points_per_centroid = POINTS
        index.train(_sample(embeddings, max(POINTS * lists, 20_000)))
    index.add_with_ids(embeddings, ids)
    return index


def lists_for(vectors: int) -> int:
    """Number of inverted lists for so many vectors: twice the root, 1 at least."""
    return max(1, int(2 * vectors**0.5))


def add(index: Any, embeddings: Vectors, ids: Ids) -> None:
    """More vectors (n, d), under numbers that are not in it yet."""
    if len(ids):
        index.add_with_ids(np.ascontiguousarray(embeddings), ids)


def remove(index: Any, ids: Ids) -> None:
    """Takes vectors out of an `ivf-sq8`; in an `hnsw` they stay, and whoever searches passes over their numbers."""
    if len(ids) and kind_of(index) == "ivf-sq8":
        index.remove_ids(ids)


def kind_of(index: Any) -> Kind | None:
    """Which of the kinds made here an index is; None for any other."""
    faiss = faiss_module()
    if isinstance(index, faiss.IndexIVFScalarQuantizer):
        return "ivf-sq8"
    if isinstance(index, faiss.IndexIDMap) and isinstance(faiss.downcast_index(index.index), faiss.IndexHNSWSQ):
        return "hnsw"
    return None


def ids_in(index: Any) -> Ids:
    """(m,) the numbers that are in an index, sorted; of an `hnsw` those of tombstones too."""
    faiss = faiss_module()
    if kind_of(index) == "hnsw":
        found = faiss.vector_to_array(index.id_map)
    else:
        lists = index.invlists
        sizes = [lists.list_size(one) for one in range(index.nlist)]
        parts = [faiss.rev_swig_ptr(lists.get_ids(n), size).copy() for n, size in enumerate(sizes) if size]
        found = np.concatenate(parts) if parts else np.empty(0, np.int64)
    return np.sort(found.astype(np.int64))


def look(index: Any, queries: Vectors, width: int, effort: int) -> Ids:
    """(q, width) the numbers of the nearest vectors by the index's own measure, -1 where there are fewer.

    Args:
        effort: how many lists are looked at, or how many candidates the graph keeps.
    """
    faiss = faiss_module()
    if kind_of(index) == "hnsw":
        how = faiss.SearchParametersHNSW(efSearch=max(effort, width))
    else:
        how = faiss.SearchParametersIVF(nprobe=min(effort, index.nlist))
    found: Ids = index.search(queries, width, params=how)[1]
    return found


def most_effort(index: Any) -> int:
    """The effort with which nothing is passed over."""
    return int(index.ntotal if kind_of(index) == "hnsw" else index.nlist)


def to_bytes(index: Any) -> bytes:
    """The index as FAISS stores it."""
    stored: bytes = faiss_module().serialize_index(index).tobytes()
    return stored


def from_bytes(content: bytes, width: int) -> Any:
    """An index as `to_bytes` wrote it.

    What FAISS may allocate is bounded by the size of the content: its reader trusts the lengths that a file states.
    Check the content's hash first all the same.

    Raises:
        CollectionError: no index, damaged, or not one of vectors of this width that is made here.
    """
    faiss = faiss_module()
    try:
        with _limits(faiss, 4 * len(content) + SPARE_BYTES):
            index = faiss.deserialize_index(np.frombuffer(content, np.uint8))
    except (RuntimeError, MemoryError, ValueError, AssertionError) as fault:
        raise CollectionError(
            f"The search index is damaged ({type(fault).__name__}).", "It is made again from the archive."
        ) from None
    if kind_of(index) is None or index.d != width or index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise CollectionError("The search index is of another kind.", "It is made again from the archive.")
    return index


@contextmanager
def _limits(faiss: Any, most_bytes: int) -> Iterator[None]:
    before = faiss.get_deserialization_vector_byte_limit(), faiss.get_deserialization_loop_limit()
    faiss.set_deserialization_vector_byte_limit(most_bytes)
    faiss.set_deserialization_loop_limit(LOOPS)
    try:
        yield
    finally:
        faiss.set_deserialization_vector_byte_limit(before[0])
        faiss.set_deserialization_loop_limit(before[1])


def _sample(embeddings: Vectors, most: int) -> Vectors:
    if len(embeddings) <= most:
        return embeddings
    return embeddings[np.sort(np.random.default_rng(SEED).choice(len(embeddings), most, replace=False))]
