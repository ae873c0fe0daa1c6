"""Exact search by cosine: by FAISS where it is installed and worth its import, by numpy otherwise."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import UsageError

FAISS_FROM = 50_000  # rows; below, numpy answers before faiss is imported
BLOCK = 4 << 20  # similarities computed at once


class ExactIndex:
    """Embeddings in memory, searched exhaustively; whole groups (patients) can be left out of an answer.

    Args:
        embeddings: (n, d) float32, L2-normalised.
        groups: (n,) a number for each row's patient; rows of unknown patients have numbers of
            their own. None puts each row in a group of its own.
        backend: "faiss", "numpy", or "auto".
    """

    def __init__(
        self,
        embeddings: NDArray[np.float32],
        groups: NDArray[np.integer[Any]] | None = None,
        backend: str = "auto",
    ) -> None:
        self.embeddings = np.ascontiguousarray(embeddings, np.float32)
        self.groups = np.arange(len(embeddings)) if groups is None else np.asarray(groups)
        self._sizes = np.bincount(self.groups, minlength=1)
        self._faiss = _faiss_index(self.embeddings) if _use_faiss(backend, len(embeddings)) else None

    def __len__(self) -> int:
        return len(self.embeddings)

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        leave_out: Sequence[NDArray[np.integer[Any]]] | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """The k nearest rows of each query, nearest first.

        Args:
            queries: (q, d) float32, L2-normalised.
            k: how many; rows beyond what is there have index -1 and similarity -inf.
            leave_out: for each query the groups that must not be among its answers.

        Returns:
            similarities (q, k) and row indices (q, k).
        """
        if k < 1:
            raise UsageError(f"{k} neighbours cannot be searched for.", "Ask for at least 1.")
        queries = np.ascontiguousarray(queries, np.float32)
        out = leave_out if leave_out is not None else [np.empty(0, np.intp)] * len(queries)
        extra = max((int(self._sizes[groups].sum()) for groups in out if len(groups)), default=0)
        wide = min(k + extra, len(self))
        similarity, index = self._nearest(queries, wide) if wide else _nothing(len(queries), 0)
        if extra:
            for row, groups in enumerate(out):
                if len(groups):
                    gone = np.isin(self.groups[index[row]], groups)
                    order = np.argsort(gone, kind="stable")
                    similarity[row], index[row] = similarity[row, order], index[row, order]
                    similarity[row, len(order) - gone.sum() :] = -np.inf
                    index[row, len(order) - gone.sum() :] = -1
        return _exactly(similarity, index, k)

    def _nearest(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        if self._faiss is not None:
            similarity, index = self._faiss.search(queries, k)
            return similarity, index.astype(np.intp, copy=False)
        block = max(1, BLOCK // len(self))
        parts = [self._by_numpy(queries[at : at + block], k) for at in range(0, len(queries), block)]
        return np.concatenate([s for s, _ in parts]), np.concatenate([i for _, i in parts])

    def _by_numpy(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        similarity = queries @ self.embeddings.T
        first = np.argpartition(-similarity, min(k, len(self) - 1), axis=1)[:, :k] if k < len(self) else None
        index = np.broadcast_to(np.arange(len(self)), similarity.shape) if first is None else first
        nearest = np.take_along_axis(similarity, index, 1)
        order = np.argsort(-nearest, axis=1, kind="stable")
        return np.take_along_axis(nearest, order, 1), np.take_along_axis(index, order, 1)


def _use_faiss(backend: str, rows: int) -> bool:
    if backend == "auto":
        return rows >= FAISS_FROM and importlib.util.find_spec("faiss") is not None
    if backend not in ("faiss", "numpy"):
        raise UsageError(f"There is no search backend '{backend}'.", "Choose auto, faiss or numpy.")
    return backend == "faiss"


def _faiss_index(embeddings: NDArray[np.float32]) -> Any:
    import faiss

    index = faiss.IndexFlatIP(embeddings.shape[1])
    index.add(embeddings)
    return index


def _nothing(queries: int, k: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    return np.empty((queries, k), np.float32), np.empty((queries, k), np.intp)


def _exactly(
    similarity: NDArray[np.float32], index: NDArray[np.intp], k: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    lacking = max(0, k - similarity.shape[1])
    if lacking:
        similarity = np.pad(similarity, ((0, 0), (0, lacking)), constant_values=-np.inf)
        index = np.pad(index, ((0, 0), (0, lacking)), constant_values=-1)
    return similarity[:, :k], index[:, :k]
