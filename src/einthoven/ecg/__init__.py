"""Floor 0: the one record type, lead names, typed errors.

Names are loaded when they are first used: whoever needs an error does not wait for numpy.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einthoven.ecg.errors import (
        CollectionError,
        DataError,
        EinthovenError,
        FileError,
        FormatError,
        HostileFileError,
        MissingPackageError,
        ModelError,
        SignalError,
        TruncatedError,
        UnsafeFileError,
        UsageError,
    )
    from einthoven.ecg.iterate import ahead, chunks
    from einthoven.ecg.leads import LEADS, canonical, derive_limb_leads, einthoven_residual
    from einthoven.ecg.record import ECG, Notice, Patient, Statement
    from einthoven.ecg.types import Bools, Floats, Ints, Signal

_FILES = {
    "iterate": ("ahead", "chunks"),
    "errors": (
        *("CollectionError", "DataError", "EinthovenError", "FileError", "FormatError", "HostileFileError"),
        *("MissingPackageError", "ModelError", "SignalError", "TruncatedError", "UnsafeFileError", "UsageError"),
    ),
    "leads": ("LEADS", "canonical", "derive_limb_leads", "einthoven_residual"),
    "record": ("ECG", "Notice", "Patient", "Statement"),
    "types": ("Bools", "Floats", "Ints", "Signal"),
}
_FILE_OF = {name: file for file, names in _FILES.items() for name in names}

__all__ = [
    "ECG",
    "LEADS",
    "Bools",
    "CollectionError",
    "DataError",
    "EinthovenError",
    "FileError",
    "Floats",
    "FormatError",
    "HostileFileError",
    "Ints",
    "MissingPackageError",
    "ModelError",
    "Notice",
    "Patient",
    "Signal",
    "SignalError",
    "Statement",
    "TruncatedError",
    "UnsafeFileError",
    "UsageError",
    "ahead",
    "canonical",
    "chunks",
    "derive_limb_leads",
    "einthoven_residual",
]


def __getattr__(name: str) -> Any:
    if name not in _FILE_OF:
        raise AttributeError(f"module 'einthoven.ecg' has no attribute '{name}'")
    globals()[name] = value = getattr(importlib.import_module(f"einthoven.ecg.{_FILE_OF[name]}"), name)
    return value
