"""Tables of data sets: CSV files whose columns are known."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.ecg import DataError

if TYPE_CHECKING:
    import pyarrow as pa

PUBLISHED = "Use the table as it is published."


def lines(path: Path, needed: Sequence[str], remedy: str = PUBLISHED) -> Iterator[dict[str, str]]:
    """The lines of a CSV file, plain or `.gz`, by column; empty lines before its header are passed over.

    Args:
        remedy: what to do where it cannot be read.

    Raises:
        DataError: missing, damaged, or without one of the columns that are needed.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
            file = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            table = csv.DictReader(line for number, line in enumerate(file) if number > 2 or line.strip())
            _need(path, needed, table.fieldnames or (), remedy)
            for line in table:
                if None in line or None in line.values():
                    raise DataError(f"{path.name} is damaged in line {table.line_num}.", remedy)
                yield line
    except OSError as fault:
        raise DataError(f"{path} cannot be read ({fault.strerror or 'damaged'}).", remedy) from None
    except (EOFError, ValueError, csv.Error) as fault:
        raise DataError(f"{path.name} cannot be read ({type(fault).__name__}).", remedy) from None


def arrow(path: Path, types: dict[str, Any]) -> pa.Table:
    """Some columns of a large CSV file, plain or `.gz`, as an Arrow table.

    Args:
        types: Arrow type by column; other columns are not read.

    Raises:
        DataError: missing, damaged, or without one of the columns.
    """
    import pyarrow as pa
    from pyarrow import csv as reading

    try:
        found = reading.read_csv(
            path,
            convert_options=reading.ConvertOptions(
                include_columns=list(types), column_types=types, strings_can_be_null=True, include_missing_columns=False
            ),
        )
    except FileNotFoundError:
        raise DataError(f"{path} is not there.", "Put it in the folder as it is published.") from None
    except KeyError as fault:
        raise DataError(f"{path.name} lacks a column ({fault.args[0]}).", PUBLISHED) from None
    except (pa.ArrowException, OSError, UnicodeDecodeError, ValueError) as fault:
        raise DataError(f"{path.name} cannot be read ({type(fault).__name__}).", PUBLISHED) from None
    return found


def _need(path: Path, needed: Sequence[str], there: Sequence[str], remedy: str) -> None:
    if lacking := [name for name in needed if name not in there]:
        raise DataError(f"{path.name} has no column {lacking[0]}.", remedy)
