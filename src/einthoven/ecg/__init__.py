"""Floor 0: the one record type, lead names, typed errors."""

from einthoven.ecg.chunks import chunks
from einthoven.ecg.errors import (
    CollectionError,
    DataError,
    EinthovenError,
    FileError,
    FormatError,
    MissingPackageError,
    ModelError,
    SignalError,
    TruncatedError,
    UnsafeFileError,
    UsageError,
)
from einthoven.ecg.leads import LEADS, canonical, derive_limb_leads, einthoven_residual
from einthoven.ecg.record import ECG, Notice, Patient, Statement
from einthoven.ecg.types import Bools, Floats, Ints, Signal

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
    "canonical",
    "chunks",
    "derive_limb_leads",
    "einthoven_residual",
]
