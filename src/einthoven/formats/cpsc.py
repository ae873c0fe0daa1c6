"""CPSC2018 (ICBEB) in its own layout: a MATLAB struct `ECG` with `sex`, `age` and `data` of 12 leads.

Liu et al. 2018 (J. Med. Imaging Health Inform. 8:1368): 500 Hz, millivolt, the 12 leads in the usual order. The
struct itself states none of that. Its diagnoses are in a table of their own, `REFERENCE.csv`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from einthoven.ecg import ECG, LEADS, FormatError, Patient
from einthoven.formats.files import read_bytes
from einthoven.formats.limits import check_length
from einthoven.formats.matlab import Values, begins_with_struct, is_matlab, struct_of

NAME = "ECG"
RATE = 500.0
_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}
_OLDEST = 130


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file is MATLAB's and opens with a struct `ECG`; `path` tells nothing more."""
    return is_matlab(head) and begins_with_struct(head, NAME)


def read(path: Path) -> ECG:
    """Reads the struct; errors as `einthoven.formats.read`."""
    fields = struct_of(read_bytes(path), NAME)
    data = fields.get("data")
    if data is None or isinstance(data, str) or data.ndim != 2 or data.shape[0] != len(LEADS):
        raise FormatError("The MATLAB struct 'ECG' has no field 'data' of 12 leads.", "Use CPSC2018's own files.")
    check_length(data.shape[1], RATE)
    sex = fields.get("sex")
    patient = Patient(
        age=_age(fields.get("age")), sex=_SEXES.get(sex.strip().lower()) if isinstance(sex, str) else None
    )
    with np.errstate(over="ignore", invalid="ignore"):  # what float32 cannot hold becomes a gap in the ECG
        signal = np.ascontiguousarray(data, np.float32)  # columns first in the file, rows first in an ECG
    return ECG(signal, RATE, LEADS, patient=patient, format="CPSC2018 MATLAB")


def _age(value: Values | str | None) -> float | None:
    if value is None or isinstance(value, str) or value.size != 1:
        return None
    age = float(value.reshape(-1)[0])
    return age if 0 <= age <= _OLDEST else None
