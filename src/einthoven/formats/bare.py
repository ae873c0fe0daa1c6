"""An ECG from bare numbers: what is stated, else what was told, else an error that says how to tell it.

One thing only is taken from the numbers themselves, with a notice: twelve channels without names are in the usual order
where Einthoven's identities hold in it, and in no other order of the limb leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from einthoven.ecg import ECG, LEADS, Floats, FormatError, Notice, Patient, canonical
from einthoven.formats.lead_order import in_usual_order
from einthoven.formats.limits import check_channels, check_length, check_rate
from einthoven.formats.sentinels import void
from einthoven.formats.text import clean
from einthoven.formats.told import Told
from einthoven.formats.units import MILLIVOLTS, NO_VOLTS

_USUAL = {1: ("II",), 2: LEADS[:2], 3: LEADS[:3], 6: LEADS[:6], 8: (*LEADS[:2], *LEADS[6:])}
"""Leads to show how the names of so many channels are written."""


@dataclass(frozen=True, eq=False)
class Bare:
    """Numbers (channels, samples), and what the file states of them: None where it does not.

    `units` has one for each channel.
    """

    values: Floats
    names: tuple[str, ...] | None
    units: tuple[str | None, ...]
    rate: float | None
    patient: Patient = field(default_factory=Patient)
    time: datetime | None = None
    device: str | None = None
    notices: tuple[Notice, ...] = ()


def to_ecg(bare: Bare, told: Told, form: str, how: str) -> ECG:
    """The record.

    Args:
        bare: what the file holds and states.
        told: what was said beside it; of what the file states itself nothing is used.
        form: the format's name.
        how: how the file could state it itself, the end of a sentence.

    Raises:
        FormatError: rate, unit or leads are not known, or do not fit the numbers.
        SignalError, UnsafeFileError: as `einthoven.formats.limits` and `ECG`.
    """
    check_channels(len(bare.values))
    names, rate, units, notices = bare.names, bare.rate, bare.units, list(bare.notices)
    if names is None and told.leads:
        names = told.leads
        if len(names) != len(bare.values):
            raise FormatError(
                f"The file holds {len(bare.values)} channels, not the {len(names)} that were named.",
                "Name every channel, in the file's order.",
            )
    if names is None and in_usual_order(bare.values):
        names = LEADS
        text = "The file names no leads; the limb leads confirm the usual order, V1 to V6 are taken to follow in it."
        notices.append(Notice("assumed-leads", text))
    rate, found = _settled_rate(rate, told.rate)
    units, more = _settled_units(units, told.unit)
    notices += [*found, *more]
    leads = [row for row, name in enumerate(names or ()) if canonical(name)]
    _require(names, rate, [units[row] for row in leads] if leads else units, len(bare.values), how)
    check_rate(rate or 0.0)
    check_length(bare.values.shape[1], rate or 0.0)
    scales, calibrated = _scales(units, names or (), leads)
    if not calibrated:
        notices.append(Notice("no-gain", "The file's samples are in units of the converter."))
    signal = np.empty(bare.values.shape, np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold becomes a gap in the ECG
        for row, values, scale in zip(signal, bare.values, scales, strict=True):
            np.multiply(values, scale, out=row, dtype=np.float64, casting="same_kind")
    if leads:
        notices += void(signal, bare.values, names or (), calibrated)
    return ECG(
        signal,
        rate or 0.0,
        names or (),
        calibrated,
        patient=bare.patient,
        time=bare.time,
        device=bare.device,
        notices=notices,
        format=form,
    )


def _settled_rate(stated: float | None, said: float | None) -> tuple[float | None, list[Notice]]:
    if stated is None or said is None or abs(stated - said) <= 1e-3 * stated:
        return (said if stated is None else stated), []
    text = f"The file states a rate of {stated:g} Hz; the {said:g} Hz that were said beside it were not used."
    return stated, [Notice("told-not-used", text)]


def _settled_units(stated: tuple[str | None, ...], said: str | None) -> tuple[tuple[str | None, ...], list[Notice]]:
    unit = said.strip().lower() if said else None
    units = tuple(each if each is not None else unit for each in stated)
    if unit is None or all(_same(each, unit) for each in units):
        return units, []
    text = f"The file states a unit; '{clean(said or '', 20)}', which was said beside it, was not used there."
    return units, [Notice("told-not-used", text)]


def _same(one: str | None, other: str) -> bool:
    name = (one or "").lower()
    return name == other or MILLIVOLTS.get(name, 0.0) == MILLIVOLTS.get(other)


def _require(
    names: Sequence[str] | None, rate: float | None, units: Sequence[str | None], channels: int, how: str
) -> None:
    """Refuses what is not known; `units` are those of the leads, of all channels where no lead is known."""
    known = names is not None and any(map(canonical, names))
    missing = {
        "sampling rate": "" if rate is not None else "--rate 500",
        "unit of voltage": "" if None not in units else "--unit uV",
        "lead names": "" if known else f"--leads {','.join(_USUAL.get(channels, LEADS))}",
    }
    missing = {what: option for what, option in missing.items() if option}
    if missing:
        each = "" if known else f" (a name for each of the {channels} channels)" if channels > 1 else " (one name)"
        raise FormatError(
            f"The file states no {' and no '.join(missing)}, and nothing is guessed.",
            f"Add {' '.join(missing.values())} with the true values{each} (in Python: read(path, rate=..., unit=..., "
            f"leads=...)), or {how}.",
        )


def _scales(units: Sequence[str | None], names: Sequence[str], leads: Sequence[int]) -> tuple[list[float], bool]:
    """Millivolt for one of each channel; all ones where the leads are in units of a converter."""
    scales = [1.0] * len(units)
    lower = [(unit or "").lower() for unit in units]
    for row in leads:
        if lower[row] not in MILLIVOLTS.keys() | NO_VOLTS:
            raise FormatError(
                f"The unit '{clean(units[row] or '', 20)}' of {clean(names[row], 40)} is none of voltage.",
                "Write uV, mV or V, or none for units of the converter.",
            )
    if any(lower[row] in NO_VOLTS for row in leads):
        return scales, False
    for row in leads:
        scales[row] = MILLIVOLTS[lower[row]]
    return scales, True
