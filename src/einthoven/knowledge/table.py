"""The Lance table of a knowledge base: its columns, and what stands in its metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import CollectionError, UsageError
from einthoven.knowledge.embedding import Embedder
from einthoven.knowledge.passage import Passage

if TYPE_CHECKING:
    import pyarrow as pa

TABLE = "passages.lance"
VERSION = "1"
VERSION_KEY, EMBEDDER_KEY, NAME_KEY = "einthoven.knowledge", "einthoven.embedding", "einthoven.embedding.name"
KEY = ("source", "number")


@dataclass(frozen=True)
class Source:
    """A source in the base: its name, the hash of its content, its kind, pages (None without), and passages."""

    name: str
    sha256: str
    kind: str
    pages: int | None
    passages: int


def schema(embedder: Embedder, width: int) -> pa.Schema:
    """Columns for vectors of `width` by `embedder`, 16 bits each."""
    import pyarrow as pa

    return pa.schema(
        [
            pa.field("source", pa.string(), nullable=False),
            pa.field("number", pa.int32(), nullable=False),
            pa.field("sha256", pa.string(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            pa.field("pages", pa.int32()),
            pa.field("text", pa.string(), nullable=False),
            pa.field("page", pa.int32()),
            pa.field("section", pa.string()),
            pa.field("codes", pa.list_(pa.string()), nullable=False),
            pa.field("vector", pa.list_(pa.float16(), width), nullable=False),
        ],
        metadata={VERSION_KEY: VERSION, EMBEDDER_KEY: embedder.sha256, NAME_KEY: embedder.name},
    )


def rows(
    passages: Sequence[Passage], kind: str, pages: int | None, vectors: NDArray[np.float32], like: pa.Schema
) -> pa.Table:
    """One source's passages in order, with their vectors (n, d)."""
    import pyarrow as pa

    columns: Mapping[str, Any] = {
        "source": [one.source for one in passages],
        "number": range(len(passages)),
        "sha256": [one.sha256 for one in passages],
        "kind": [kind] * len(passages),
        "pages": [pages] * len(passages),
        "text": [one.text for one in passages],
        "page": [one.page for one in passages],
        "section": [one.section for one in passages],
        "codes": [list(one.codes) for one in passages],
    }
    made = [pa.array(values, like.field(name).type) for name, values in columns.items()]
    flat = pa.array(np.ascontiguousarray(vectors, np.float16).ravel())
    made.append(pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]))
    return pa.Table.from_arrays(made, schema=like)


def passages_of(table: pa.Table) -> tuple[list[Passage], NDArray[np.float32]]:
    """The passages in order of source and number, and their vectors (n, d)."""
    table = table.sort_by([(name, "ascending") for name in KEY])
    names = ("text", "source", "sha256", "page", "section", "codes")
    width = table.schema.field("vector").type.list_size
    flat = table["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    passages = [Passage(**{**row, "codes": tuple(row["codes"])}) for row in table.select(names).to_pylist()]
    return passages, flat.astype(np.float32).reshape(-1, width)


def sources_of(table: pa.Table) -> dict[str, Source]:
    """The sources by name, in order of their names, from the columns that say them."""
    found = table.group_by(["source", "sha256", "kind", "pages"]).aggregate([("number", "count")])
    every = [Source(*(row[key] for key in ("source", "sha256", "kind", "pages", "number_count")))
             for row in found.to_pylist()]  # fmt: skip
    return {one.name: one for one in sorted(every, key=lambda one: one.name)}


def check(found: pa.Schema, embedder: Embedder) -> None:
    """Refuses a table that this version does not write, or whose vectors are another function's.

    Raises:
        CollectionError: either.
    """
    said = {key.decode(): value.decode() for key, value in (found.metadata or {}).items()}
    if said.get(VERSION_KEY) != VERSION or found.names != schema(embedder, 1).names:
        raise CollectionError(
            "The folder's table is no knowledge base of this version of Einthoven.",
            "Build it again from its sources, in a new folder.",
        )
    if said.get(EMBEDDER_KEY) != embedder.sha256:
        raise CollectionError(
            f"The knowledge base was embedded by '{said.get(NAME_KEY)}', not by '{embedder.name}'.",
            "Name that function (--embed-url, --embed-model), or build the base again in a new folder.",
        )


def embedder_in(found: pa.Schema) -> Embedder:
    """What embedded a table, by name alone: it embeds nothing."""
    said = {key.decode(): value.decode() for key, value in (found.metadata or {}).items()}

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        raise UsageError("The base was opened to be looked at, not searched.", "Open it with its embedding function.")

    try:
        return Embedder(said[NAME_KEY], said[EMBEDDER_KEY], embed)
    except (KeyError, UsageError):
        raise CollectionError(
            "The folder's table is no knowledge base of this version of Einthoven.",
            "Build it again from its sources, in a new folder.",
        ) from None
