"""Facts of a collection's ECGs: their statements, where they are SCP codes; and a split by patient."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

from einthoven.collection import Row
from einthoven.datasets.ecg_qa.facts import Facts
from einthoven.datasets.ecgqa import Part
from einthoven.statements import VOCABULARY

SHARES: Mapping[Part, float] = {"train": 0.72, "valid": 0.08, "test": 0.20}
"""Shares of patients, as ECG-QA's ECGs are shared out."""


def facts_of_row(row: Row) -> Facts:
    """What a collection says. An ECG without a code that is known states nothing, rather than that it is normal."""
    codes = {one.code: one.likelihood for one in row.statements if one.code and one.code in VOCABULARY}
    return Facts(
        record=row.record,
        patient=row.patient or row.record,
        time=row.time,
        statements=codes or None,
    )


def split_by_patient(every: Iterable[Facts], seed: int = 0) -> dict[Part, Sequence[Facts]]:
    """ECGs in three parts that share no patient; the same for the same seed, in whatever order they come."""
    found = sorted(every, key=lambda one: one.record)
    patients = sorted({one.patient for one in found})
    random.Random(seed).shuffle(patients)
    ends = {"train": round(SHARES["train"] * len(patients)), "valid": round((1 - SHARES["test"]) * len(patients))}
    part_of: dict[str, Part] = {
        patient: "train" if place < ends["train"] else "valid" if place < ends["valid"] else "test"
        for place, patient in enumerate(patients)
    }
    return {part: [one for one in found if part_of[one.patient] == part] for part in SHARES}
