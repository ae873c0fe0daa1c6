"""What a user says of a file that does not say it itself: rate, unit, leads, and which of several ECGs is meant."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import Notice, UsageError, canonical
from einthoven.ecg.record import RATES
from einthoven.formats.limits import MOST_CHANNELS
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.units import MILLIVOLTS, NO_VOLTS

RECORD_MARK = "#"
"""Between a file's name and that of one of its ECGs."""


@dataclass(frozen=True)
class Told:
    """What was said beside a file; None and () where nothing was.

    Args:
        rate: samples a second.
        unit: of voltage, as `MILLIVOLTS` names it, or "none" for units of a converter.
        leads: a name for each channel, in the file's order.
        record: which ECG of a file with several.

    Raises:
        UsageError: a rate that no ECG has, a unit that is none, or names among which there is no lead, or one twice.
    """

    rate: float | None = None
    unit: str | None = None
    leads: tuple[str, ...] = ()
    record: str | None = None

    def __post_init__(self) -> None:
        if self.rate is not None:
            low, high = RATES
            if not low <= self.rate <= high:  # also refuses NaN
                raise UsageError(f"A rate of {self.rate:g} Hz is no ECG's.", f"Say one from {low:g} to {high:g} Hz.")
        if self.unit is not None and self.unit.strip().lower() not in MILLIVOLTS.keys() | NO_VOLTS:
            raise UsageError(
                f"'{clean(self.unit, 20)}' is no unit of voltage.",
                "Say uV, mV or V, or none where samples are in units of the converter.",
            )
        if len(self.leads) > MOST_CHANNELS:
            raise UsageError(
                f"An ECG has at most {MOST_CHANNELS} channels, and {len(self.leads)} lead names were said.",
                "Say one name for each channel of the file.",
            )
        if self.leads and not any(map(canonical, self.leads)):
            raise UsageError("The lead names name none of the 12 leads.", "Write them like I,II,III,aVR,aVL,aVF,V1.")
        said = [lead for name in self.leads if (lead := canonical(name))]
        if twice := next((lead for lead in said if said.count(lead) > 1), None):
            raise UsageError(
                f"Lead {twice} is named twice.", "Say each lead once, in the order of the file's channels."
            )

    @property
    def anything(self) -> bool:
        """Whether rate, unit or leads were said."""
        return self.rate is not None or self.unit is not None or bool(self.leads)


NOTHING = Told()


def told(rate: float | None, unit: str | None, leads: Sequence[str] | str | None, record: str | None) -> Told:
    """`Told` of arguments as a user writes them: leads may be one text with commas.

    >>> told(500, "uV", "I, II", None).leads
    ('I', 'II')
    """
    names = leads.split(",") if isinstance(leads, str) else leads or ()
    return Told(rate, unit, tuple(clean(name, NAME_LENGTH) for name in names), record)


def not_used(form: str) -> Notice:
    """That a format says everything itself."""
    text = f"{form} files state rate, unit and leads themselves; what was said beside the file was not used."
    return Notice("told-not-used", text)


def split_record(path: Path) -> tuple[Path, str | None]:
    """The file, and the name of the ECG in it that `FILE#NAME` means; a file of just that name is meant itself."""
    file, mark, record = path.name.rpartition(RECORD_MARK)
    if not (mark and file and record):
        return path, None
    try:
        return (path, None) if os.path.lexists(path) else (path.with_name(file), record)
    except ValueError:  # a NUL in the name: opening it says so
        return path, None


def record_name(path: Path) -> str:
    """What to call the ECG that a path means: the file's name without suffix, and which one in it.

    >>> record_name(Path("a/00001_hr.hea")), record_name(Path("exams_part0.hdf5#1169160"))
    ('00001_hr', 'exams_part0#1169160')
    """
    file, record = split_record(path)
    return file.stem if record is None else f"{file.stem}{RECORD_MARK}{record}"
