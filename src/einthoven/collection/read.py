"""Reading a collection's Lance table: rows, columns, signals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection.batches import codes, statements, to_rows
from einthoven.collection.coding import decode_block
from einthoven.collection.row import Row
from einthoven.collection.schema import COLUMNS, OPTIONAL, REQUIRED
from einthoven.collection.trouble import lance_trouble, reading_trouble
from einthoven.ecg import CollectionError, Floats, Signal, UsageError

if TYPE_CHECKING:
    import lance
    import pyarrow as pa

NULL_AS = {"age": np.nan, "scale": np.nan, "fold": -1}
ARRAYS = ("rate", "samples", "calibrated", "age", "scale", "fold")


def quoted(text: str) -> str:
    """A text as a literal of a filter.

    >>> "patient = " + quoted("O'Hara")
    "patient = 'O''Hara'"
    """
    return "'" + text.replace("'", "''") + "'"


def read_rows(table: lance.LanceDataset, columns: Sequence[str] | None, where: str | None, batch: int) -> Iterator[Row]:
    """See `Collection.rows`."""
    wanted = list(REQUIRED) + list(OPTIONAL if columns is None else _known(columns, OPTIONAL))
    if ("signal" in wanted) != ("scale" in wanted):
        raise UsageError("A signal cannot be read without its scale.", "Name both 'signal' and 'scale'.")
    with _filter_trouble(where):
        batches = table.to_batches(
            columns=wanted, filter=where, batch_size=batch, batch_readahead=2, scan_in_order=True
        )
    while True:
        with _filter_trouble(where):
            one = next(batches, None)
        if one is None:
            return
        yield from to_rows(one)


def read_columns(table: lance.LanceDataset, names: Sequence[str], where: str | None) -> dict[str, Any]:
    """See `Collection.columns`."""
    wanted = _known(names, (*COLUMNS, "codes"))
    stored = dict.fromkeys("statements" if name == "codes" else name for name in wanted)
    with _filter_trouble(where):
        found = table.to_table(columns=list(stored), filter=where)
    return {name: codes(found["statements"]) if name == "codes" else _plain(name, found) for name in wanted}


def read_signals(table: lance.LanceDataset, places: Sequence[int]) -> Signal:
    """See `Collection.signals`; `places` are positions in table order."""
    return decode_block(*read_units(table, places))


def read_units(table: lance.LanceDataset, places: Sequence[int]) -> tuple[NDArray[np.int16], Floats]:
    """As `read_signals`, as they are stored: int16 (b, 12, samples) and the value of one unit (b,)."""
    if not places:
        raise UsageError("No ECG is named.", "Pass at least one record id or position.")
    if min(places) < 0 or max(places) >= table.count_rows():
        raise CollectionError(
            "A position lies outside the collection.", f"Positions run from 0 to {table.count_rows() - 1}."
        )
    with reading_trouble():
        found = table.take(list(places), columns=["signal", "scale", "samples"]).combine_chunks()
    if found["signal"].null_count:
        raise CollectionError(
            f"{found['signal'].null_count} of {len(places)} ECGs keep no signal.",
            "Ask for those that do: rows(where='scale IS NOT NULL').",
        )
    lengths = np.unique(found["samples"].to_numpy())
    if len(lengths) > 1:
        raise CollectionError(
            f"The ECGs have {len(lengths)} different lengths ({lengths[0]} to {lengths[-1]} samples).",
            "Take those of one length together, or read them one by one with rows().",
        )
    column = found["signal"].chunk(0)
    start, end = np.frombuffer(column.buffers()[1], np.int64)[[column.offset, column.offset + len(column)]]
    if end - start != len(places) * 24 * int(lengths[0]):
        raise CollectionError(
            "A stored signal does not have the length that its row states.",
            "The collection is damaged: build it again from its source files.",
        )
    units = np.frombuffer(column.buffers()[2], "<i2")[start // 2 : end // 2]
    return units.reshape(len(places), 12, -1), found["scale"].to_numpy()


def _plain(name: str, found: pa.Table) -> Any:
    if name == "time":
        return found[name].to_numpy()
    if name in ARRAYS:
        column = found[name].fill_null(NULL_AS[name]) if name in NULL_AS else found[name]
        return column.to_numpy()
    if name == "statements":
        return statements(found[name].to_pylist())
    return found[name].to_pylist()


def _known(names: Sequence[str], allowed: Sequence[str]) -> list[str]:
    strange = [name for name in names if name not in allowed]
    if strange:
        raise UsageError(
            f"Not among the columns: {', '.join(map(repr, strange))}.",
            f"Pass a list of some of {', '.join(allowed)}.",
        )
    return list(dict.fromkeys(names))


def _filter_trouble(where: str | None) -> AbstractContextManager[None]:
    if where is None:
        return reading_trouble()
    return lance_trouble(
        "The filter is not understood, or the collection is damaged",
        "Filters are SQL over the columns, text in single quotes: fold < 9 AND sex = 'female'.",
    )
