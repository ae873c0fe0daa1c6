from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven.retrieval import Archive

PATIENTS = 210


@pytest.fixture(scope="session")
def _filled(tmp_path_factory, stand_in, make_ecg) -> Path:
    folder = tmp_path_factory.mktemp("archives") / "filled"
    archive = Archive.create(folder, stand_in(), name="test archive")
    archive.add((f"r{n:04d}", make_ecg(n)) for n in range(2 * PATIENTS))
    return folder


@pytest.fixture(scope="session")
def _calibrated(tmp_path_factory, _filled, stand_in) -> Path:
    folder = tmp_path_factory.mktemp("archives") / "calibrated"
    shutil.copytree(_filled, folder)
    Archive.open(folder, stand_in()).calibrate()
    return folder


@pytest.fixture
def filled(tmp_path, _filled, stand_in) -> Archive:
    """420 ECGs of 210 patients, not calibrated; a copy of its own for each test."""
    return Archive.open(shutil.copytree(_filled, tmp_path / "filled"), stand_in())


@pytest.fixture
def calibrated(tmp_path, _calibrated, stand_in) -> Archive:
    """The same, calibrated on itself."""
    return Archive.open(shutil.copytree(_calibrated, tmp_path / "calibrated"), stand_in())


@pytest.fixture(scope="session")
def read_only(_calibrated, stand_in) -> Archive:
    """The calibrated archive itself, for tests that only ask it."""
    return Archive.open(_calibrated, stand_in())


@pytest.fixture
def small(tmp_path, stand_in, make_ecg) -> Callable[..., Archive]:
    """A maker of archives of a few ECGs, r0, r1, ..., two a patient."""

    def make(ecgs: int = 6, name: str = "small", **options) -> Archive:
        archive = Archive.create(tmp_path / name, stand_in(), **options)
        archive.add((f"r{n}", make_ecg(n)) for n in range(ecgs))
        return archive

    return make
