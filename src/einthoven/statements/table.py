"""Reads the data tables of this room: small CSV files that ship inside the package."""

from __future__ import annotations

import csv
from functools import cache


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of `tables/<name>.csv`, column name to text, in the order of the file."""
    from importlib.resources import files  # here, because it is the slower half of the import

    text = files("einthoven.statements").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
