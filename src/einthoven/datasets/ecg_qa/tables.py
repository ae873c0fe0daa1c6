"""The two tables of this room: templates in our words, and the names that ECG-QA's answer lists use.

The names are those of `answers.csv` in ECG-QA 1.0.2 (CC BY 4.0), which are PTB-XL's descriptions of SCP-ECG codes but
for small changes; "normal ecg" is ours to say for NORM.
"""

from __future__ import annotations

import csv
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

ROOM = "einthoven.datasets.ecg_qa"


@cache
def rows(name: str) -> tuple[Mapping[str, str], ...]:
    """The rows of `<name>.csv`, column to text.

    Raises:
        FileNotFoundError: no such table in the package.
    """
    data = pkgutil.get_data(ROOM, f"{name}.csv")
    if data is None:
        raise FileNotFoundError(f"einthoven/datasets/ecg_qa/{name}.csv")
    return tuple(csv.DictReader(data.decode("utf-8").splitlines()))


@cache
def names(kind: str) -> Mapping[str, str]:
    """Code to name of one kind, in the order of the table.

    >>> names("statement")["ASMI"], len(names("statement")), names("lead")["aVL"]
    ('myocardial infarction in anteroseptal leads', 59, 'lead aVL')
    """
    return MappingProxyType({row["code"]: row["name"] for row in rows("names") if row["kind"] == kind})
