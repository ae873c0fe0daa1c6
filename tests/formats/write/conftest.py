"""Made-up ECGs to write, and one real file of every format that is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import ECG, Patient, Statement
from einthoven.testing import simulate

REAL = (
    *("fixtures/aecg/Example.xml", "fixtures/muse/muse_ecg1.xml", "fixtures/dicom/Example.dcm"),
    *("fixtures/philips/ad4d3d80-d165_1-04_orig.xml", "fixtures/wfdb-ptb/s0010_re.hea"),
    *("data/ptb-xl/records500/00000/00001_hr.hea", "data/ptb-xl/records100/00000/00001_lr.hea"),
    *("data/cinc2021/*/*.hea", "data/ludb/**/1.hea", "data/code15-wfdb/**/*.hea"),
)


@pytest.fixture(scope="session")
def real_files(shared: Path) -> list[Path]:
    """The first file of each of the patterns in REAL."""
    found = [next(iter(sorted(shared.glob(pattern))), None) for pattern in REAL]
    return [path for path in found if path is not None]


@pytest.fixture(scope="session")
def full() -> ECG:
    """12 leads, 2 s at 500 Hz, with everything that an ECG can say."""
    return simulate(rate=500, seconds=2, seed=1).described(
        patient=Patient("P 1", 56.0, "female"),
        time=datetime(2021, 5, 10, 13, 15, 18, 250_000),
        device="Maker M 1",
        statements=(
            Statement("Sinus rhythm; 50% paced"),
            Statement(code="426783006", system="SNOMED"),
            Statement(code="NORM", system="SCP", likelihood=80.0),
            Statement("Sinus Rhythm", "MDC_ECG_RHY_SINUS_RHY", "MDC"),
            Statement("Diagnosis: <b>", "ABC", "Philips"),
        ),
        measured={"heart_rate": 61.0, "qrs": 92.5, "qrs_axis": -12.0, "qtc_hodges": 410.0},
    )


@pytest.fixture
def gappy() -> Callable[..., ECG]:
    """`full` without its words, with NaN in some of its samples."""

    def make(ecg: ECG) -> ECG:
        rows = ecg.signal.copy()
        rows[0, :7] = np.nan
        rows[10, 20:25] = np.nan
        return ECG(rows, ecg.rate)

    return make
