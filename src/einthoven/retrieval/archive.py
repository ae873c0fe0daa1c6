"""An archive: made, opened, added to, embedded, emptied, calibrated; how it is asked stands in `readable`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from einthoven.collection import Collection, Row
from einthoven.ecg import ECG, UsageError, chunks
from einthoven.models import load_model
from einthoven.retrieval.adding import BATCH, Adding, Progress
from einthoven.retrieval.calibration import Calibration
from einthoven.retrieval.embedding import embed_rows, rows_of
from einthoven.retrieval.foreign import EmbeddingModel
from einthoven.retrieval.index_files import drop_indexes
from einthoven.retrieval.kept import as_kept, require_signals
from einthoven.retrieval.learn import askable, learn
from einthoven.retrieval.opening import Opened, opened
from einthoven.retrieval.readable import NEIGHBOURS, Readable
from einthoven.retrieval.settings import new_settings
from einthoven.retrieval.spread import Spread
from einthoven.retrieval.sums import seal

CALIBRATION_QUERIES = 2500


class Archive(Readable):
    """ECGs that can be searched for similar ones.

    A folder (0700): a collection with embeddings, `archive.json` (name, model, calibration) and `key`, the
    secret under which patient ids are hashed. Free text of reports and devices may hold names and is
    kept only where patient ids are; report texts also where `add` is told to. Make one with `create` or `open`.
    """

    @classmethod
    def create(
        cls,
        path: str | Path,
        model: EmbeddingModel | None = None,
        name: str | None = None,
        keep_ids: bool = False,
        precision: str = "float16",
    ) -> Archive:
        """An empty archive in a new folder.

        Args:
            model: what embeds it; None takes the bundled one.
            keep_ids: store patient ids as they are, not as keyed hashes, and free text too.
            precision: how embeddings are stored: "float16", "float32", or "int8" (a quarter of the space).

        Raises:
            CollectionError: the folder is not empty, or cannot be made.
        """
        path, model = Path(path), load_model() if model is None else model
        collection = Collection.create(path)
        settings = new_settings(path, name or path.resolve().name, _identity(model), keep_ids, precision)
        seal(path, anew=True)
        return cls(Opened(path, collection, settings), model)

    @classmethod
    def open(cls, path: str | Path, model: EmbeddingModel | None = None, any_model: bool = False) -> Archive:
        """The archive in a folder, or at a URI on object storage (s3://bucket/archive).

        Args:
            model: the model that embedded it; None takes the bundled one.
            any_model: open it with a model that did not embed it, in order to `embed` it anew.

        Raises:
            CollectionError: none there, damaged, or embedded by another model.
        """
        model = load_model() if model is None else model
        return cls(opened(path, model, any_model), model)

    def add(
        self,
        ecgs: Iterable[tuple[str | None, ECG] | Row],
        keep_signal: bool = True,
        progress: Progress = lambda done: None,
        commit_every: int | None = None,
        keep_reports: bool = False,
    ) -> int:
        """Adds ECGs with their embeddings; recordings that are there already are left out.

        All that is added may support drafts: leave out what is not fit (`quality.assess(ecg).usable`), as the
        command line does.

        If an earlier addition was interrupted before its embeddings were stored, adding the same ECGs again
        completes it.

        Args:
            ecgs: pairs of a record id and an ECG (None: the id is the hash of the samples), or rows with signals.
            progress: called with the number of ECGs seen so far.
            commit_every: how many ECGs go into one commit, which stands whatever becomes of the next; None adds
                all or none.
            keep_reports: keep the report text of rows although patient ids are not kept. It may hold names.

        Returns:
            How many were added.

        Raises:
            CollectionError: a record id that is taken by another recording, another model than the
                archive's, a row without signal, or no key to hash patient ids with.
        """
        self._place.require(self.model)
        self.patient_key("anybody")  # an archive that was handed out takes nobody in
        adding = Adding(
            self.collection,
            self.model.sha256,
            self._settings["precision"],
            self._embed,
            lambda row: self._as_kept(row, keep_signal, keep_reports),
        )
        try:
            return adding.run(ecgs, progress, commit_every)
        finally:
            self._read = None
            self._place.seal()

    def embed(self, progress: Progress = lambda done: None, spread: Spread | None = None) -> int:
        """Embeds from stored signals what has no embedding by this model, and makes it the archive's model.

        What stands when it is interrupted stays; given again, it goes on with the rest.

        Args:
            spread: by which processes; None: by this one.

        Raises:
            CollectionError: an ECG was added without its signal.
        """
        lacking = self.collection.without_embedding(self.model.sha256)
        require_signals(self.collection, lacking, self.model.name, self._is_own_model)
        what = self.collection, lacking, self.model.sha256, self._settings["precision"]
        try:
            if spread is None:
                embed_rows(*what, self._embed, progress)
            elif lacking:
                spread.embed(*what, progress)
        finally:
            self._place.seal()
        self._read = None
        if not self._is_own_model:
            self._place.write(model=_identity(self.model), calibration=None)
        return len(lacking)

    def remove(self, records: Iterable[str] = (), patients: Iterable[str] = (), purge: bool = False) -> int:
        """Removes ECGs by record id, or by patient id as in the files; with `purge`, every trace. Returns how many.

        Raises:
            UsageError: nothing is named. CollectionError: no key to find a patient by.
        """
        if isinstance(records, str) or isinstance(patients, str):
            raise UsageError("Records and patients are named in lists.", "Pass [id], not id.")
        count = self.collection.remove(list(records), [self.patient_key(patient) for patient in patients])
        if purge:
            self.collection.purge()
            drop_indexes(self.path)
        self._read = None
        self._place.seal()
        return count

    def calibrate(self, queries: Sequence[Row] | None = None, source: str = "other ECGs", seed: int = 0) -> Calibration:
        """Learns confidence and distance limits, and stores them for the archive's present version.

        Args:
            queries: ECGs with known statements that neither the model nor the archive has seen. None asks the
                archive's own (at most 2,500 of them), each without its patient, which is honest only if the model was
                not trained on them.
            source: what the queries are, for `info`.

        Raises:
            CollectionError: too few patients, or too few with signal and statements; another model than the
                archive's.
        """
        self._place.require(self.model)
        rows = self._own_queries(seed) if queries is None else list(queries)
        rows = askable(rows, self.patients + self.nameless, self.holding)
        parts = [self._run([row.ecg() for row in batch]) for batch in chunks(rows, BATCH)]
        embedding, head = (np.concatenate(part) for part in zip(*parts, strict=True))
        if queries is None:  # its patients' names are hashed already
            own = [self._contents.patients_of(row.sha256, row.patient) for row in rows]
            source = "its own, leave one patient out"
        else:
            own = [self._own_patients(row.sha256, row.patient) for row in rows]
        version = self.collection.version
        found = learn(self._contents, rows, embedding, head, self.model.codes, own, NEIGHBOURS, version, source)
        self._place.write(calibration=found.to_dict())
        return found

    def _own_queries(self, seed: int) -> list[Row]:
        chosen = np.random.default_rng(seed).permutation(len(self))[:CALIBRATION_QUERIES]
        return rows_of(self.collection, [self._contents.records[row] for row in np.sort(chosen)])

    def _as_kept(self, row: Row, keep_signal: bool, keep_report: bool) -> Row:
        patient = self.patient_key(row.patient) if row.patient else None
        return as_kept(row, patient, keep_signal, self.keeps_ids, keep_report)


def _identity(model: EmbeddingModel) -> dict[str, str]:
    return {"name": model.name, "sha256": model.sha256}
