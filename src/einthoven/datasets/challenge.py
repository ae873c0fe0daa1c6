"""PhysioNet Challenge 2020/2021: WFDB records whose headers hold SNOMED CT codes (`#Dx:`).

Which of the Challenge's sources a record is from, its name says; folders may be nested in any way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, DataError

SOURCES = {
    "A": "cpsc2018",
    "Q": "cpsc2018-extra",
    "I": "incart",
    "S": "ptb",
    "HR": "ptb-xl",
    "E": "georgia",
    "JS": "chapman-ningbo",
}
"""First letters of a record's name to its source."""
_NAME = re.compile(r"(JS|HR|A|Q|I|S|E)\d{4,5}")


class Challenge(Dataset[Recording]):
    """All records of the Challenge below a folder.

    Raises:
        DataError: there is none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not self.recordings:
            raise DataError(
                f"No record of the Challenge 2021 is in {folder}.",
                "Name a folder with headers such as E00001.hea or JS00001.hea in it or below.",
            )

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set."""
        return any(_NAME.fullmatch(path.stem) for path in folder.rglob("*.hea"))

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """All of them, by source and name."""
        found = [
            Recording(SOURCES[match[1]], path.stem, path)
            for path in self.folder.rglob("*.hea")
            if (match := _NAME.fullmatch(path.stem))
        ]
        return tuple(sorted(found, key=lambda each: (each.source, each.name)))

    def described(self, recording: Recording, ecg: ECG) -> ECG:
        """As it was read: its header says all that is known, and names no patient."""
        return ecg
