"""An archive in memory, as it stands in one version: who carries what, and the index over the embeddings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Collection
from einthoven.collection.embeddings import UNIT_TOLERANCE
from einthoven.ecg import Bools, CollectionError, Floats, Ints, Statement
from einthoven.ecg.counted import counted
from einthoven.retrieval.approximate import ApproximateIndex
from einthoven.retrieval.calibration import smoothed_votes
from einthoven.retrieval.indexing import Kept, Source, Wanted, index_of
from einthoven.retrieval.neighbour import Neighbour
from einthoven.retrieval.search import ExactIndex
from einthoven.retrieval.where import Where

COLUMNS = ("record", "sha256", "patient", "age", "sex", "codes")


class Contents:
    """Columns of a collection, read once; rows are in table order throughout.

    Args:
        collection: an open collection.
        model_sha256: whose embeddings are searched.
        wanted: the kind of index; "auto" goes by size.
    """

    def __init__(self, collection: Collection, model_sha256: str, wanted: Wanted = "auto") -> None:
        self._collection = collection
        self._model = model_sha256
        self._wanted = wanted
        self._versions = (collection.version, collection.embeddings_version(model_sha256) or 0)
        self._rows: dict[str, Any] = collection.columns(COLUMNS)

    def __len__(self) -> int:
        return len(self._rows["record"])

    @property
    def records(self) -> list[str]:
        """Record ids."""
        return self._rows["record"]  # type: ignore[no-any-return]

    @cached_property
    def patients(self) -> NDArray[np.intp]:
        """(ECGs,) a number for each ECG's patient; without a patient id it is one of its own."""
        names = [f"\0{r}" if p is None else p for p, r in zip(self._rows["patient"], self.records, strict=True)]
        numbers: dict[str, int] = {}
        return np.array([numbers.setdefault(name, len(numbers)) for name in names], np.intp)

    @cached_property
    def nameless(self) -> int:
        """How many ECGs have no patient id."""
        return sum(patient is None for patient in self._rows["patient"])

    @cached_property
    def keeps_reports(self) -> bool:
        """Whether the text of some ECG's report is kept."""
        return any(True for _ in self._collection.rows(["text"], where="text IS NOT NULL", batch=1))

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """All codes that some ECG carries, sorted."""
        return tuple(sorted({code for codes in self._rows["codes"] for code in codes}))

    @cached_property
    def carried(self) -> Bools:
        """(ECGs, codes) which ECG carries which code."""
        place = {code: column for column, code in enumerate(self.codes)}
        carried = np.zeros((len(self), len(place)), np.bool_)
        for row, codes in enumerate(self._rows["codes"]):
            carried[row, [place[code] for code in codes]] = True
        return carried

    @cached_property
    def base_rate(self) -> Floats:
        """(codes,) the share of the ECGs that carry each code."""
        return np.asarray(self.carried.mean(0))

    @property
    def index(self) -> ExactIndex | ApproximateIndex:
        """The embeddings, ready to be searched; raises as `kept`."""
        return self.kept.index

    @cached_property
    def kept(self) -> Kept:
        """The index over the embeddings, and what there is to say of it.

        Raises:
            CollectionError: the archive is empty, some of its ECGs have no embedding, or embeddings are damaged.
        """
        if not len(self):
            raise CollectionError(
                "The archive is empty.", f"Add ECGs: einthoven archive add {self._collection.place} SOURCES."
            )
        records, embeddings = self._collection.embeddings(self._model)
        if records != self.records:
            raise CollectionError(
                f"{counted(len(self) - len(records))} of the archive without an embedding: adding was interrupted.",
                f"Finish it: einthoven archive embed {self._collection.place}.",
            )
        norm = np.linalg.norm(embeddings, axis=1, keepdims=True)  # 16 bits leave it a little off 1
        if damaged := int((~(np.abs(norm - 1) < UNIT_TOLERANCE)).sum()):
            raise CollectionError(
                f"{damaged} embeddings of the archive are damaged: they are not of length 1.",
                f"See what else is: einthoven archive verify {self._collection.place}. Restore it, or build it again.",
            )
        exact = ExactIndex(embeddings / norm, self.patients)
        return index_of(
            Source(self._collection.path, self._model, self._versions, self._rows["sha256"], embeddings, exact),
            self._wanted,
        )

    @property
    def said(self) -> tuple[str, ...]:
        """What went wrong with the index that was kept; nothing as long as none was needed."""
        return self.kept.said if "kept" in self.__dict__ else ()

    def search(
        self,
        embedding: NDArray[np.float32],
        k: int,
        leave_out: Sequence[NDArray[np.intp]],
        where: Where | None = None,
    ) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        """Similarities and rows (q, k) of the nearest ECGs, without the patients in `leave_out`."""
        only = None if where is None else where.met(self._collection.columns(where.columns))
        return self.index.search(embedding, k, leave_out, only)

    def patients_of(self, sha256: str, patient: str | None) -> NDArray[np.intp]:
        """Who must not answer for an ECG: its own patient, and whoever has the very same recording."""
        same = list(self._places["sha256"].get(sha256, ()))
        if patient is not None:
            same += self._places["patient"].get(patient, ())
        return np.unique(self.patients[same])

    @cached_property
    def _places(self) -> dict[str, dict[str, list[int]]]:
        """For each recording's hash and for each patient the rows."""
        places: dict[str, dict[str, list[int]]] = {"sha256": {}, "patient": {}}
        for column, found in places.items():
            for row, value in enumerate(self._rows[column]):
                if value is not None:
                    found.setdefault(value, []).append(row)
        return places

    def votes(self, rows: Ints) -> Floats:
        """Smoothed votes (q, codes) of the ECGs in `rows` (q, k)."""
        return smoothed_votes(self.carried[rows], self.base_rate)

    def head_scores(self, probabilities: NDArray[np.float32], codes: Sequence[str]) -> Floats:
        """A head's probabilities (q, its codes) by this archive's codes; the base rate of those that it lacks."""
        scores = np.tile(self.base_rate, (len(probabilities), 1))
        for column, code in enumerate(self.codes):
            if code in codes:
                scores[:, column] = probabilities[:, codes.index(code)]
        return scores

    def neighbours(self, similarity: NDArray[np.float32], rows: Ints) -> tuple[Neighbour, ...]:
        """The ECGs of one answer (k,), nearest first."""
        return tuple(self._neighbour(float(s), int(row)) for s, row in zip(similarity, rows, strict=True) if row >= 0)

    def _neighbour(self, similarity: float, row: int) -> Neighbour:
        age = float(self._rows["age"][row])
        return Neighbour(
            record=self.records[row],
            similarity=similarity,
            statements=tuple(Statement(code=code, system="SCP") for code in self._rows["codes"][row]),
            patient=self._rows["patient"][row],
            age=None if np.isnan(age) else age,
            sex=self._rows["sex"][row],
        )
