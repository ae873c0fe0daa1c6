"""What is known of public data sets before any file of them is there: where, how large, under what licence.

`tables/published.csv`, one line a data set. Sizes are about those of the unpacked files. What a licence says today is
what its own page says: PhysioNet's page of MIMIC-IV-ECG 1.0 is headed "Open Access", other sources call it
credentialed, so a download shows what stands here and asks before it begins.
"""

from __future__ import annotations

import csv
import pkgutil
from dataclasses import dataclass
from functools import cache

from einthoven.ecg import UsageError


@dataclass(frozen=True)
class Published:
    """One line of the table; `records` and `patients` are None where they are not stated or do not apply.

    Args:
        kind: how it is fetched: "physionet" (files with SHA256SUMS.txt), "zenodo" (a list in JSON), or "by hand".
        access: "open" or "credentialed".
        how: what to do where it cannot be downloaded.
        confirmed: which of these facts were compared with what, and which were not, in words.
    """

    name: str
    title: str
    version: str
    kind: str
    address: str
    access: str
    licence: str
    gigabytes: float
    records: int | None
    patients: int | None
    information: str
    reference: str
    how: str
    confirmed: str = ""


@cache
def published() -> dict[str, Published]:
    """All of them, by name."""
    data = pkgutil.get_data("einthoven.datasets", "tables/published.csv")
    if data is None:
        raise FileNotFoundError("einthoven/datasets/tables/published.csv")
    found = {}
    for line in csv.DictReader(data.decode("utf-8").splitlines()):
        cells = {key: value for key, value in line.items() if key not in ("records", "patients", "gigabytes")}
        records, patients = (int(line[key]) if line[key] else None for key in ("records", "patients"))
        one = Published(records=records, patients=patients, gigabytes=float(line["gigabytes"]), **cells)
        found[one.name] = one
    return found


def known(name: str) -> Published:
    """One of them.

    Raises:
        UsageError: no data set of that name.

    >>> known("ludb").licence
    'ODC-By 1.0'
    """
    if name not in published():
        raise UsageError(f"There is no data set '{name}'.", f"Known: {', '.join(published())}.")
    return published()[name]
