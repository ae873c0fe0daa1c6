"""One row of a collection: an ECG as it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from einthoven.collection.coding import decode, encode
from einthoven.ecg import ECG, LEADS, Bools, CollectionError, Notice, Patient, Statement


@dataclass(frozen=True)
class Row:
    """One ECG of a collection.

    Args:
        record: unique id of the recording within the collection.
        source: data set or stem of the file name; no path, no name of a person.
        sha256: `ECG.sha256` of the recording.
        rate: samples a second.
        samples: samples in each lead.
        patient: patient id, as a keyed hash unless the archive keeps ids.
        age: years. `sex`: "male", "female" or None.
        time: wall clock of the recording; no offset from UTC is kept.
        signal: int16 little-endian (12, samples), C order, -32768 for a gap; None when
            the signal is not kept.
        scale: mV a unit of `signal`; None exactly when `signal` is.
        derived: leads that were derived from the other limb leads.
        notices: "kind: text" each.

    Raises:
        CollectionError: no record id, or a signal that does not fit `samples` and `scale`.
    """

    record: str
    source: str
    sha256: str
    rate: float
    samples: int
    calibrated: bool = True
    format: str = "array"
    patient: str | None = None
    age: float | None = None
    sex: str | None = None
    time: datetime | None = None
    signal: bytes | None = None
    scale: float | None = None
    text: str | None = None
    statements: tuple[Statement, ...] = ()
    fold: int | None = None
    derived: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.record:
            raise CollectionError("A row has no record id.", "Give each ECG an id of its own.")
        if (self.signal is None) != (self.scale is None):
            raise CollectionError("A row has a signal without a scale, or the reverse.", "Give both or none.")
        if self.signal is not None and len(self.signal) != 24 * self.samples:
            raise CollectionError(
                f"A row's signal has {len(self.signal)} bytes, not 12 x {self.samples} int16.",
                "Make rows with Row.from_ecg.",
            )

    @classmethod
    def from_ecg(
        cls,
        ecg: ECG,
        record: str,
        source: str,
        text: str | None = None,
        fold: int | None = None,
        keep_signal: bool = True,
    ) -> Row:
        """The row of an ECG; with `keep_signal=False` all but its samples."""
        signal, scale = encode(ecg.signal, ecg.calibrated) if keep_signal else (None, None)
        return cls(
            record=record,
            source=source,
            sha256=ecg.sha256,
            rate=ecg.rate,
            samples=ecg.samples,
            calibrated=ecg.calibrated,
            format=ecg.format,
            patient=ecg.patient.id,
            age=ecg.patient.age,
            sex=ecg.patient.sex,
            time=None if ecg.time is None else ecg.time.replace(tzinfo=None),
            signal=signal,
            scale=scale,
            text=text,
            statements=ecg.statements,
            fold=fold,
            derived=ecg.derived,
            notices=tuple(f"{notice.kind}: {notice.text}" for notice in ecg.notices),
        )

    def ecg(self) -> ECG:
        """The ECG: samples within half a unit of `scale`, everything else as it was stored.

        Raises:
            CollectionError: the row keeps no signal.
        """
        if self.signal is None or self.scale is None:
            raise CollectionError(
                "This row keeps no signal.", "Read the ECG from its own file, or add it with its signal."
            )
        signal = decode(self.signal, self.scale)
        there: Bools = np.asarray(np.isfinite(signal).any(axis=1))
        ecg = ECG(
            signal[there],
            self.rate,
            [lead for lead, kept in zip(LEADS, there, strict=True) if kept],
            self.calibrated,
            patient=Patient(self.patient, self.age, self.sex),
            time=self.time,
            statements=self.statements,
            format=self.format,
        )
        # Derived leads are stored like the others, since deriving them from rounded samples
        # would double the error. So the record cannot know them, nor their notices, by itself.
        notices = tuple(Notice(*line.split(": ", 1)) for line in self.notices)
        return ecg.described(derived=self.derived, notices=notices)
