import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.collection import Collection, Row
from einthoven.ecg import ECG, Patient, Statement

SHARED = Path(os.environ.get("EINTHOVEN_SHARED", Path(__file__).parents[3] / "shared"))


@pytest.fixture(scope="session")
def shared():
    """The folder of real data; tests that need it are skipped without it."""
    if not SHARED.exists():
        pytest.skip("no shared data")
    return SHARED


@pytest.fixture(scope="session")
def make_row():
    """Row number `n` of a made-up archive: two ECGs a patient, each signal its own."""
    ecg = ECG(
        np.random.default_rng(0).normal(0, 0.3, (12, 100)),
        rate=100,
        patient=Patient("x", 50, "female"),
        statements=[Statement("sinus rhythm", "SR", "SCP", 100.0), Statement("a device's words")],
    )
    base = Row.from_ecg(ecg, "x", "made-up", text="Sinusrhythmus", fold=1)

    def make(n: int) -> Row:
        signal = np.frombuffer(base.signal, "<i2") + np.int16(n)
        return replace(base, record=f"r{n}", patient=f"p{n // 2}", fold=n % 10, signal=signal.tobytes())

    return make


@pytest.fixture
def filled(tmp_path, make_row):
    """A collection of ten rows."""
    collection = Collection.create(tmp_path / "archive")
    collection.append(make_row(n) for n in range(10))
    return collection
