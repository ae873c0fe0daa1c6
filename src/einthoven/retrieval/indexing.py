"""Which index an archive is searched with, and keeping it true to the table: a cache, never the truth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from einthoven.ecg import CollectionError, MissingPackageError, UsageError
from einthoven.retrieval import faiss_index as ann
from einthoven.retrieval import index_files as files
from einthoven.retrieval.approximate import ApproximateIndex
from einthoven.retrieval.recall import Recall, fitted
from einthoven.retrieval.search import ExactIndex

Wanted = Literal["auto", "flat", "ivf-sq8", "hnsw"]
EXACT_NUMBERS = 1 << 24
"""Up to so many numbers (ECGs times width) exact search answers in about 10 ms on one core, which is what reading an
ECG's file costs: 236,000 ECGs at a width of 71, 21,800 at 768."""
HNSW_ROWS = 100_000
"""Up to so many ECGs a graph is made in minutes, and is the quicker to ask; above, inverted lists are."""
CHANGED = 0.25
TOMBSTONES = 0.2


@dataclass(frozen=True)
class Source:
    """What an index is made from: the rows as they stand, in table order."""

    folder: Path
    model: str
    versions: tuple[int, int]
    hashes: list[str]
    stored: ann.Vectors
    exact: ExactIndex


@dataclass(frozen=True)
class Kept:
    """An index ready to be asked; what `info` tells of it; and what went wrong with the one that was there."""

    index: ExactIndex | ApproximateIndex
    about: dict[str, Any]
    said: tuple[str, ...] = ()


def choose(rows: int, width: int) -> ann.Kind:
    """The kind of index for an archive of this size.

    >>> choose(17_413, 71), choose(50_000, 768), choose(800_000, 71)
    ('flat', 'hnsw', 'ivf-sq8')
    """
    if rows * width <= EXACT_NUMBERS:
        return "flat"
    return "hnsw" if rows <= HNSW_ROWS else "ivf-sq8"


def checked_kind(kind: str) -> Wanted:
    """The kind itself.

    Raises:
        UsageError: there is none of that name.
    """
    if kind not in ("auto", *ann.KINDS):
        raise UsageError(f"There is no index of kind '{kind}'.", f"Choose auto, {', '.join(ann.KINDS)}.")
    return kind  # type: ignore[return-value]


def index_of(source: Source, wanted: Wanted = "auto") -> Kept:
    """The index for some rows: the one that is kept, brought up to date, or a new one; exact search where none is due.

    What is damaged, or of another model or archive, is made anew, and that is said.
    """
    rows, width = source.exact.embeddings.shape
    kind = choose(rows, width) if wanted == "auto" else wanted
    if kind == "flat" or rows < 2:
        return _exactly(source)
    try:
        ann.faiss_module()
    except MissingPackageError as fault:
        return _exactly(source, f"{fault.message} Every ECG is looked at in each search. {fault.mend}")
    ids = ann.row_ids(source.hashes, source.stored)
    if ids is None:
        return _exactly(source, "Some ECGs are there twice under two names, so the archive is searched exactly.")
    said: list[str] = []
    index: Any = None
    manifest: files.Manifest | None = None
    try:
        manifest = files.read_manifest(source.folder, source.model)
        if manifest is not None and (manifest.kind, manifest.width) == (kind, width):
            index = files.read_index(source.folder, manifest)
    except CollectionError as fault:
        said.append(f"{fault.message.rstrip('.')}; it was made again.")
    if manifest is None or index is None:
        return _made(source, kind, ids, said)
    there = ann.ids_in(index)
    gone, new = np.setdiff1d(there, ids), np.setdiff1d(ids, there)
    if not len(there) - len(gone):
        return _made(source, kind, ids, [*said, "The search index belonged to other ECGs; it was made again."])
    if _too_different(kind, len(ids), len(gone), len(new), manifest.trained):
        return _made(source, kind, ids, said)
    if not len(new) and (kind == "hnsw" or not len(gone)) and manifest.versions == source.versions:
        return Kept(ApproximateIndex(source.exact, ids, index, manifest.effort), _about(manifest))
    ann.remove(index, gone)
    late = np.flatnonzero(np.isin(ids, new))
    ann.add(index, source.exact.embeddings[late], ids[late])
    return _settled(source, kind, ids, index, manifest.trained, said)


def _made(source: Source, kind: ann.Kind, ids: ann.Ids, said: list[str]) -> Kept:
    return _settled(source, kind, ids, ann.make(kind, source.exact.embeddings, ids), len(ids), said)


def _settled(source: Source, kind: ann.Kind, ids: ann.Ids, index: Any, trained: int, said: list[str]) -> Kept:
    """An index whose recall is measured, kept in the archive's folder where that can be written."""
    searched, recall = fitted(source.exact, ids, index)
    about: dict[str, Any] = {
        "kind": kind,
        "model": source.model,
        "versions": source.versions,
        "vectors": len(ids),
        "width": source.exact.embeddings.shape[1],
        "trained": trained,
        "effort": searched.effort,
        "recall": recall,
    }
    try:
        return Kept(searched, _about(files.write_index(source.folder, about, index)), tuple(said))
    except CollectionError as fault:
        said = [*said, f"{fault.message.rstrip('.')}; it serves this time only."]
        return Kept(searched, _about(files.Manifest(**about)), tuple(said))


def _too_different(kind: ann.Kind, rows: int, gone: int, new: int, trained: int) -> bool:
    """Whether a new index is better than one that is changed so much."""
    tombs = gone > TOMBSTONES * rows and kind == "hnsw"
    return tombs or new + gone > CHANGED * rows or not trained / 2 <= rows <= 2 * trained


def _exactly(source: Source, why: str = "") -> Kept:
    rows, width = source.exact.embeddings.shape
    about = {"kind": "flat", "vectors": rows, "width": width, "recall_at_10": 1.0} | ({"why": why} if why else {})
    return Kept(source.exact, about)


def _about(manifest: files.Manifest) -> dict[str, Any]:
    recall: Recall = manifest.recall
    return {
        "kind": manifest.kind,
        "vectors": manifest.vectors,
        "width": manifest.width,
        f"recall_at_{recall.depth}": round(recall.recall, 4),
        "recall_queries": recall.queries,
        "effort": manifest.effort,
        "bytes": manifest.bytes,
    }
