"""CSV and TSV: a column for each lead, a row for each sample.

What is read of a table beside its numbers:

- **names of the leads** in a header, in quotes or not, or in a comment `# leads: I,II,...`;
- **a unit** in a header cell (`I (uV)`, `I [mV]`, `I_uV`, `I/mV`), in a row of units below the header, or in a comment
  `# unit: uV`;
- **the rate** in a comment `# rate: 500 Hz`, or by a column of time whose unit is stated (`time (s)`, `t_ms`);
- **the patient** in comments `# patient:`, `# age:` and `# sex:`, **time and device** in `# time: 2020-01-31T09:17:34`
  and `# device:`.

Comments stand before the numbers. Whatever of leads, unit and rate is not there must be told.
One layout is recognised that says nothing at all, with a notice: Chapman-Shaoxing's.
A table does not say how long it should be, so that one cut at the end of a row is read as far as it goes.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from einthoven.ecg import ECG, LEADS, Floats, FormatError, Notice, Patient, canonical
from einthoven.formats.bare import Bare, to_ecg
from einthoven.formats.chapman_layout import RATE, UNIT, is_chapman
from einthoven.formats.documents.dates import age_in_years, iso
from einthoven.formats.documents.encoding import opening
from einthoven.formats.documents.numbers import number
from einthoven.formats.files import read_bytes
from einthoven.formats.table_text import Top, cells_of, parse, top_of
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.told import NOTHING, Told
from einthoven.formats.units import MILLIVOLTS, NO_VOLTS

_HOW = "write them above the numbers: '# rate: 500', '# unit: uV', '# leads: I,II,...'"
_HOW_TIME = f"{_HOW}; the unit of its column of time, in the header like 'time (s)'"
_A_SECOND = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 1e3),
    **dict.fromkeys(("us", "µs", "μs", "microseconds"), 1e6),
}
_TIMES = {"time", "t", "timestamp", "elapsed time", *_A_SECOND}
_COUNTS = {"", "n", "#", "index", "sample", "samples", "sample #", "sample index", "sample number", "unnamed: 0"}
_RATES = {"rate", "sampling rate", "sample rate", "sampling frequency", "sample frequency", "fs", "frequency"}
_UNIT = re.compile(r"(.*?)[\s_/,]*[(\[]([^()\[\]]{1,20})[)\]]|(.+)[\s_/,]+(\S{1,12})", re.S)
_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}
_SURE_COLUMNS = 12
_DEVICE_LENGTH = 200


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file is a table with leads in its header, or one of twelve columns; `path` tells nothing more."""
    top = _opening(head)
    if top is None:
        return False
    names = _names(top)
    if names is None:
        return top.columns == _SURE_COLUMNS and top.header is None
    known = sum(canonical(name) is not None for name, _ in names)
    return known > 1 or (known == 1 and (any(_is_time(*each) for each in names) or _states_rate(top)))


def could_be(head: bytes) -> bool:
    """Whether the file is a table of numbers at all, of whatever."""
    top = _opening(head)
    return top is not None and top.numbers and (top.columns > 1 or "\n" in opening(head).strip())  # not one number


def read(path: Path, told: Told = NOTHING) -> ECG:
    """Reads a table; errors as `einthoven.formats.read`, `FormatError` too where something must be told."""
    table = parse(read_bytes(path))
    said = dict(map(_comment, table.top.comments))
    names = _names(table.top)
    units = table.top.units or ("",) * table.top.columns
    leads = names or [("", None)] * table.top.columns
    columns = [(name, unit or below.lower() or None) for (name, unit), below in zip(leads, units, strict=True)]
    rate = _stated_rate(said)
    kept = []
    how = _HOW
    for place, (name, unit) in enumerate(columns if names else ()):
        if _is_time(name, unit):
            unit = unit or name  # a column may be called "seconds"
            how = how if unit.lower() in _A_SECOND else _HOW_TIME
            rate = _agreed(rate, _rate_of(table.numbers[:, place], unit))
        elif name.lower() not in _COUNTS:
            kept.append(place)
    kept = kept if names else list(range(table.top.columns))
    channels = table.numbers.T
    usual = said.get("unit") or said.get("units")
    bare = Bare(
        channels if len(kept) == len(channels) else channels[kept],
        _known([columns[place][0] for place in kept]) if names else None,
        tuple(columns[place][1] or usual for place in kept),
        rate,
        _patient(said),
        iso(said.get("time", "")),
        clean(said.get("device", ""), _DEVICE_LENGTH) or None,
        table.notices,
    )
    if not (told.anything or names or said) and is_chapman(bare.values):
        text = "The table states no leads, rate and unit; it was read as Chapman-Shaoxing: usual order, 500 Hz, uV."
        notice = Notice("assumed-layout", text)
        bare = Bare(bare.values, LEADS, (UNIT,) * len(LEADS), RATE, notices=(*bare.notices, notice))
    return to_ecg(bare, told, "CSV", how)


def _opening(head: bytes) -> Top | None:
    text = opening(head)
    if "\0" in text or text.lstrip()[:1] in {"<", "{"}:
        return None
    whole, mark, _ = text.replace("\r\n", "\n").replace("\r", "\n").rpartition("\n")
    return top_of((whole if mark else text).encode()) if whole or not mark else None


def _comment(line: str) -> tuple[str, str]:
    """Key and value of `key: value` or `key = value`."""
    key, _, value = line.replace("=", ":", 0 if ":" in line else 1).partition(":")
    return clean(key.lower().replace("_", " "), 40), clean(value, 400)


def _names(top: Top) -> list[tuple[str, str | None]] | None:
    """Name and unit of each column, from the header or from comments; None where there is no name."""
    cells = top.header
    if cells is None:
        for line in top.comments:  # some programs put a # before the header too
            key, value = _comment(line)
            found = cells_of(value, ",") if key == "leads" else cells_of(line, top.delimiter)
            if len(found) == top.columns and any(canonical(_name_unit(cell)[0]) for cell in found):
                cells = found
    return None if cells is None else [_name_unit(cell) for cell in cells]


def _known(names: list[str]) -> tuple[str, ...] | None:
    """The names, None where no lead is among them: a header of other words."""
    return tuple(names) if any(map(canonical, names)) else None


def _name_unit(cell: str) -> tuple[str, str | None]:
    """Name and unit in a header's cell.

    >>> _name_unit("I (uV)"), _name_unit("aVR_mV"), _name_unit("ECG II"), _name_unit("time [s]"), _name_unit("II")
    (('I', 'uV'), ('aVR', 'mV'), ('ECG II', None), ('time', 's'), ('II', None))
    """
    cell = clean(cell, NAME_LENGTH)
    found = _UNIT.fullmatch(cell)
    if found is None:
        return cell, None
    name, unit = (found[1], found[2]) if found[2] else (found[3], found[4])
    bracketed = found[2] is not None
    known = unit.lower() in MILLIVOLTS.keys() | NO_VOLTS | _A_SECOND.keys()
    if known or (bracketed and canonical(name) and not canonical(cell)):
        return name.rstrip(" _/,"), unit
    return cell, None


def _is_time(name: str, unit: str | None) -> bool:
    return name.lower() in _TIMES and (unit is None or unit.lower() not in MILLIVOLTS)


def _states_rate(top: Top) -> bool:
    """Whether a comment states a rate, as what Einthoven writes does, of one lead too."""
    return not _RATES.isdisjoint(_comment(line)[0] for line in top.comments)


def _stated_rate(said: dict[str, str]) -> float | None:
    for key in sorted(_RATES & said.keys()):
        words = re.sub(r"\s*(?:\(?hz\)?|/s)$", "", said[key], flags=re.I)
        if (rate := number(words)) is None:
            raise FormatError(
                f"The table's rate '{clean(said[key], 20)}' is no number.", "Write it like '# rate: 500'."
            )
        return rate
    return None


def _agreed(stated: float | None, found: float | None) -> float | None:
    if stated is not None and found is not None and abs(stated - found) > 0.01 * stated:
        raise FormatError(
            f"The table states a rate of {stated:g} Hz, and its column of time makes it {found:g} Hz.",
            "Correct the one that is wrong.",
        )
    return found if stated is None else stated


def _rate_of(times: Floats, unit: str) -> float | None:
    """Samples a second by a column of time, None where its unit is not known; times may be rounded.

    Raises:
        FormatError: the steps are uneven, or time does not go forward.
    """
    a_second = _A_SECOND.get(unit.lower())
    if a_second is None or len(times) < 2:
        return None
    place = np.arange(len(times)) - (len(times) - 1) / 2
    step = float(place @ (times - times[0])) / float(place @ place)  # of the straight line that fits best
    steps = np.diff(times)
    if not step > 0 or not (np.abs(steps - step) < 0.75 * step).all():  # also refuses NaN
        uneven = int(np.flatnonzero(~(np.abs(steps - step) < 0.75 * step))[0]) + 1 if step > 0 else 0
        raise FormatError(
            f"The table's column of time has uneven steps (row {uneven + 1}).",
            "Export samples of one rate, without gaps.",
        )
    rate = a_second / step
    near = float(np.rint(rate))
    return near if abs(rate - near) < 2e-4 * rate else rate


def _patient(said: dict[str, str]) -> Patient:
    age = age_in_years(said.get("age", ""))
    sex = _SEXES.get((said.get("sex") or said.get("gender") or "").lower())
    return Patient(clean(said.get("patient") or said.get("patient id") or "", NAME_LENGTH) or None, age, sex)
