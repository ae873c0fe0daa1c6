"""Reads the data tables of this room: small CSV files that ship inside the package."""

from __future__ import annotations

import csv
import pkgutil
from functools import cache


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `tables/<name>.csv`, column name to text, in the order of the file.

    Raises:
        FileNotFoundError: no such table in the package.
    """
    # pkgutil, not importlib.resources: the latter's import costs more than all tables together.
    data = pkgutil.get_data("einthoven.statements", f"tables/{name}.csv")
    if data is None:
        raise FileNotFoundError(f"einthoven/statements/tables/{name}.csv")
    return tuple(csv.DictReader(data.decode("utf-8").splitlines()))
