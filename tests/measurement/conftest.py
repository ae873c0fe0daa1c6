"""Where the shared real ECGs are, if they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real ECGs; the test is skipped without it."""
    beside = Path(__file__).parents[2].parent / "shared"
    folder = Path(os.environ.get("EINTHOVEN_SHARED", beside)) / "data"
    if not folder.is_dir():
        pytest.skip("the shared real ECGs are not here")
    return folder
