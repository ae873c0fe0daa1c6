"""Text between delimiters to numbers, by Arrow's parser: each rounded to the nearest double, as `float` does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from einthoven.ecg import Floats


def cells_as_numbers(body: bytes, delimiter: str, columns: int, none: Iterable[str] = ()) -> Floats:
    """The numbers (rows, columns) in a table's text, NaN where a cell holds none; spaces around them do not count.

    An empty line is a row of empty cells.

    Args:
        body: rows between line ends, the last without one.
        none: what a cell may say that holds no number.

    Raises:
        ValueError: a row of more or fewer cells, or a cell that is no number.
    """
    import pyarrow as pa
    from pyarrow import csv

    names = [str(number) for number in range(columns)]
    table = csv.read_csv(
        pa.BufferReader(body),
        csv.ReadOptions(use_threads=False, column_names=names, block_size=len(body) + 1),
        csv.ParseOptions(delimiter=delimiter, quote_char=False, double_quote=False, ignore_empty_lines=False),
        csv.ConvertOptions(column_types=dict.fromkeys(names, pa.float64()), null_values=list(none), check_utf8=False),
        # Arrow's usual pool takes a gigabyte of addresses at once, more than a worker that reads files may.
        memory_pool=pa.system_memory_pool(),
    )
    return np.stack([_values(column.chunk(0)) for column in table.columns]).T


def _values(column: Any) -> Floats:
    """The numbers of an Arrow array, by its buffers: its own `to_numpy` imports pandas wherever that is installed."""
    there, numbers = column.buffers()
    values: Floats = np.frombuffer(numbers, np.float64, len(column))
    if column.null_count:
        values = np.where(
            np.unpackbits(np.frombuffer(there, np.uint8), count=len(column), bitorder="little"), values, np.nan
        )
    return values
