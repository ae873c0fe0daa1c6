from __future__ import annotations

import pytest

from einthoven.retrieval import Archive


@pytest.fixture(scope="session")
def asked_archive(tmp_path_factory, stand_in, make_ecg) -> Archive:
    """120 ECGs of 60 patients, of four kinds, not calibrated; only to be asked."""
    archive = Archive.create(tmp_path_factory.mktemp("asked") / "archive", stand_in(), name="asked")
    archive.add((f"r{n:04d}", make_ecg(n)) for n in range(120))
    return archive
