"""PTB-XL's ECGs by ECG-QA's lists, which part its patients otherwise than PTB-XL's folds do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import get_args

from einthoven.datasets.ecgqa import ECGQA, Part
from einthoven.datasets.ptbxl import PTBXL, Entry
from einthoven.ecg import DataError


def entries_of_ecgqa(source: PTBXL, published: ECGQA) -> Mapping[Part, Sequence[Entry]]:
    """The entries of each part whose signals are there, in the order of PTB-XL's table.

    Raises:
        DataError: a list is missing or damaged, names an ECG that PTB-XL's table lacks, or shares a patient with
            another list (the published ones share none); or no ECG of a part is there.
    """
    listed = {part: frozenset(published.records(part)) for part in get_args(Part)}
    patient = {entry.record: entry.patient for entry in source.entries}
    if strange := sorted(record for records in listed.values() for record in records - set(patient)):
        raise DataError(f"ECG-QA lists {strange[0]}, which PTB-XL's table lacks.", "Use both as published.")
    for one, other in combinations(get_args(Part), 2):
        if shared := {patient[record] for record in listed[one]} & {patient[record] for record in listed[other]}:
            raise DataError(
                f"{len(shared)} patients have ECGs in {one}_ecgs.tsv and in {other}_ecgs.tsv.",
                "Use ECG-QA's lists and PTB-XL's table as published.",
            )
    there = source.present()
    found = {part: [entry for entry in there if entry.record in records] for part, records in listed.items()}
    if lacking := [part for part, entries in found.items() if part != "test" and not entries]:
        raise DataError(
            f"None of the ECGs of {lacking[0]}_ecgs.tsv is in {source.folder}.",
            "Use all of PTB-XL, and ECG-QA's whole lists.",
        )
    return found
