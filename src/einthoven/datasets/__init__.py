"""Public data sets in their published layouts, one module each."""

from __future__ import annotations

from pathlib import Path

from einthoven.datasets.challenge import Challenge
from einthoven.datasets.chapman import Chapman
from einthoven.datasets.ludb import LUDB
from einthoven.datasets.ptbxl import PTBXL
from einthoven.datasets.recording import FileDataset, Recording
from einthoven.ecg import DataError, UsageError

__all__ = ["LUDB", "PTBXL", "Challenge", "Chapman", "FileDataset", "Recording", "open_dataset", "open_elsewhere"]

LAYOUTS: tuple[type[Chapman | LUDB | Challenge], ...] = (Chapman, LUDB, Challenge)


def open_dataset(name: str, folder: Path, rate: int = 100) -> PTBXL:
    """A data set by its name.

    Raises:
        UsageError: no such data set.
        DataError: the folder does not hold it.
    """
    if name != "ptb-xl":
        raise UsageError(f"There is no data set '{name}'.", "Known: ptb-xl.")
    return PTBXL(folder, rate)


def open_elsewhere(folder: Path) -> list[FileDataset]:
    """The data sets other than PTB-XL that a folder is, or that the folders in it are; told by their layout.

    Raises:
        DataError: there is none.
        MissingPackageError: one of them needs a package that is not installed.
    """
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder}.", "Check the path.")
    found: list[FileDataset] = []
    if not any(kind.is_in(folder) for kind in (Chapman, LUDB)):
        within = (_opened(each) for each in sorted(folder.iterdir()) if each.is_dir())
        found = [each for each in within if each is not None]
    if not found and (own := _opened(folder)) is not None:
        found = [own]
    if not found:
        raise DataError(
            f"{folder} holds none of the data sets that are known.",
            "Name a folder of the Challenge 2021, LUDB or Chapman-Shaoxing, or one that holds theirs.",
        )
    return found


def _opened(folder: Path) -> FileDataset | None:
    for kind in LAYOUTS:
        if kind.is_in(folder):
            return kind(folder)
    return None
