"""Train, validation and test lists that others published: those of MERL and MELP, by their files or by their rule.

Lists are `NAME_train.csv`, `NAME_val.csv` and `NAME_test.csv`, each also `.gz`, with a record a line in `filename` (of
ICBEB, that is CPSC2018) or `ecg_path` (of Chapman-Ningbo) and a column of 0 and 1 a label. Only these columns are
used: in the lists of Chapman-Ningbo `age` is the number of leads, and in those of ICBEB `scp_codes` is always empty.
Both were drawn at random, not by patient: of Chapman-Ningbo each record is of another one, of ICBEB it is not told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from einthoven.datasets.csvfile import lines
from einthoven.ecg import DataError

PARTS = ("train", "val", "test")
RECORDS = {"filename": ("cpsc2018", "scp_codes"), "ecg_path": ("chapman-ningbo", "diagnose")}
"""By the column of the record: whose it is, and the last column before the labels."""
SEED, TEST, VALIDATION = 42, 0.2, 0.1


@dataclass(frozen=True)
class Lists:
    """The labels by record (as collections name it) of each part, and all labels in the order of the file."""

    labels: tuple[str, ...]
    train: Mapping[str, tuple[str, ...]]
    val: Mapping[str, tuple[str, ...]]
    test: Mapping[str, tuple[str, ...]]


def read_lists(folder: Path) -> Lists:
    """The three lists in a folder.

    Raises:
        DataError: one is missing or damaged, they name different labels, or a record stands in two.
    """
    parts: dict[str, dict[str, tuple[str, ...]]] = {}
    names: tuple[str, ...] = ()
    for part in PARTS:
        files = sorted(path for suffix in (".csv", ".csv.gz") for path in folder.glob(f"*_{part}{suffix}"))
        if len(files) != 1:
            raise DataError(f"{folder} holds {len(files)} lists *_{part}.csv.", "Name the folder with all three.")
        labels, parts[part] = _read(files[0])
        if names and set(labels) != set(names):
            raise DataError(f"{files[0].name} has other labels than the other lists.", "Use lists of one split.")
        names = names or labels
    if shared := set(parts["train"]) & set(parts["test"]) | set(parts["val"]) & {*parts["train"], *parts["test"]}:
        raise DataError(f"{len(shared)} records stand in two lists.", "Use the lists as they are published.")
    return Lists(names, **parts)


def merl_icbeb(ecg_ids: Sequence[int]) -> dict[str, list[int]]:
    """MERL's split of ICBEB by its rule: a fifth to test, a tenth of the rest to validation, by one seed.

    It is of the numbers `ecg_id` of Strodthoff's `icbeb_database.csv`, 1 to 6877, not of the records' names.

    >>> {part: len(ids) for part, ids in merl_icbeb(range(1, 6878)).items()}
    {'train': 4950, 'val': 551, 'test': 1376}
    """
    rest, test = _drawn(sorted(ecg_ids), TEST)
    train, val = _drawn(rest, VALIDATION)
    return {"train": train, "val": val, "test": test}


def _drawn(items: Sequence[int], share: float) -> tuple[list[int], list[int]]:
    order = np.random.RandomState(SEED).permutation(len(items))
    count = math.ceil(share * len(items))
    return [items[place] for place in order[count:]], [items[place] for place in order[:count]]


def _read(file: Path) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, ...]] = {}
    labels: tuple[str, ...] = ()
    for line in lines(file, ()):
        column = next((name for name in RECORDS if name in line), None)
        if column is None or RECORDS[column][1] not in line:
            raise DataError(f"{file.name} names no records.", f"It needs a column {' or '.join(RECORDS)}.")
        source, last = RECORDS[column]
        columns = list(line)
        labels = tuple(columns[columns.index(last) + 1 :])
        record = f"{source}/{PurePosixPath(line[column]).stem}"
        cells = {line[label] for label in labels}
        if record in found or not cells <= {"0", "1"}:
            raise DataError(f"{file.name} names a record twice, or a label is neither 0 nor 1.", "Use it as published.")
        found[record] = tuple(label for label in labels if line[label] == "1")
    return labels, found
