from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def scp_facts() -> dict[str, dict[str, str]]:
    """PTB-XL's own table of codes, where the shared data are there."""
    root = Path(__file__).resolve().parents[2]
    shared = Path(os.environ.get("EINTHOVEN_SHARED", root.parent / "shared"))
    path = shared / "data" / "ptb-xl" / "scp_statements.csv"
    if not path.exists():
        pytest.skip("PTB-XL's scp_statements.csv is not there")
    with path.open(encoding="utf-8", newline="") as file:
        return {row[""]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="session")
def challenge_headers() -> list[Path]:
    """Headers of the PhysioNet Challenge 2021, where the shared data are there."""
    root = Path(__file__).resolve().parents[2]
    shared = Path(os.environ.get("EINTHOVEN_SHARED", root.parent / "shared"))
    found = sorted((shared / "data" / "cinc2021").glob("*/*.hea"))
    if not found:
        pytest.skip("no Challenge 2021 headers are there")
    return found
