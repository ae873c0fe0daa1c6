"""Rows to Arrow record batches and back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from einthoven.collection.row import Row
from einthoven.collection.schema import COLUMNS
from einthoven.ecg import Statement

if TYPE_CHECKING:
    import pyarrow as pa

LISTS = ("derived", "notices")


def to_batch(rows: Sequence[Row], schema: pa.Schema) -> pa.RecordBatch:
    """One record batch of the collection's schema."""
    import pyarrow as pa

    arrays = []
    for name in COLUMNS:
        values: list[Any] = [getattr(row, name) for row in rows]
        if name == "statements":
            values = [[_statement_dict(one) for one in several] for several in values]
        arrays.append(pa.array(values, schema.field(name).type))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def to_rows(batch: pa.RecordBatch) -> Iterator[Row]:
    """The rows of a batch; columns that were not read keep the defaults of `Row`."""
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
    if "statements" in columns:
        columns["statements"] = statements(columns["statements"])
    for name in LISTS:
        if name in columns:
            columns[name] = [tuple(value or ()) for value in columns[name]]
    for values in zip(*columns.values(), strict=True):
        yield Row(**dict(zip(columns, values, strict=True)))


def statements(column: Sequence[list[dict[str, Any]] | None]) -> list[tuple[Statement, ...]]:
    """The statements of each row from Arrow's Python form of the column."""
    return [
        tuple(Statement(one["text"] or "", one["code"], one["system"], one["likelihood"]) for one in several)
        for several in (several or () for several in column)
    ]


def codes(column: pa.ChunkedArray) -> list[tuple[str, ...]]:
    """The statement codes of each row, without a Python object for each statement."""
    found: list[tuple[str, ...]] = []
    for chunk in column.chunks:
        flat = chunk.values.field("code").to_pylist()
        ends = chunk.offsets.to_pylist()
        for start, end, there in zip(ends[:-1], ends[1:], chunk.is_valid().to_pylist(), strict=True):
            found.append(tuple(code for code in flat[start:end] if code is not None) if there else ())
    return found


def _statement_dict(statement: Statement) -> dict[str, str | float | None]:
    return {
        "code": statement.code,
        "system": statement.system,
        "text": statement.text,
        "likelihood": statement.likelihood,
    }
