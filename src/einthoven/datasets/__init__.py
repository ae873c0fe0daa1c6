"""Public data sets in their published layouts, one module each."""

from __future__ import annotations

from pathlib import Path

from einthoven.datasets.ptbxl import PTBXL
from einthoven.ecg import UsageError

__all__ = ["PTBXL", "open_dataset"]


def open_dataset(name: str, folder: Path, rate: int = 100) -> PTBXL:
    """A data set by its name.

    Raises:
        UsageError: no such data set.
        DataError: the folder does not hold it.
    """
    if name != "ptb-xl":
        raise UsageError(f"There is no data set '{name}'.", "Known: ptb-xl.")
    return PTBXL(folder, rate)
