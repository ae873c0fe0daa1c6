"""Embeddings of one model: a Lance table beside the rows, keyed by record and signal hash.

Beside and not within, because Lance updates a column of some rows by writing those rows
anew, signals and all (measured: two updates of 2,000 rows each doubled a table of 4,000),
and because the rows then change their order. The key holds the signal's hash, so that an
embedding is never taken for that of another ECG that was given the same record id.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.place import Place, Remote, has_table, within
from einthoven.collection.purge import purge_table
from einthoven.collection.trouble import reading_trouble, writing_trouble
from einthoven.ecg import CollectionError, Floats, Ints, Signal, UsageError

if TYPE_CHECKING:
    import lance
    import pyarrow as pa

MODEL_KEY = "einthoven.model"
UNIT_TOLERANCE = 1e-3
TYPES = ("float16", "float32", "int8")


def embedding_table(model_sha256: str) -> str:
    """The name of the table of a model's embeddings: `embeddings_<first 12 of its hash>.lance`.

    Raises:
        UsageError: not a SHA-256 in lower-case hexadecimal.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", model_sha256):
        raise UsageError("A model is named by its SHA-256.", "Pass 64 lower-case hexadecimal digits.")
    return f"embeddings_{model_sha256[:12]}.lance"


def embedding_tables(place: Place) -> dict[str, lance.LanceDataset]:
    """Model hash to table, for every model with embeddings there."""
    import lance

    tables = {}
    with reading_trouble():
        for name in _names(place):
            if has_table(place, name):  # else: its first write was interrupted
                table = lance.dataset(within(place, name))
                tables[_model_of(table)] = table
    return tables


def _names(place: Place) -> list[str]:
    if isinstance(place, Path):
        return sorted(path.name for path in place.glob("embeddings_*.lance"))
    return sorted({name.split("/")[0] for name in Remote(place).names() if name.startswith("embeddings_")})


def open_embeddings(place: Place, model_sha256: str) -> lance.LanceDataset | None:
    """The model's table, or None when nothing was ever embedded with it."""
    import lance

    name = embedding_table(model_sha256)
    if not has_table(place, name):
        return None
    with reading_trouble():
        table = lance.dataset(within(place, name))
    if _model_of(table) != model_sha256:
        raise CollectionError(
            "These embeddings belong to another model whose hash begins alike.",
            "Drop them, then embed again with the model at hand.",
        )
    return table


def read_embeddings(table: lance.LanceDataset, rows: pa.Table) -> tuple[Signal, Ints]:
    """Embeddings in the order of `rows` (columns record, sha256).

    Returns:
        (k, d) float32, and the positions (k,) in `rows` of those that have one.
    """
    import pyarrow.compute as pc

    with reading_trouble():
        stored = table.to_table(columns=["record", "sha256", "embedding"])
    place = pc.index_in(rows["record"], value_set=stored["record"].combine_chunks())
    same = pc.equal(rows["sha256"], stored["sha256"].take(place))
    here = np.flatnonzero(pc.fill_null(same, False).to_numpy(zero_copy_only=False))
    width = stored.schema.field("embedding").type.list_size
    column = stored["embedding"].combine_chunks()
    every = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
    picked = place.take(here).to_numpy(zero_copy_only=False).astype(np.int64)
    return _as_numbers(every[picked]), here


def write_embeddings(
    place: Place, model_sha256: str, records: Sequence[str], hashes: Sequence[str], matrix: Floats, dtype: str
) -> None:
    """Add or replace the embeddings (n, d) of some records, in one commit.

    Raises:
        UsageError: no such dtype, or a matrix that does not fit it.
        CollectionError: the width or dtype differs from what is stored.
    """
    import lance
    import pyarrow as pa

    if dtype not in TYPES:
        raise UsageError(f"Embeddings are not stored as {dtype}.", f"Use one of {', '.join(TYPES)}.")
    if matrix.ndim != 2 or matrix.shape[0] != len(records) or 0 in matrix.shape:
        raise UsageError(
            f"{len(records)} records do not fit embeddings of shape {matrix.shape}.",
            "Pass one row of numbers for each record.",
        )
    values = _as_stored(matrix, dtype)
    column = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
    data = pa.table({"record": list(records), "sha256": list(hashes), "embedding": column})
    data = data.replace_schema_metadata({MODEL_KEY: model_sha256})
    table = open_embeddings(place, model_sha256)
    if table is None:
        with writing_trouble():
            lance.write_dataset(data, within(place, embedding_table(model_sha256)), mode="create")
        return
    if table.schema.field("embedding").type != column.type:
        raise CollectionError(
            f"Stored are embeddings of type {table.schema.field('embedding').type}, not {column.type}.",
            "Drop the model's embeddings first, then write all of them.",
        )
    with writing_trouble():
        upsert = table.merge_insert("record").when_matched_update_all().when_not_matched_insert_all()
        upsert.execute(data)


def _as_stored(matrix: Floats, dtype: str) -> NDArray[Any]:
    """The numbers that are written. "int8" keeps each row's direction only, in steps of 1/127 of its largest value."""
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(matrix, np.float32 if dtype == "int8" else np.dtype(dtype))
    if not np.isfinite(values).all():
        raise UsageError(f"Some embeddings are not finite as {dtype}.", "Embed those ECGs again, or normalise first.")
    if dtype != "int8":
        return values
    lengths = np.linalg.norm(values, axis=1)
    if np.abs(lengths - 1).max() > UNIT_TOLERANCE:
        raise UsageError(
            "Only embeddings of length 1 can be stored as int8.", "Normalise them, or store them as float16."
        )
    steps: NDArray[np.int8] = np.rint(127 * values / np.abs(values).max(axis=1, keepdims=True)).astype(np.int8)
    return steps


def _as_numbers(stored: NDArray[Any]) -> Signal:
    values = stored.astype(np.float32)
    if stored.dtype == np.int8:
        values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values


def forget_orphans(folder: Path, live: pa.Table, purge: bool) -> None:
    """Delete embeddings whose record and signal hash are not in `live`; with `purge`, without trace."""
    import pyarrow.compute as pc

    for table in embedding_tables(folder).values():
        with writing_trouble():
            stored = table.to_table(columns=["record", "sha256"], with_row_id=True)
            place = pc.index_in(stored["record"], value_set=live["record"].combine_chunks())
            same = pc.fill_null(pc.equal(stored["sha256"], live["sha256"].take(place)), False)
            orphans = stored["_rowid"].filter(pc.invert(same)).to_pylist()
            if orphans:
                table.delete(f"_rowid IN ({', '.join(map(str, orphans))})")
            if purge:
                purge_table(table)
    if purge:
        for path in folder.glob("embeddings_*.lance"):
            if not any(path.glob("_versions/*.manifest")):
                shutil.rmtree(path)


def drop_embeddings(folder: Path, model_sha256: str) -> None:
    """Delete a model's embeddings for good."""
    path = folder / embedding_table(model_sha256)
    if path.exists():
        # First the versions: without them the table counts as never written, so an
        # interruption leaves none rather than half of it.
        shutil.rmtree(path / "_versions")
        shutil.rmtree(path)


def stored_type(table: lance.LanceDataset) -> str:
    """The dtype of a model's stored embeddings, as numpy names it."""
    return str(np.dtype(table.schema.field("embedding").type.value_type.to_pandas_dtype()))


def _model_of(table: lance.LanceDataset) -> str:
    model: bytes | None = (table.schema.metadata or {}).get(MODEL_KEY.encode())
    if model is None:
        raise CollectionError("A table of embeddings does not name its model.", "Delete that folder, then embed again.")
    return model.decode()
