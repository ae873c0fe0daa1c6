"""Data sets by their names, and by what lies in a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from einthoven.datasets.challenge import Challenge
from einthoven.datasets.chapman import Chapman
from einthoven.datasets.code15 import CODE15
from einthoven.datasets.cpsc2018 import CPSC2018
from einthoven.datasets.ludb import LUDB
from einthoven.datasets.mimic import MIMICIVECG
from einthoven.datasets.ningbo import ChapmanNingbo
from einthoven.datasets.own import NAME as OWN
from einthoven.datasets.own import Own
from einthoven.datasets.ptbxl import PTBXL
from einthoven.datasets.published import published
from einthoven.datasets.recording import Dataset
from einthoven.ecg import DataError, UsageError

OPENERS: Mapping[str, Callable[..., Dataset[Any]]] = {
    "ptb-xl": PTBXL,
    "chapman": Chapman,
    "chapman-ningbo": ChapmanNingbo,
    "cpsc2018": CPSC2018,
    "mimic-iv-ecg": MIMICIVECG,
    "challenge-2020": Challenge,
    "challenge-2021": Challenge,
    "code-15": CODE15,
    "ludb": LUDB,
    OWN: Own,
}
OPTIONS: Mapping[str, tuple[str, ...]] = {"ptb-xl": ("rate",), "mimic-iv-ecg": ("patients", "age")}
"""What else may be said when one is opened."""

ELSEWHERE = (Chapman, LUDB, CODE15, CPSC2018, Challenge)
"""What is told by its layout; the Challenge last, for its files may lie in any folder."""


def open_dataset(name: str, folder: Path, **options: Any) -> Dataset[Any]:
    """A data set by its name.

    Args:
        options: `rate` (100 or 500) of PTB-XL; `patients` (a table of MIMIC-IV) and `age` of MIMIC-IV-ECG.
            None is as good as nothing.

    Raises:
        UsageError: no such data set, or an option that it does not have.
        DataError: the folder does not hold it.
        MissingPackageError: it needs a package that is not installed.
    """
    if name not in OPENERS and name in published():
        raise UsageError(
            f"'{name}' holds no recordings of its own; it stands beside a data set that does.",
            f"Recordings are in: {', '.join(OPENERS)}.",
        )
    if name not in OPENERS:
        raise UsageError(f"There is no data set '{name}'.", f"Known: {', '.join(OPENERS)}.")
    said = {key: value for key, value in options.items() if value is not None}
    if strange := [key for key in said if key not in OPTIONS.get(name, ())]:
        raise UsageError(
            f"{name} has no option {strange[0]}.", f"Its options: {', '.join(OPTIONS.get(name, ('none',)))}."
        )
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.", "Check the path.")
    return OPENERS[name](folder, **said)


def open_ptbxl(name: str, folder: Path, rate: int = 100) -> PTBXL:
    """A data set whose statements are SCP codes and whose folds are PTB-XL's, which training and most tasks need.

    Raises:
        UsageError: another data set. DataError: the folder does not hold it.
    """
    if name != "ptb-xl":
        raise UsageError(f"This rests on PTB-XL's own table, which '{name}' does not have.", "Use ptb-xl.")
    return PTBXL(folder, rate)


def open_elsewhere(folder: Path) -> list[Dataset[Any]]:
    """The data sets other than PTB-XL that a folder is, or that the folders in it are; told by their layout.

    Raises:
        DataError: there is none.
        MissingPackageError: one of them needs a package that is not installed.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.", "Check the path.")
    found: list[Dataset[Any]] = []
    if not any(kind.is_in(folder) for kind in ELSEWHERE[:-1]):
        within = (_opened(each) for each in sorted(folder.iterdir()) if each.is_dir())
        found = [each for each in within if each is not None]
    if not found and (own := _opened(folder)) is not None:
        found = [own]
    if not found:
        raise DataError(
            f"{folder} holds none of the data sets that are known.",
            "Name one of the Challenge 2021, LUDB, Chapman-Shaoxing, CODE-15% or CPSC2018, or one that holds some.",
        )
    return found


def _opened(folder: Path) -> Dataset[Any] | None:
    for kind in ELSEWHERE:
        if kind.is_in(folder):
            return kind(folder)
    return None
