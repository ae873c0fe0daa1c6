"""The formats that are read: one module each, one line each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from einthoven.ecg import ECG
from einthoven.formats import aecg, cardiosoft, dicom, edf, fhir, ishne, mortara, muse, scp, sierra, wfdb


class Format(Protocol):
    """What a format's module offers."""

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file whose first bytes are `head` is of this format; `path` finds companions."""

    def read(self, path: Path) -> ECG:
        """The ECG in the file, or an `EinthovenError`."""


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
}
"""By name, in the order in which they are tried."""
