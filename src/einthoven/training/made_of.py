"""What kept signals were made of: ECGs, preparation, and the code that prepares."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from einthoven.collection import Row
from einthoven.ecg import Floats
from einthoven.ecg.code import code_sha256
from einthoven.models.config import Preparation

DECIDING = (
    "ecg",
    "signal",
    "collection/coding.py",
    "collection/read.py",
    "models/preparation.py",
    "training/streamed.py",
)
"""The rooms and files whose code decides what is kept."""


def made_of(rows: Sequence[Row], scales: Floats, how: Preparation) -> dict[str, Any]:
    """For people and for `sha256_of`: of how many ECGs, prepared how and by what.

    Args:
        scales: (n,) mV a unit of their stored signals, which a recording's own hash does not know.
    """
    digest = hashlib.sha256()
    for row, scale in zip(rows, scales.tolist(), strict=True):
        said = f"{row.record}|{row.sha256}|{row.rate!r}|{row.samples}|{row.calibrated}|{scale!r}\n"
        digest.update(said.encode())
    return {
        "shape": [len(rows), 12, how.samples],
        "type": "float16, little-endian",
        "sources": dict(sorted(Counter(row.source for row in rows).items())),
        "ecgs_sha256": digest.hexdigest(),
        "preparation": dataclasses.asdict(how),
        "code_sha256": code_hash(),
        "numpy": np.__version__,
    }


def sha256_of(facts: dict[str, Any]) -> str:
    """Two that agree in it hold the same signals."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@cache
def code_hash() -> str:
    """Of the code that decides what is kept."""
    return code_sha256(DECIDING)
