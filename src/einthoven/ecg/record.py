"""The one record type: a 12-lead ECG in float32 mV, leads by name, never by position."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg.errors import SignalError
from einthoven.ecg.gaps import gaps_in_words
from einthoven.ecg.leads import LEADS, canonical, derive_limb_leads, einthoven_residual
from einthoven.ecg.measured import MEASURED_UNITS
from einthoven.ecg.types import Floats, Signal

RATES = (50.0, 20_000.0)
LONGEST_S = 3600.0
RESIDUAL_NOTICE = 0.2
_WORDS = {"patient", "time", "device", "statements", "measured", "notices", "format", "derived", "accession"}


@dataclass(frozen=True)
class Patient:
    """Who was recorded, as far as the file says. `sex` is "male", "female" or None; `age` in years."""

    id: str | None = None
    age: float | None = None
    sex: str | None = None


@dataclass(frozen=True)
class Statement:
    """One statement about an ECG, as a file, a data set or an archive states it.

    `system` names the vocabulary of `code` ("SCP", "SNOMED"); a device's free text has neither.
    `likelihood` in percent, None where none is stated.
    """

    text: str = ""
    code: str | None = None
    system: str | None = None
    likelihood: float | None = None


@dataclass(frozen=True)
class Notice:
    """Something about a file that its user should know; `kind` is a stable slug."""

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False)
class ECG:
    """A 12-lead ECG.

    Built from channels in any order; the record holds the canonical twelve. Limb leads
    that follow from I, II and III are derived and named in `derived`; leads that are
    nowhere are rows of NaN, named in `missing`. Channels that are none of the twelve
    are left out with a notice.

    Args:
        signal: (leads, samples), mV (or unscaled units with `calibrated=False`).
        rate: samples a second.
        leads: a name for each row of `signal`; synonyms as in `canonical`.
        calibrated: False when the gain is unknown: voltages must not be used.
        time: on the clock of the place, with its offset from UTC where the file states one.
        measured: what the device measured, by the names and in the units of
            `einthoven.ecg.measured.MEASURED_UNITS`; what it did not measure is absent.
        accession: the order's number in the hospital, by which its report is found. It tells a patient as a
            name does, so no archive keeps it.

    Raises:
        SignalError: no lead of the twelve, a lead named twice, a shape or rate that
            no ECG has, or no finite sample at all.
        ValueError: a name in `measured` that is none of those.

    >>> ecg = ECG(np.zeros((2, 500)) + [[0.1], [0.3]], rate=500, leads=["I", "II"])
    >>> ecg.signal.shape, ecg.missing, ecg.derived
    ((12, 500), ('V1', 'V2', 'V3', 'V4', 'V5', 'V6'), ('III', 'aVR', 'aVL', 'aVF'))
    >>> [round(float(x), 2) for x in ecg.signal[:6, 0]]
    [0.1, 0.3, 0.2, -0.2, -0.05, 0.25]
    """

    signal: Signal
    rate: float
    leads: tuple[str, ...] = LEADS
    calibrated: bool = True
    patient: Patient = field(default_factory=Patient)
    time: datetime | None = None
    device: str | None = None
    statements: tuple[Statement, ...] = ()
    notices: tuple[Notice, ...] = ()
    format: str = "array"
    measured: Mapping[str, float] = field(default_factory=dict)
    accession: str | None = None
    derived: tuple[str, ...] = field(default=(), init=False)
    missing: tuple[str, ...] = field(default=(), init=False)

    def __init__(
        self,
        signal: ArrayLike,
        rate: float,
        leads: Sequence[str] = LEADS,
        calibrated: bool = True,
        patient: Patient | None = None,
        time: datetime | None = None,
        device: str | None = None,
        statements: Sequence[Statement] = (),
        notices: Sequence[Notice] = (),
        format: str = "array",
        measured: Mapping[str, float] | None = None,
        accession: str | None = None,
    ) -> None:
        stored, finite = _as_channels(signal, rate, leads)
        rows, found = _by_name(stored, leads, finite)
        new = derive_limb_leads(rows) if len(rows) < 12 else {}
        missing = tuple(lead for lead in LEADS if lead not in rows and lead not in new)
        full = np.empty((12, stored.shape[1]), np.float32)
        for place, lead in enumerate(LEADS):
            full[place] = np.nan if lead in missing else rows[lead] if lead in rows else new[lead]
        found += _lead_notices(full, rate, tuple(new), missing, finite)
        if not calibrated:
            found.append(Notice("uncalibrated", "The gain is unknown: voltages and voltage criteria are withheld."))
        full.setflags(write=False)
        for name, value in {
            "signal": full,
            "rate": float(rate),
            "leads": LEADS,
            "calibrated": calibrated,
            "patient": patient or Patient(),
            "time": time,
            "device": device,
            "statements": tuple(statements),
            "notices": (*notices, *found),
            "format": format,
            "measured": _as_measured(measured or {}),
            "accession": accession,
            "derived": tuple(lead for lead in LEADS if lead in new),
            "missing": missing,
        }.items():
            object.__setattr__(self, name, value)

    @property
    def samples(self) -> int:
        """Samples in each lead."""
        return int(self.signal.shape[1])

    @property
    def seconds(self) -> float:
        """Length of the recording in seconds."""
        return self.samples / self.rate

    @property
    def sha256(self) -> str:
        """Hash of rate and samples (rounded to 1 microvolt): equal for the same recording in two formats."""
        micro = np.where(np.isfinite(self.signal), np.rint(self.signal * 1000), -(2**31)).astype("<i4")
        return hashlib.sha256(f"{self.rate:g}|".encode() + micro.tobytes()).hexdigest()

    def lead(self, name: str) -> Signal:
        """The samples (samples,) of one lead in mV, by any of its names."""
        known = canonical(name)
        if known is None:
            raise SignalError(f"'{name}' is not one of the 12 leads.", f"Use one of {', '.join(LEADS)}.")
        row: Signal = self.signal[LEADS.index(known)]
        return row

    def described(self, **changes: Any) -> ECG:
        """A copy with other words: patient, time, device, statements, measured, notices ...; the signal stays."""
        illegal = sorted(set(changes) - _WORDS)
        if illegal:
            raise TypeError(f"described() cannot change {illegal[0]}")
        if "measured" in changes:
            changes["measured"] = _as_measured(changes["measured"])
        twin = object.__new__(ECG)
        for name in self.__dataclass_fields__:
            object.__setattr__(twin, name, changes.get(name, getattr(self, name)))
        return twin


def _as_measured(measured: Mapping[str, float]) -> dict[str, float]:
    """A copy in the order of `MEASURED_UNITS`."""
    if unknown := sorted(set(measured) - set(MEASURED_UNITS)):
        raise ValueError(f"'{unknown[0]}' is none of {', '.join(MEASURED_UNITS)}")
    return {name: float(measured[name]) for name in MEASURED_UNITS if name in measured}


def _as_channels(signal: ArrayLike, rate: float, leads: Sequence[str]) -> tuple[Signal, bool]:
    """The channels with NaN for infinities, and whether every sample is known to be finite."""
    stored = np.asarray(signal, np.float32)
    if stored.ndim != 2 or 0 in stored.shape:
        raise SignalError(
            f"A signal has shape (leads, samples), not {stored.shape}.",
            "Pass one row for each lead, none of them empty.",
        )
    if stored.shape[0] != len(leads):
        raise SignalError(
            f"There are {stored.shape[0]} channels but {len(leads)} lead names.",
            "Name each row of the signal; if time runs along the first axis, pass signal.T.",
        )
    if not RATES[0] <= rate <= RATES[1]:  # also refuses NaN
        raise SignalError(
            f"A sampling rate of {rate} Hz is no ECG's.",
            f"Rates from {RATES[0]:g} to {RATES[1]:g} Hz are read.",
        )
    if stored.shape[1] / rate > LONGEST_S:
        raise SignalError(
            f"The recording lasts {stored.shape[1] / rate:.0f} s; at most {LONGEST_S:.0f} s are read.",
            "Cut out the part of interest first.",
        )
    finite = _surely_finite(stored)
    if not finite and np.isinf(stored).any():
        stored = np.where(np.isinf(stored), np.float32(np.nan), stored)
    return stored, finite


def _surely_finite(values: Signal) -> bool:
    """True only without NaN or infinity: a sum of squares is ten times as fast as a look at each sample.

    False also when that sum overflows; the careful way is then taken.
    """
    flat = values.reshape(-1)
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(np.dot(flat, flat)))


def _by_name(stored: Signal, leads: Sequence[str], finite: bool) -> tuple[dict[str, Signal], list[Notice]]:
    rows: dict[str, Signal] = {}
    found: list[Notice] = []
    others = []
    for name, row in zip(leads, stored, strict=True):
        known = canonical(name)
        if known is None:
            others.append(name)
        elif known in rows:
            raise SignalError(f"Lead {known} is there twice.", "Keep one channel a lead.")
        elif not finite and np.isnan(row).all():
            found.append(Notice("empty-lead", f"Lead {known} holds no valid sample and counts as missing."))
        else:
            rows[known] = row
    if not rows:
        raise SignalError(
            "None of the 12 leads is there" + (f" (channels: {', '.join(map(repr, others[:6]))})." if others else "."),
            "A 12-lead ECG needs at least one lead named I, II, III, aVR, aVL, aVF or V1 to V6.",
        )
    if others:
        found.append(Notice("other-channels", f"Channels left out, not among the 12 leads: {', '.join(others)}."))
    return rows, found


def _lead_notices(
    full: Signal, rate: float, derived: tuple[str, ...], missing: tuple[str, ...], finite: bool
) -> list[Notice]:
    found = []
    if derived:
        names = ", ".join(lead for lead in LEADS if lead in derived)
        found.append(Notice("derived-leads", f"Derived from the other limb leads: {names}."))
    kept = [row for row, lead in enumerate(LEADS) if lead not in missing]
    if missing:
        found.append(Notice("missing-leads", f"Missing leads: {', '.join(missing)}."))
    gaps = "" if finite else gaps_in_words(full[kept], rate, [LEADS[row] for row in kept])
    if gaps:
        found.append(Notice("invalid-samples", f"Samples without a value (gaps) in {gaps}."))
    residual = None if derived or _surely_fits(full) else einthoven_residual(full)
    if residual is not None and residual > RESIDUAL_NOTICE:
        found.append(
            Notice(
                "einthoven-residual",
                f"The limb leads do not fit Einthoven's identities (residual {residual:.0%} of their size): "
                "a lead may be swapped, mis-scaled or disturbed.",
            )
        )
    return found


# Each row: what a limb lead holds beyond what I and II say of it.
_IDENTITIES = np.array(
    [[1, -1, 1, 0, 0, 0], [0.5, 0.5, 0, 1, 0, 0], [-1, 0.5, 0, 0, 1, 0], [0.5, -1, 0, 0, 0, 1]], np.float32
)


def _surely_fits(full: Signal) -> bool:
    """True only where `einthoven_residual` is below the notice: a screen that needs no medians.

    Around its median a row's mean square is at most twice its variance, and thus at most twice its mean square around
    zero. Squares are summed in float64; 5% of the limit leave room for float32's differences. NaN compares false.
    """
    limb = full[:6]
    with np.errstate(over="ignore", invalid="ignore"):
        beyond = _IDENTITIES @ limb
        worst = float(_squares(beyond).max()) * 6  # one row's sum of squares, six times
        size = float(_squares(limb).sum())
    return 0 < size < np.inf and 2 * worst <= (0.95 * RESIDUAL_NOTICE) ** 2 * size


def _squares(rows: Signal) -> Floats:
    """Each row's sum of squares."""
    found: Floats = np.einsum("ij,ij->i", rows, rows, dtype=np.float64)
    return found
