"""A real file against two independent readings of it: another decoder, and the same ECG in another format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import LEADS
from einthoven.formats import read

LSB = 0.0025


@pytest.fixture(scope="module")
def example(shared: Path) -> Path:
    path = shared / "fixtures" / "scp" / "Example.scp"
    if not path.is_file():
        pytest.skip("the real file is not here")
    return path


def ecgdatakit(path: Path) -> dict[str, np.ndarray]:
    """Leads in mV by the other decoder."""
    parser = pytest.importorskip("ecgdatakit.parsing.parsers.scp_ecg").SCPECGParser()
    return {lead.label: lead.samples * lead.resolution / 1000 for lead in parser.parse(path).leads}


def test_the_example(example: Path) -> None:
    ecg = read(example)
    assert (ecg.rate, ecg.samples, ecg.derived, ecg.notices) == (500, 5000, (), ())
    assert (ecg.patient.sex, ecg.patient.age, str(ecg.time)) == ("male", 49, "2002-11-22 09:10:00")
    assert ecg.measured["qrs"] == 120 and ecg.measured["qrs_axis"] == -61 and ecg.measured["qtc"] == 443
    others = ecgdatakit(example)
    assert set(others) == set(LEADS)
    assert max(np.abs(ecg.lead(lead) - row).max() for lead, row in others.items()) / LSB < 1e-3


def test_the_same_ecg_as_aecg(example: Path) -> None:
    other = example.parents[1] / "aecg" / "Example.xml"
    if not other.is_file():
        pytest.skip("the real file is not here")
    ecg, twin = read(example), read(other)
    np.testing.assert_array_equal(ecg.signal, twin.signal)
    assert ecg.sha256 == twin.sha256 and ecg.measured == twin.measured and ecg.time == twin.time


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("coding", ["none", "default", "switched"])
def test_both_decoders_on_files_made_here(scp, put, rows, two_tables, coding: str, order: int) -> None:
    how = {
        "none": {},
        "default": {"tables": "default"},
        "switched": {"tables": two_tables, "plan": lambda n: n // 9 % 2},
    }
    beat = {lead: row[:50] for lead, row in rows.items()}
    zones = [(0, 20, 30, 60), (1, 0, 100, 0), (0, 220, 240, 265)]
    path = put(scp(rows, order, beat=beat, beat_fiducial=12, zones=zones, subtract=True, **how[coding]).bytes())
    ecg = read(path)
    for lead, row in ecgdatakit(path).items():
        np.testing.assert_allclose(ecg.lead(lead), row, atol=LSB * 1e-3)
        np.testing.assert_allclose(row / LSB, rows[lead], atol=1e-6)
