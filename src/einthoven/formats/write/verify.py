"""A file that was written, read back and compared with the ECG it is of, sample by sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from einthoven.ecg import ECG, FormatError, Signal
from einthoven.formats.read import read
from einthoven.formats.write.encoded import Encoded, stored_leads

_FLOAT32 = 1e-6  # of a value: what float32 costs on the way
_SAME_RATE = 1e-6  # readers take 499.9999999 for 500
_DERIVED = 1.5  # steps: what two rounded leads and half of each leave in a third


def verify(ecg: ECG, path: Path, encoded: Encoded) -> float:
    """Reads a file back; the largest difference in microvolt over all leads and samples.

    Raises:
        FormatError: another rate, length or set of leads, a gap that is none, or a sample that is off by more
            than a step (in a derived lead by more than 1.5).
        EinthovenError: the file cannot be read.
    """
    again = read(path)
    if (again.samples, stored_leads(again), again.calibrated) != (ecg.samples, encoded.leads, True):
        raise _differs("leads or length")
    if abs(again.rate / ecg.rate - 1) > _SAME_RATE:
        raise _differs("sampling rate")
    if not np.array_equal(np.isnan(again.signal), np.isnan(ecg.signal)):
        raise _differs("gaps")
    coarsest = max(encoded.steps.values())
    allowed = np.array([[encoded.steps.get(lead, _DERIVED * coarsest)] for lead in ecg.leads])
    off = 1000 * np.abs(_numbers(again.signal) - _numbers(ecg.signal))
    if (off > allowed + _FLOAT32 * 1000 * np.abs(_numbers(ecg.signal)) + 1e-6).any():
        raise _differs("samples")
    return float(off.max())


def _numbers(signal: Signal) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.nan_to_num(signal.astype(np.float64), nan=0.0)


def _differs(what: str) -> FormatError:
    return FormatError(
        f"Read back, the written file differs from the ECG in its {what}; it was removed.",
        "Choose another format.",
    )
