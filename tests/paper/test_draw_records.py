"""Records that are not ten clean seconds of twelve leads: what is drawn of them and what is said."""

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS
from einthoven.paper import Layout, draw
from einthoven.paper.drawing import Partly

LEFT, TOP = 28.5, 20.0
"""x of time 0 and y of the grid's upper edge on the standard page."""


def constant(value=0.0, seconds=10, rate=500, **more):
    return ECG(np.full((12, round(seconds * rate)), value), rate, **more)


def test_short_record_leaves_the_rest_empty(measured):
    page = measured(draw(constant(seconds=4)))
    assert {lead for lead, *_ in page.traces} == {*LEADS[:6], "II"}
    assert page.trace("aVR")[-1, 0] == pytest.approx(LEFT + 4 * 25 - 0.05)
    assert page.trace("aVR")[0, 0] == LEFT + 62.5
    assert page.label("V4")[2] == "V4"
    assert "recording of 4 s" in page.footer


def test_long_record_is_drawn_from_its_start_and_said(measured):
    page = measured(draw(constant(seconds=60)))
    assert page.trace("II", 1)[-1, 0] == LEFT + 250
    assert "0-10 s of 60 s" in page.footer


def test_ten_seconds_need_no_word(measured):
    assert " s of" not in measured(draw(constant())).footer
    assert "recording" not in measured(draw(constant())).footer


def test_missing_lead_has_a_label_and_no_trace(measured):
    page = measured(draw(ECG(np.zeros((3, 5000)), 500, ["I", "II", "V1"])))
    assert page.label("V5")[2] == "V5 missing"
    assert {lead for lead, *_ in page.traces} == {*LEADS[:7]}


def test_derived_leads_are_marked_and_explained(measured):
    page = measured(draw(ECG(np.zeros((8, 5000)), 500, ["I", "II", *LEADS[6:]])))
    assert [page.label(lead)[2] for lead in LEADS[:6]] == ["I", "II", "III*", "aVR*", "aVL*", "aVF*"]
    assert "* derived from other limb leads" in page.footer
    assert "derived" not in measured(draw(constant())).footer


def test_a_gap_breaks_the_path_and_is_named(measured):
    signal = np.full((12, 5000), 0.4)
    signal[0, 100:200] = np.nan
    page = measured(draw(ECG(signal, 500)))
    ((before, after),) = [subpaths for lead, _, subpaths in page.traces if lead == "I"]
    assert before[-1, 0] == pytest.approx(LEFT + 99 * 0.05)
    assert after[0, 0] == pytest.approx(LEFT + 200 * 0.05)
    assert set(before[:, 1]) | set(after[:, 1]) == {TOP + 30 - 4}
    assert "gaps: I" in page.footer


def test_uncalibrated_is_drawn_to_no_scale_and_says_so(measured):
    wave = np.sin(np.arange(5000) / 50)
    units = np.tile(wave, (12, 1)) * 1200 + 2048
    units[3] = units[3] / 2 + 77
    page = measured(draw(ECG(units, 500, calibrated=False)))
    assert "calibration" not in page.parts
    assert "gain unknown: amplitudes not to scale" in page.footer and "mm/mV" not in page.footer
    whole, half = np.ptp(page.trace("I")[:, 1]), np.ptp(page.trace("aVR")[:, 1])
    assert 20 < whole < 40 and half == pytest.approx(whole / 2, rel=0.02)
    assert page.trace("I")[:, 1].mean() == pytest.approx(TOP + 30, abs=2)
    assert "clipped" not in page.footer


def test_uncalibrated_flat_line_is_flat(measured):
    page = measured(draw(constant(2048.0, calibrated=False)))
    assert set(page.trace("V1")[:, 1]) == {TOP + 30}


def test_what_leaves_the_page_is_cut_and_named(measured):
    signal = np.zeros((12, 5000))
    signal[7, 3000:3100] = 40.0  # V2, far above the page
    signal[8, 3000:3100] = -1e30
    signal[0, 100:200] = 3.5  # leaves its row, not the page
    page = measured(draw(ECG(signal, 500)))
    assert "clipped: V2 V3" in page.footer
    for lead, _, subpaths in page.traces:
        for points in subpaths:
            assert points[:, 1].min() >= 0 and points[:, 1].max() <= page.height
        assert len(subpaths) == (2 if lead in ("V2", "V3") else 1)
    assert "beyond the grid: I" in page.footer
    assert draw(ECG(signal, 500)).partly == (Partly(("V2", "V3"), ("I",)),)
    assert "clipped" not in measured(draw(constant(3.5))).footer
    assert draw(constant(2.9)).partly == (Partly(),)


def test_a_cut_calibration_pulse_is_named(measured):
    page = measured(draw(constant(), Layout((("I",),), 10), gain=50, header=False))
    assert "clipped: calibration" in page.footer
    (pulse,) = page.parts["calibration"]
    assert min(points[:, 1].min() for points in pulse) == 0  # to the page's edge, and no farther
