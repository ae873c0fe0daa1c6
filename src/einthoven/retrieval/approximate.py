"""Approximate search with exact exclusions: candidates from an index, ranked by their true cosines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools
from einthoven.retrieval import faiss_index as ann
from einthoven.retrieval.search import ExactIndex

TRIES = 3
WIDER = 4
SHARE = 8  # where more than an eighth of all rows would be fetched, exact search is quicker
GATHERED = 1 << 24  # numbers of candidates ranked at once
Found = tuple[NDArray[np.float32], NDArray[np.intp]]


class ApproximateIndex:
    """Rows searched through an index; answers keep to the same rules as `ExactIndex`'s, but may miss near ones.

    More is fetched than asked for, and fetched again, wider, until each query has k answers that it may have; what
    still lacks some is searched exactly. So the number of answers, who is left out, and the similarities (cosines
    of the embeddings themselves) are exact; which rows are found is exact to the recall that was measured.

    Args:
        exact: the rows.
        ids: (n,) the number of each row in the index.
        index: as `faiss_index.make` made it; numbers without a row are passed over.
        effort: as `faiss_index.look` takes it.
    """

    def __init__(self, exact: ExactIndex, ids: ann.Ids, index: Any, effort: int) -> None:
        self.exact = exact
        self.index = index
        self.effort = effort
        self._order = np.argsort(ids)
        self._sorted = ids[self._order]

    def __len__(self) -> int:
        return len(self.exact)

    @property
    def embeddings(self) -> NDArray[np.float32]:
        """(n, d) the vectors themselves."""
        return self.exact.embeddings

    @property
    def groups(self) -> NDArray[np.integer[Any]]:
        """(n,) the rows' patients."""
        return self.exact.groups

    def search(
        self,
        queries: NDArray[np.float32],
        k: int,
        leave_out: Sequence[NDArray[np.integer[Any]]] | None = None,
        only: Bools | None = None,
    ) -> Found:
        """As `ExactIndex.search`; raises the same."""
        queries = self.exact.checked(queries, k, leave_out)
        out = [self.exact.known(groups) for groups in leave_out or [np.empty(0, np.intp)] * len(queries)]
        share = 1.0 if only is None else float(only.mean())
        lost = max((self.exact.size_of(groups) for groups in out), default=0)
        width = int(2 * (k + lost) / share) if share else len(self)
        effort = self.effort
        similarity = np.full((len(queries), k), -np.inf, np.float32)
        rows = np.full((len(queries), k), -1, np.intp)
        pending = np.arange(len(queries))
        for _ in range(TRIES):
            if not len(pending) or width > len(self) // SHARE:
                break
            some = self._try(queries[pending], k, [out[one] for one in pending], only, width, effort)
            similarity[pending], rows[pending] = some
            pending = pending[some[1][:, -1] < 0]
            width, effort = WIDER * width, WIDER * effort
        if len(pending):
            rest = [out[one] for one in pending]
            similarity[pending], rows[pending] = self.exact.search(queries[pending], k, rest, only)
        return similarity, rows

    def _try(
        self,
        queries: NDArray[np.float32],
        k: int,
        out: Sequence[NDArray[np.intp]],
        only: Bools | None,
        width: int,
        effort: int,
    ) -> Found:
        """The best k of `width` candidates a query that it may have; fewer where there are not so many."""
        parts = []
        block = max(1, GATHERED // (width * queries.shape[1]))
        for at in range(0, len(queries), block):
            asked = queries[at : at + block]
            rows = self._rows(ann.look(self.index, asked, width, effort))
            near = np.einsum("qwd,qd->qw", self.embeddings[rows], asked)
            gone = rows < 0
            if only is not None:
                gone |= ~only[rows]
            for place, groups in enumerate(out[at : at + block]):
                if len(groups):
                    gone[place] |= np.isin(self.groups[rows[place]], groups)
            near[gone], rows[gone] = -np.inf, -1
            order = np.lexsort((rows, -near), axis=1)[:, :k]
            parts.append((np.take_along_axis(near, order, 1), np.take_along_axis(rows, order, 1)))
        return np.concatenate([s for s, _ in parts]), np.concatenate([r for _, r in parts])

    def _rows(self, ids: ann.Ids) -> NDArray[np.intp]:
        """The rows of some numbers; -1 for those that have none (any more)."""
        place = np.minimum(np.searchsorted(self._sorted, ids), len(self._sorted) - 1)
        return np.where(self._sorted[place] == ids, self._order[place], -1).astype(np.intp)
