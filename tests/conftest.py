"""What several rooms' tests share: a small model that needs no checkpoint, and ECGs of known kind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from einthoven.ecg import ECG, Patient, Statement
from einthoven.models import ModelConfig, prepare
from einthoven.models.config import Encoder
from einthoven.models.preparation import preparation_notices
from einthoven.testing import simulate

KINDS = {
    "normal": (("NORM", "SR"), {"heart_rate": 72}),
    "slow": (("SBRAD",), {"heart_rate": 46}),
    "fast": (("STACH",), {"heart_rate": 125, "qt_ms": 300, "pr_ms": 120}),
    "fibrillation": (("AFIB",), {"heart_rate": 88, "rhythm": "af"}),
}


class StandInModel:
    """A fixed random projection of the prepared signal, and a fixed linear statement head on top of it."""

    def __init__(self, seed: int = 0, width: int = 32) -> None:
        codes = ("NORM", "SR", "SBRAD", "STACH", "AFIB")
        encoder = Encoder(stem_kernel=8)
        self.config = ModelConfig(f"stand-in-{seed}", codes, embedding=width, encoder=encoder, text=None)
        self.sha256 = hashlib.sha256(f"stand-in {seed} {width}".encode()).hexdigest()
        rng = np.random.default_rng(seed)
        self._projection = rng.standard_normal((12 * self.config.preparation.samples, width)).astype(np.float32)
        self._head = rng.standard_normal((width, len(codes))).astype(np.float32)
        self.seen = 0

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def codes(self) -> tuple[str, ...]:
        return self.config.codes

    def embed(self, ecgs: Sequence[ECG]) -> np.ndarray:
        self.seen += len(ecgs)
        if not ecgs:
            return np.empty((0, self.config.embedding), np.float32)
        inputs = prepare(ecgs, self.config.preparation)
        first = inputs.signal[np.flatnonzero(np.diff(inputs.owner, prepend=-1))]
        z = first.reshape(len(ecgs), -1) @ self._projection
        return z / np.linalg.norm(z, axis=1, keepdims=True)

    def run(self, ecgs: Sequence[ECG]) -> tuple[np.ndarray, np.ndarray]:
        z = self.embed(ecgs)
        return z, 1 / (1 + np.exp(-3 * z @ self._head))

    def notices(self, ecg: ECG):
        return preparation_notices(ecg, self.config.preparation)


@pytest.fixture(scope="session")
def stand_in() -> Callable[..., StandInModel]:
    """A maker of models that differ by their seed."""
    return StandInModel


@pytest.fixture(scope="session")
def make_ecg() -> Callable[..., ECG]:
    """ECG number `n` of a kind: 10 s at 100 Hz, its own noise, two of them a patient."""
    plain: dict[tuple[str, int], ECG] = {}

    def make(n: int, kind: str | None = None, patient: str | None = "", text: str = "") -> ECG:
        kind = kind or list(KINDS)[n // 2 % len(KINDS)]
        codes, how = KINDS[kind]
        variant = n % 7
        if (kind, variant) not in plain:
            axis = 20 + 10 * variant
            plain[kind, variant] = simulate(rate=100, seconds=10, axis=axis, seed=variant, **how)
        ecg = plain[kind, variant]
        noise = np.random.default_rng(n).normal(0, 0.004, (8, ecg.samples))
        rows = ecg.signal[[0, 1, *range(6, 12)]] + noise
        name = f"patient-of-{n // 2}-Mustermann" if patient == "" else patient
        statements = [Statement(code=code, system="SCP", likelihood=100.0) for code in codes]
        statements += [Statement(text=text)] if text else []
        return ECG(
            rows,
            100,
            ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"],
            patient=Patient(name, 40.0 + n % 50, ("male", "female")[n % 2]),
            statements=statements,
        ).described(notices=())

    return make
