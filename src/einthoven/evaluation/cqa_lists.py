"""Lists that judge the assistant, tab-separated, as `benchmarks/cqa` has them."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import DataError

_MEND = "Give a table in UTF-8 whose first line names its columns, divided by tabs."


@dataclass(frozen=True)
class Judged:
    """Rows of a list by column, and the SHA-256 of its file."""

    rows: Sequence[dict[str, str]]
    sha256: str


def read_list(path: Path, *columns: str) -> Judged:
    """The rows of a list, at least one.

    Raises:
        DataError: unreadable, without one of the columns, or empty.
    """
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as fault:
        raise DataError(f"{path} cannot be read ({fault.strerror}).", _MEND) from None
    except UnicodeDecodeError:
        raise DataError(f"{path.name} is not UTF-8.", _MEND) from None
    table = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    if lacking := [name for name in columns if name not in (table.fieldnames or ())]:
        raise DataError(f"{path.name} has no column {lacking[0]}.", _MEND)
    rows = list(table)
    if not rows or any(row[name] is None for row in rows for name in columns):
        raise DataError(f"{path.name} has no rows, or one that is too short.", _MEND)
    return Judged(rows, hashlib.sha256(data).hexdigest())
