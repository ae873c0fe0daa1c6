"""Levels of measured values, for questions on numbers: ECG-QA's ranges, our measurement."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

from einthoven.answering.values import intervals
from einthoven.datasets import PTBXL
from einthoven.datasets.ecg_qa import Facts, levels_of
from einthoven.measurement import Measurements, measure


class Measuring:
    """Adds levels to facts of PTB-XL's ECGs, from their 100 Hz signals; an ECG whose signal is not there gets none.

    ECG-QA took its levels from neurokit2 on lead II at 500 Hz: questions with ours are about another measurement.

    Raises:
        DataError: the folder does not hold PTB-XL's table and some of its signals at 100 Hz.
    """

    def __init__(self, data: Path, progress: Callable[[str], None] = lambda line: None) -> None:
        self._source = PTBXL(data)
        self._entries = {f"ptb-xl/{entry.name}": entry for entry in self._source.present()}
        self._progress = progress
        self.measured = self.without_signal = 0

    def __call__(self, facts: Mapping[str, Facts]) -> dict[str, Facts]:
        """The same ECGs, with levels.

        Raises:
            FormatError: a signal that is there cannot be read.
        """
        found = dict(facts)
        for record, one in facts.items():
            if record not in self._entries:
                self.without_signal += 1
                continue
            ecg = self._source.row(self._entries[record]).ecg()
            found[record] = dataclasses.replace(one, levels=levels_of(values(measure(ecg))))
            self.measured += 1
            if self.measured % 100 == 0:
                self._progress(f"{self.measured} ECGs measured")
        return found

    def said(self) -> str:
        """How many were measured."""
        return f"{self.measured} ECGs by einthoven measure, {self.without_signal} without a signal"


def values(found: Measurements) -> dict[str, float]:
    """Measured values in ms by ECG-QA's names, as far as they are there."""
    return {name: float(value) for name, value in intervals(found).items() if value is not None}
