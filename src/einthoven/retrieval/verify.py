"""Whether an archive is what it was made to be: files, model, embeddings, index."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.collection import Collection
from einthoven.collection.embeddings import UNIT_TOLERANCE, open_embeddings, read_embeddings
from einthoven.ecg import CollectionError, EinthovenError, chunks
from einthoven.ecg.counted import counted
from einthoven.retrieval import faiss_index as ann
from einthoven.retrieval import index_files
from einthoven.retrieval.embedding import PART, rows_of
from einthoven.retrieval.foreign import EmbeddingModel
from einthoven.retrieval.settings import patient_key, read_settings
from einthoven.retrieval.sums import SUMS, differences, read_sums

SAMPLE = 64
SAME = 0.999  # cosine; eight bits keep it above, and another signal, model or preparation does not
SHOWN = 3


@dataclass(frozen=True)
class Problem:
    """`kind` is "files", "settings", "table", "model", "embeddings" or "index"; `mend` says what to do."""

    kind: str
    message: str
    mend: str


@dataclass(frozen=True)
class Verified:
    """What was found wrong, and how much was looked at."""

    problems: tuple[Problem, ...]
    files: int
    records: int
    embeddings: int
    embedded_again: int
    index: str

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"ok": not self.problems, **asdict(self)}


def verify(folder: Path, model: EmbeddingModel, sample: int | None = SAMPLE) -> Verified:
    """Looks through an archive, and changes nothing.

    Args:
        model: what is said to have embedded it.
        sample: how many ECGs with stored signals are embedded again; None: all.

    Raises:
        CollectionError: there is no archive.
    """
    if not folder.is_dir():
        raise CollectionError(
            f"There is no archive in {folder}.", f"Build one: einthoven archive build {folder} SOURCES."
        )
    look = _Look(folder, model)
    for part in (look.at_files, look.at_settings, look.at_table):
        look.guarded(part)
    if look.collection is not None:
        look.guarded(lambda: look.at_embeddings(sample))
        look.guarded(look.at_index)
    return Verified(tuple(look.problems), look.files, look.records, look.embeddings, look.again, look.index)


class _Look:
    """One look through an archive, part by part; what one part finds broken does not keep the next from its own."""

    def __init__(self, folder: Path, model: EmbeddingModel) -> None:
        self.folder, self.model = folder, model
        self.problems: list[Problem] = []
        self.collection: Collection | None = None
        self.files = self.records = self.embeddings = self.again = 0
        self.index = "none"
        self._part = "files"
        self._ids: ann.Ids | None = None

    def guarded(self, part: Any) -> None:
        try:
            part()
        except EinthovenError as fault:
            self._wrong(fault.message, fault.mend)

    def _wrong(self, message: str, mend: str) -> None:
        self.problems.append(Problem(self._part, message, mend))

    def at_files(self) -> None:
        restore = "Restore those files from a copy, or build the archive again from its sources."
        listed = read_sums(self.folder)
        if not listed:
            self._wrong(
                f"No checksums are kept ({SUMS} is not there), so damage to files cannot be seen.",
                f"If the archive is as it should be: einthoven archive verify {self.folder} --seal.",
            )
            return
        found = differences(self.folder)
        self.files = len(listed)
        if found.changed:
            self._wrong(f"{_files(found.changed)} not what was written.", restore)
        if found.gone:
            self._wrong(f"{_files(found.gone)} gone.", restore)
        if found.unlisted:
            self._wrong(
                f"{_files(found.unlisted)} not listed: a change was interrupted, or they are somebody else's.",
                f"Give the interrupted command again; if all is right: einthoven archive verify {self.folder} --seal.",
            )

    def at_settings(self) -> None:
        self._part = "settings"
        known = read_settings(self.folder)["model"]
        patient_key(self.folder, "anybody")
        self._part = "model"
        if known["sha256"] != self.model.sha256:
            self._wrong(
                f"The archive was embedded by {known['name']} ({known['sha256'][:12]}), "
                f"and this model is {self.model.name} ({self.model.sha256[:12]}).",
                f"Name the archive's own with --model, or embed it anew: einthoven archive embed {self.folder}.",
            )

    def at_table(self) -> None:
        self._part = "table"
        collection = Collection.open(self.folder)
        names = collection.columns(["record"])["record"]
        self.records = len(names)
        if len(set(names)) < len(names):
            self._wrong(f"{len(names) - len(set(names))} record ids stand twice.", "Build the archive again.")
        self.collection = collection

    def at_embeddings(self, sample: int | None) -> None:
        self._part = "embeddings"
        assert self.collection is not None
        embed = f"einthoven archive embed {self.folder}."
        table = open_embeddings(self.folder, self.model.sha256)
        if table is None:
            if self.records:
                self._wrong(f"No ECG has an embedding by {self.model.name}.", f"Embed them: {embed}")
            return
        rows = self.collection.keys()
        matrix, here = read_embeddings(table, rows)
        self.embeddings = len(here)
        if missing := len(rows) - len(here):
            self._wrong(f"{counted(missing)} without an embedding.", f"Embed them: {embed}")
        stored = int(table.count_rows())
        if stored != len(here):
            self._wrong(
                f"{stored - len(here)} embeddings belong to no ECG of the archive, or stand twice.",
                "They are answered with by none; `archive remove --purge` of any ECG clears them away.",
            )
        lengths = np.linalg.norm(matrix, axis=1)
        off = int((~(np.abs(lengths - 1) < UNIT_TOLERANCE)).sum())
        if off:
            self._wrong(f"{off} embeddings are not of length 1.", "They are damaged: build the archive again.")
        hashes = rows["sha256"].take(here).to_pylist()
        self._ids = ann.row_ids(hashes, matrix)
        self._compare(matrix, [str(one) for one in rows["record"].take(here).to_pylist()], sample)

    def _compare(self, matrix: ann.Vectors, records: list[str], sample: int | None) -> None:
        """Embeds some ECGs again, and compares."""
        assert self.collection is not None
        scale = self.collection.columns(["record", "scale"])
        with_signal = {r for r, s in zip(scale["record"], scale["scale"], strict=True) if s > 0}
        there = np.array([place for place, one in enumerate(records) if one in with_signal], np.intp)
        some = np.random.default_rng(0).permutation(there)[: len(there) if sample is None else sample]
        place = {records[one]: one for one in some.tolist()}
        differ = 0
        for part in chunks(place, PART):
            rows = rows_of(self.collection, part)
            anew = self.model.embed([row.ecg() for row in rows])
            old = matrix[[place[row.record] for row in rows]]
            differ += int((~(np.einsum("nd,nd->n", anew, old) > SAME * np.linalg.norm(old, axis=1))).sum())
            self.again += len(rows)
        if differ:
            self._wrong(
                f"{differ} of {self.again} ECGs that were embedded again have another embedding than is stored.",
                "Signals or embeddings were changed: build the archive again from its sources.",
            )

    def at_index(self) -> None:
        self._part = "index"
        manifest = index_files.read_manifest(self.folder, self.model.sha256)
        if manifest is None:
            return
        self.index = manifest.kind
        ids = ann.ids_in(index_files.read_index(self.folder, manifest))
        live = self._ids if self._ids is not None else np.empty(0, np.int64)
        lacking, strange = len(np.setdiff1d(live, ids)), len(np.setdiff1d(ids, live))
        if manifest.kind == "hnsw":
            strange = 0 if lacking < len(live) else strange  # tombstones
        lacks = counted(lacking)
        if lacking or strange:
            self.index = f"{manifest.kind}, behind: it lacks {lacks}, and {strange} of it are gone"
            if manifest.versions == (self._version, self._embeddings_version):
                self._wrong(
                    f"The search index says that it is up to date, but lacks {lacks} and has {strange} others.",
                    f"It is mended by the next search, or now: einthoven archive index {self.folder}.",
                )

    @property
    def _version(self) -> int:
        assert self.collection is not None
        return self.collection.version

    @property
    def _embeddings_version(self) -> int:
        assert self.collection is not None
        return self.collection.embeddings_version(self.model.sha256) or 0


def _files(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
    return f"{len(names)} file{'s are' if len(names) > 1 else ' is'} ({shown})"
