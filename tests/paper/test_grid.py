"""The paper's lines: 1 mm and 5 mm apart, none missing, none twice."""

import numpy as np
import pytest

from einthoven.ecg import ECG
from einthoven.paper import LAYOUTS, draw


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("speed", [25, 33.3])
def test_pitches(measured, layout, speed):
    page = measured(draw(ECG(np.zeros((12, 100)), 100), layout, speed=speed))
    for axis in (0, 1):
        lines = {
            pitch: sorted(float(line[0, axis]) for line in found if np.ptp(line[:, axis]) == 0)
            for pitch, found in page.grid.items()
        }
        assert np.diff(lines["5"]) == pytest.approx(5)
        every = np.array(sorted(lines["1"] + lines["5"]))
        assert np.diff(every) == pytest.approx(1)
        # The grid begins and ends with a dark line, and spans the paper.
        assert every[0] == lines["5"][0] and every[-1] == lines["5"][-1]
    lengths = {round(float(np.ptp(line)), 2) for line in page.grid["5"] for line in [line[:, 0]]} - {0.0}
    assert lengths == {round(page.width - 27, 2)}


def test_time_zero_and_pulses_stand_on_dark_lines(measured):
    page = measured(draw(ECG(np.zeros((12, 5000)), 500)))
    dark = {float(line[0, 0]) for line in page.grid["5"] if np.ptp(line[:, 0]) == 0}
    assert float(page.trace("I")[0, 0]) in dark
    assert {float(x) for (pulse,) in page.parts["calibration"] for x in pulse[1:5, 0]} <= dark
    flat = {float(line[0, 1]) for line in page.grid["5"] if np.ptp(line[:, 1]) == 0}
    assert {float(page.trace(lead)[0, 1]) for lead in ("I", "aVL", "V3")} <= flat
