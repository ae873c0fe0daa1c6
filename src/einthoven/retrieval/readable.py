"""An archive as far as it is only asked: what it holds, who is similar, and how sure that makes of what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, CollectionError
from einthoven.retrieval.calibration import Calibration
from einthoven.retrieval.contents import Contents
from einthoven.retrieval.foreign import EmbeddingModel, checked
from einthoven.retrieval.indexing import checked_kind
from einthoven.retrieval.kept import holding
from einthoven.retrieval.neighbour import Evidence, Neighbour
from einthoven.retrieval.opening import Opened
from einthoven.retrieval.settings import patient_key
from einthoven.retrieval.text_search import text_query
from einthoven.retrieval.told import told
from einthoven.retrieval.where import Where

NEIGHBOURS = 25


class Readable:
    """What `Archive` offers to whoever asks it; nothing here changes an ECG, an embedding or the calibration."""

    def __init__(self, opened: Opened, model: EmbeddingModel) -> None:
        self.path = opened.path
        self.collection = opened.collection
        self.model = model
        self._place = opened
        self._settings = opened.settings
        self._read: Contents | None = None

    @property
    def name(self) -> str:
        """What the archive is called in reports."""
        return str(self._settings["name"])

    @property
    def keeps_ids(self) -> bool:
        """Whether patient ids stand in it as they are."""
        return bool(self._settings["keep_ids"])

    def __len__(self) -> int:
        return len(self.collection)

    @property
    def patients(self) -> int:
        """Number of patients that are named; ECGs without a patient id are `nameless`."""
        return int(self._contents.patients.max(initial=-1)) + 1 - self.nameless

    @property
    def nameless(self) -> int:
        """Number of ECGs without a patient id."""
        return self._contents.nameless

    @property
    def keeps_reports(self) -> bool:
        """Whether the text of some ECG's report is kept."""
        return self._contents.keeps_reports

    @property
    def holding(self) -> str:
        """In words: "420 ECGs of 210 patients", and how many of the ECGs name no patient."""
        return holding(len(self), self.patients, self.nameless)

    @property
    def calibration(self) -> Calibration | None:
        """The calibration; None when there is none for this model, or ECGs were added or removed since."""
        values = self._settings["calibration"]
        if values is None or not self._is_own_model:
            return None
        found = Calibration.from_dict(values)
        return found if found.version == self.collection.version else None

    def patient_key(self, patient: str) -> str:
        """The name under which this archive keeps a patient: a keyed hash, unless it keeps ids.

        Raises:
            CollectionError: the archive was handed out without its key.
        """
        name = self._name_of(patient)
        if name is None:
            raise CollectionError(
                "This archive was handed out without its key, so it can tell no patient.",
                "Build an archive of your own: einthoven archive build DIR SOURCES.",
            )
        return name

    def search(self, ecg: ECG, k: int = 5, where: Where | str | None = None) -> tuple[Neighbour, ...]:
        """The k most similar ECGs, or as many as may answer, nearest first: not this recording, nor its patient's.

        Args:
            where: which ECGs may answer, such as "age>=60,sex=F"; see `Where`.

        Raises:
            UsageError: k below 1, or a condition that cannot be meant. CollectionError: the archive is empty.
        """
        embedding, own = self._embed([ecg]), [self._own_patients(ecg.sha256, ecg.patient.id)]
        similarity, rows = self._contents.search(embedding, self._there(k), own, Where.of(where))
        return self._contents.neighbours(similarity[0], rows[0])

    def search_text(self, text: str, k: int = 5, where: Where | str | None = None) -> tuple[Neighbour, ...]:
        """The k ECGs that a text, English or German, fits best, by the model's text side; see `text_query`."""
        query, nobody = text_query(self.model, text), [np.empty(0, np.intp)]
        similarity, rows = self._contents.search(query, self._there(k), nobody, Where.of(where))
        return self._contents.neighbours(similarity[0], rows[0])

    def evidence(self, ecg: ECG, k: int = NEIGHBOURS, where: Where | str | None = None) -> Evidence:
        """Neighbours, votes, head and confidence for one ECG; calibrated only where all others may answer."""
        contents = self._contents
        embedding, head = self._run([ecg])
        own = [self._own_patients(ecg.sha256, ecg.patient.id)]
        similarity, rows = contents.search(embedding, self._there(k), own, Where.of(where))
        votes = contents.votes(rows[:, rows[0] >= 0])
        scores = contents.head_scores(head, self.model.codes)
        calibration = self.calibration
        usable = where is None and calibration is not None and calibration.k == k == int((rows[0] >= 0).sum())
        confidence = calibration.confidence(contents.codes, votes, scores) if calibration and usable else votes
        neighbours = contents.neighbours(similarity[0], rows[0])
        return Evidence(neighbours, contents.codes, votes[0], scores[0], confidence[0], usable)

    def _there(self, k: int) -> int:
        """At most as many as there are: no room is taken for answers that nobody can give."""
        return min(k, max(1, len(self._contents)))

    def info(self) -> dict[str, Any]:
        """Name, model, counts, index and calibration, ready for JSON."""
        return told(self.name, self._settings, self.collection, self.model.sha256, self.calibration, self.index)

    def index(self, kind: str | None = None) -> dict[str, Any]:
        """Makes the search index, or brings it up to date, as searches do too; tells its kind, size and recall.

        Args:
            kind: "auto" goes by size, "flat" is exact search, "ivf-sq8" and "hnsw" are FAISS's; kept for this archive.

        Raises:
            UsageError: no such kind. CollectionError: the archive is empty, or not fully embedded.
        """
        if kind is not None:
            self._place.write(index=checked_kind(kind))
            self._read = None
        self._place.require(self.model)
        return self._contents.kept.about

    @property
    def notices(self) -> tuple[str, ...]:
        """What went wrong with the search index that was kept, and was mended."""
        return self._read.said if self._read else ()

    @property
    def _contents(self) -> Contents:
        if self._read is None:
            self._read = Contents(self.collection, self.model.sha256, self._settings.get("index", "auto"))
        return self._read

    @property
    def _is_own_model(self) -> bool:
        return bool(self._settings["model"]["sha256"] == self.model.sha256)

    def _embed(self, ecgs: Sequence[ECG]) -> NDArray[np.float32]:
        return checked(self.model.embed(ecgs), len(ecgs), self.model.name)

    def _run(self, ecgs: Sequence[ECG]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        embedding, head = self.model.run(ecgs)
        return checked(embedding, len(ecgs), self.model.name), head

    def _name_of(self, patient: str) -> str | None:
        return patient if self.keeps_ids else patient_key(self.path, patient)

    def _own_patients(self, sha256: str, patient: str | None) -> NDArray[np.intp]:
        return self._contents.patients_of(sha256, self._name_of(patient) if patient else None)
