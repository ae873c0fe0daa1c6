from __future__ import annotations

import pytest

from einthoven.ecg import ECG
from einthoven.retrieval import Archive, demo_archive
from einthoven.testing import simulate


@pytest.fixture(scope="session")
def archive() -> Archive:
    """The one that ships: calibrated, of real ECGs."""
    return demo_archive()


@pytest.fixture(scope="session")
def fibrillating() -> ECG:
    return simulate(rate=100, seconds=10, heart_rate=88, rhythm="af", seed=5)


@pytest.fixture(scope="session")
def normal() -> ECG:
    return simulate(rate=100, seconds=10, heart_rate=72, seed=2)
