"""What is in a collection, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from einthoven.collection.embeddings import embedding_tables, read_embeddings, stored_type
from einthoven.collection.place import Place
from einthoven.collection.private import bytes_on_disk

if TYPE_CHECKING:
    import pyarrow as pa


class Readable(Protocol):
    """What a summary asks of a collection."""

    path: Path
    place: Place

    @property
    def version(self) -> int: ...

    def keys(self) -> pa.Table: ...

    def columns(self, names: Sequence[str], where: str | None = None) -> dict[str, Any]: ...


def summary(collection: Readable) -> dict[str, Any]:
    """See `Collection.info`: a document for JSON, no ids in it."""
    column = collection.columns(["source", "patient", "fold", "rate", "scale"])
    keys = collection.keys()
    models = {}
    for model, table in embedding_tables(collection.place).items():
        matrix, here = read_embeddings(table, keys)
        models[model] = {"records": len(here), "width": matrix.shape[1], "dtype": stored_type(table)}
    known = [patient for patient in column["patient"] if patient is not None]
    return {
        "version": collection.version,
        "records": len(keys),
        "with_report_text": len(collection.columns(["record"], where="text IS NOT NULL")["record"]),
        "with_signal": int((column["scale"] > 0).sum()),
        "patients": len(set(known)),
        "without_patient": len(keys) - len(known),
        "sources": _counts(column["source"]),
        "folds": _counts(fold for fold in column["fold"].tolist() if fold >= 0),
        "rates_hz": _counts(column["rate"].tolist()),
        "embeddings": models,
        "bytes": bytes_on_disk(collection.path) if isinstance(collection.place, Path) else None,
    }


def _counts(values: Iterable[Hashable]) -> dict[str, int]:
    return {str(value): count for value, count in Counter(values).most_common()}
