"""Exact search by cosine: by FAISS where it is installed and worth its import, by numpy otherwise."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools, MissingPackageError, UsageError

FAISS_FROM = 50_000  # rows; below, numpy answers before faiss is imported
BLOCK = 4 << 20  # similarities computed at once


class ExactIndex:
    """Embeddings in memory, searched exhaustively; whole groups (patients) can be left out of an answer.

    A contiguous float32 matrix is searched where it lies, by either backend: nothing is copied.

    Args:
        embeddings: (n, d) float32, L2-normalised.
        groups: (n,) a number from 0 for each row's patient; rows of unknown patients have numbers of
            their own. None puts each row in a group of its own.
        backend: "faiss", "numpy", or "auto".

    Raises:
        UsageError: shapes that do not fit, negative groups, or no such backend.
        MissingPackageError: "faiss" without the package.

    >>> index = ExactIndex(np.eye(3, dtype=np.float32), groups=np.array([0, 0, 1]))
    >>> index.search(np.eye(3, dtype=np.float32)[:1], k=2, leave_out=[np.array([0])])[1]
    array([[ 2, -1]])
    """

    def __init__(
        self,
        embeddings: NDArray[np.float32],
        groups: NDArray[np.integer[Any]] | None = None,
        backend: str = "auto",
    ) -> None:
        self.embeddings = np.ascontiguousarray(embeddings, np.float32)
        self.groups = np.arange(len(embeddings)) if groups is None else np.asarray(groups)
        if self.embeddings.ndim != 2 or self.groups.shape != self.embeddings.shape[:1]:
            raise UsageError(
                f"Groups of shape {self.groups.shape} do not fit embeddings of shape {self.embeddings.shape}.",
                "Pass (n, d) embeddings and (n,) groups.",
            )
        if self.groups.min(initial=0) < 0:
            raise UsageError("A group has a negative number.", "Number the groups from 0.")
        self._sizes = np.bincount(self.groups, minlength=1)
        self._faiss = _faiss() if _use_faiss(backend, len(embeddings)) else None

    def __len__(self) -> int:
        return len(self.embeddings)

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        leave_out: Sequence[NDArray[np.integer[Any]]] | None = None,
        only: Bools | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """The k nearest rows of each query, nearest first; rows of equal similarity in their own order.

        Args:
            queries: (q, d) float32, L2-normalised.
            k: how many; places beyond what is there have index -1 and similarity -inf.
            leave_out: for each query the groups that must not be among its answers.
            only: (n,) the rows that may answer; None: all.

        Returns:
            similarities (q, k) and row indices (q, k).

        Raises:
            UsageError: k below 1, queries of another width, or `leave_out` for another number of queries.
        """
        queries = self.checked(queries, k, leave_out)
        if only is not None:
            return self._among(np.flatnonzero(only), queries, k, leave_out)
        out = [self.known(groups) for groups in leave_out or ()]
        extra = max((self.size_of(groups) for groups in out), default=0)
        wide = min(k + extra, len(self))
        similarity, index = self._nearest(queries, wide) if wide and len(queries) else _nothing(len(queries))
        for row, groups in enumerate(out):
            if len(groups):
                gone = np.isin(self.groups[index[row]], groups)
                order = np.argsort(gone, kind="stable")
                similarity[row], index[row] = similarity[row, order], index[row, order]
                similarity[row, len(order) - gone.sum() :] = -np.inf
                index[row, len(order) - gone.sum() :] = -1
        return _exactly(similarity, index, k)

    def checked(
        self, queries: NDArray[np.float32], k: int, leave_out: Sequence[NDArray[np.integer[Any]]] | None
    ) -> NDArray[np.float32]:
        """The queries as they are searched for; raises as `search` does."""
        if k < 1:
            raise UsageError(f"{k} neighbours cannot be searched for.", "Ask for at least 1.")
        queries = np.ascontiguousarray(queries, np.float32)
        if queries.ndim != 2 or queries.shape[1] != self.embeddings.shape[1]:
            raise UsageError(
                f"Queries of shape {queries.shape} do not fit embeddings of width {self.embeddings.shape[1]}.",
                "Embed them with the model that embedded the rows.",
            )
        if leave_out is not None and len(leave_out) != len(queries):
            raise UsageError(
                f"Groups to leave out are given for {len(leave_out)} queries, not for {len(queries)}.",
                "Pass one array for each query, empty where nothing is left out.",
            )
        return queries

    def size_of(self, groups: NDArray[np.intp]) -> int:
        """How many rows some known groups have."""
        return int(self._sizes[groups].sum())

    def known(self, groups: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
        """Those of the groups that have rows, each once."""
        numbers = np.unique(np.asarray(groups, np.intp))
        return numbers[(numbers >= 0) & (numbers < len(self._sizes))]

    def _among(
        self,
        rows: NDArray[np.intp],
        queries: NDArray[np.float32],
        k: int,
        leave_out: Sequence[NDArray[np.integer[Any]]] | None,
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        similarity, place = ExactIndex(self.embeddings[rows], self.groups[rows]).search(queries, k, leave_out)
        return similarity, np.where(place < 0, -1, rows[place]) if len(rows) else place

    def _nearest(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        if self._faiss is not None:
            metric = self._faiss.METRIC_INNER_PRODUCT
            return _ordered(*self._faiss.knn(queries, self.embeddings, k, metric=metric))
        block = max(1, BLOCK // len(self))
        parts = [self._by_numpy(queries[at : at + block], k) for at in range(0, len(queries), block)]
        return np.concatenate([s for s, _ in parts]), np.concatenate([i for _, i in parts])

    def _by_numpy(self, queries: NDArray[np.float32], k: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        away = queries @ self.embeddings.T
        np.negative(away, out=away)
        if k < len(self):
            index = np.argpartition(away, k - 1, axis=1)[:, :k]
        else:
            index = np.broadcast_to(np.arange(len(self)), away.shape)
        return _ordered(-np.take_along_axis(away, index, 1), index)


def _ordered(
    similarity: NDArray[np.float32], index: NDArray[np.integer[Any]]
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    order = np.lexsort((index, -similarity), axis=1)
    found = np.take_along_axis(index, order, 1).astype(np.intp, copy=False)
    return np.take_along_axis(similarity, order, 1), found


def _use_faiss(backend: str, rows: int) -> bool:
    if backend == "auto":
        return rows >= FAISS_FROM and importlib.util.find_spec("faiss") is not None
    if backend not in ("faiss", "numpy"):
        raise UsageError(f"There is no search backend '{backend}'.", "Choose auto, faiss or numpy.")
    return backend == "faiss"


def _faiss() -> Any:
    try:
        import faiss
    except ImportError:
        raise MissingPackageError(
            "The search backend faiss is not installed.", "pip install faiss-cpu, or choose the backend numpy."
        ) from None
    return faiss


def _nothing(queries: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    return np.empty((queries, 0), np.float32), np.empty((queries, 0), np.intp)


def _exactly(
    similarity: NDArray[np.float32], index: NDArray[np.intp], k: int
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    lacking = max(0, k - similarity.shape[1])
    if lacking:
        similarity = np.pad(similarity, ((0, 0), (0, lacking)), constant_values=-np.inf)
        index = np.pad(index, ((0, 0), (0, lacking)), constant_values=-1)
    return similarity[:, :k], index[:, :k]
