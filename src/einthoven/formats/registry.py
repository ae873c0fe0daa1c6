"""The formats that are read: one module each, one line each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from einthoven.ecg import ECG
from einthoven.formats import (
    aecg,
    cardiosoft,
    code15,
    cpsc,
    dicom,
    edf,
    fhir,
    ishne,
    mortara,
    muse,
    numpy_file,
    scp,
    sierra,
    table,
    wfdb,
)
from einthoven.formats.told import Told


class Format(Protocol):
    """What a format's module offers."""

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file whose first bytes are `head` is of this format; `path` finds companions."""

    def read(self, path: Path) -> ECG:
        """The ECG in the file, or an `EinthovenError`."""


class Asking(Protocol):
    """A format that does not say everything itself, or whose files hold several ECGs."""

    def sniff(self, head: bytes, path: Path) -> bool:
        """As a `Format`'s: sure that it is an ECG."""

    def could_be(self, head: bytes) -> bool:
        """Whether a file that begins like this is of this kind, whatever it holds."""

    def read(self, path: Path, told: Told = ...) -> ECG:
        """The ECG in the file that is meant, by what it says and what is told of it."""


ASKING: Mapping[str, Asking] = {
    "CODE-15 HDF5": code15,
    "NumPy": numpy_file,
    "CSV": table,
}
"""Formats that are told what they do not say."""

MANY = frozenset({"CODE-15 HDF5"})
"""Formats whose files may hold several ECGs, each read as `FILE#NAME`."""

FORMATS: Mapping[str, Format] = {
    "DICOM": dicom,
    "WFDB": wfdb,
    "HL7 aECG": aecg,
    "MUSE XML": muse,
    "CardioSoft XML": cardiosoft,
    "Philips Sierra XML": sierra,
    "Mortara ELI XML": mortara,
    "FHIR Observation": fhir,
    "SCP-ECG": scp,
    "EDF": edf,
    "ISHNE": ishne,
    "CPSC2018 MATLAB": cpsc,
    **ASKING,
}
"""By name, in the order in which they are tried."""
