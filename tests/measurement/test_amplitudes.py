"""Which deflection of a QRS is which."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.measurement.amplitudes import amplitudes, cornell


def lead(*corners: float) -> np.ndarray:
    """A lead (200,) at 500 Hz whose QRS, from sample 50 to 100, runs through corners and stays at the last one."""
    row = np.zeros(200)
    row[50:101] = np.interp(np.arange(51), np.linspace(0, 50, len(corners)), corners)
    row[101:] = corners[-1]
    return row


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        ((0, -1.5, 0), (0, 0, -1.5)),
        ((0, -1.5, 0.2), (0, 0, -1.5)),  # into a raised ST, as in V1-V3 of left ventricular hypertrophy
        ((0, -0.5, 0.8, 0), (-0.5, 0.8, 0)),
        ((0, 0.3, -1.5, 0.2), (0, 0.3, -1.5)),
    ],
)
def test_the_deflections(corners, expected) -> None:
    found = amplitudes(np.tile(lead(*corners), (12, 1)).astype(np.float32), (50, 100))
    one = found["V3"]
    assert (one.q, one.r, one.s) == pytest.approx(expected, abs=0.1)
    assert cornell(found) == pytest.approx(one.r - one.s)
