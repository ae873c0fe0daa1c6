from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from einthoven.ecg import Statement
from einthoven.retrieval import Archive, Calibration, Evidence, Guarantee, Neighbour
from einthoven.retrieval.guarantee import Bounds
from einthoven.retrieval.kept import holding

WEIGHTS = {"*": (0.0, 1.0, 0.0)}


@pytest.fixture(scope="session")
def shared_fixtures() -> Path:
    """Files of real devices, where they are."""
    folder = Path(os.environ.get("EINTHOVEN_SHARED", Path(__file__).parents[2].parent / "shared")) / "fixtures"
    if not folder.is_dir():
        pytest.skip("the shared fixtures are not here")
    return folder


@pytest.fixture(scope="session")
def archive(tmp_path_factory, stand_in, make_ecg) -> Archive:
    """A real archive, calibrated: 420 ECGs of 210 patients, normal, slow, fast, fibrillating."""
    made = Archive.create(tmp_path_factory.mktemp("reporting") / "archive", stand_in(), name="test archive")
    made.add((f"r{n:04d}", make_ecg(n)) for n in range(420))
    made.calibrate()
    return made


class FixedArchive:
    """An archive that answers every ECG with the same evidence."""

    def __init__(self, evidence: Evidence, patients: int, calibration: Calibration | None) -> None:
        self.evidence = lambda ecg, k, where=None: evidence
        self.notices = ()
        self.patients = patients
        self.nameless = 0
        self.calibration = calibration
        self.name = "fixed"
        self.model = SimpleNamespace(name="fixed model", sha256="ab" * 32, notices=lambda ecg: ())
        self.collection = SimpleNamespace(version=7)
        self.keeps_reports = False

    @property
    def holding(self) -> str:
        return holding(len(self), self.patients, self.nameless)

    def __len__(self) -> int:
        return 2 * self.patients


@pytest.fixture(scope="session")
def answering() -> Callable[..., FixedArchive]:
    """A maker of archives with a fixed answer: confidence by code, and the codes of each neighbour."""

    def make(
        confidence: dict[str, float],
        neighbours: Sequence[Sequence[str]] | None = None,
        patients: int = 500,
        calibrated: bool = True,
        nearest: float = 0.9,
        far: float = 0.2,
        distant: float = 0.4,
        critical: float | None = 1.0,
        bounds: dict[str, Bounds] | None = None,
    ) -> FixedArchive:
        carried = [tuple(confidence)] * 25 if neighbours is None else neighbours
        found = tuple(
            Neighbour(
                record=f"n{place}",
                similarity=nearest - place / 1000,
                statements=tuple(Statement(code=code, system="SCP") for code in codes),
                patient=f"p{place}",
                age=None if place % 3 else 50.0,
                sex=None if place % 2 else "female",
            )
            for place, codes in enumerate(carried)
        )
        values = np.array(list(confidence.values()))
        promise = Guarantee(0.1, 0.02, 125, bounds or {}, critical)
        learned = Calibration(7, len(found), "made up", 300, 250, far, distant, WEIGHTS, promise)
        calibration = learned if calibrated else None
        evidence = Evidence(found, tuple(confidence), values, values, values, calibrated)
        return FixedArchive(evidence, patients, calibration)

    return make
