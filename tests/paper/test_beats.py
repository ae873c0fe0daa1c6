"""Median beats: enlarged to scale, lines exactly at the points given, two of them aligned on R."""

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, Patient, SignalError, UsageError
from einthoven.paper import Beat, draw_beats

POINTS = {"p_onset": 100, "p_offset": 160, "qrs_onset": 190, "qrs_offset": 236, "t_offset": 390}
R = 210


def recording(**more):
    return ECG(np.zeros((12, 5000)), 500, **more)


def beat(rate=500, r=R, samples=500, height=1.0, **points):
    """A spike of (k + 1) / 10 x `height` mV on the sample r of lead k, on 0 mV."""
    signal = np.zeros((12, samples))
    signal[:, r] = np.arange(1, 13) / 10 * height
    return Beat(signal, rate, r, **points)


def tip(points):
    return points[np.argmin(points[:, 1])]


@pytest.mark.parametrize(("speed", "gain"), [(50, 20), (25, 10), (50, 10), (100, 40)])
def test_beats_are_to_scale_in_twelve_cells(measured, speed, gain):
    page = measured(draw_beats(recording(), beat(**POINTS), speed=speed, gain=gain))
    assert [lead for lead, *_ in page.traces] == [*LEADS]
    for number, lead in enumerate(LEADS):
        points = page.trace(lead)
        assert np.ptp(points[:, 1]) == pytest.approx((number + 1) / 10 * gain, abs=0.011)
        assert np.ptp(points[:, 0]) == pytest.approx(499 / 500 * speed, abs=0.011)
    (pulse,) = page.parts["calibration"][0]
    assert np.ptp(pulse[:, 1]) == gain
    assert f"{speed} mm/s" in page.footer and f"{gain} mm/mV" in page.footer and "median beats" in page.footer


def test_it_is_a4_across_and_says_what_it_is(measured):
    page = measured(draw_beats(recording(patient=Patient("P-1", 63, "female")), beat(**POINTS)))
    assert (page.width, page.height) == (297, 210)
    assert "Median beats" in page.header and "63 years" in page.header and "P-1" not in page.text
    spots = page.everything()
    assert spots.min() >= 0 and (spots.max(axis=0) <= [297, 210]).all()


def test_lines_stand_at_the_points_in_every_column(measured):
    page = measured(draw_beats(recording(), beat(**POINTS)))
    lines = page.marks["marks"]
    assert len(lines) == 4 * len(POINTS)
    for column, lead in enumerate(("I", "aVR", "V1", "V4")):
        r = tip(page.trace(lead))[0]
        for number, (name, sample) in enumerate(POINTS.items()):
            drawn, ((top, bottom),) = lines[column * len(POINTS) + number]
            assert drawn == name
            assert top[0] == bottom[0] == pytest.approx(r + (sample - R) / 500 * 50, abs=0.011)
            assert (top[1], bottom[1]) == (20, 190)  # the whole grid


def test_the_intervals_said_are_those_drawn(measured):
    footer = measured(draw_beats(recording(), beat(**POINTS))).footer
    assert "between the lines: P 120 ms, PR 180 ms, QRS 92 ms, QT 400 ms" in footer
    assert "no " not in footer


def test_what_is_not_measured_is_not_drawn_and_said(measured):
    some = {"qrs_onset": 190, "qrs_offset": 236.5}
    page = measured(draw_beats(recording(), beat(**some)))
    assert {name for name, _ in page.marks["marks"]} == set(some)
    assert "QRS 93 ms" in page.footer and "no P onset, P offset, T offset" in page.footer and "QT" not in page.footer
    none = measured(draw_beats(recording(), beat()))
    assert "no measured points" in none.footer and not none.marks["marks"]


def test_two_beats_are_aligned_on_r_whatever_their_rates(measured):
    first = beat(**POINTS)
    second = beat(rate=250, r=70, samples=200, height=0.5, qrs_onset=60, qrs_offset=80, t_offset=160)
    page = measured(draw_beats(recording(), first, over=(recording(), second), names=("mine", "theirs")))
    for number, lead in enumerate(LEADS):
        ours, theirs = tip(page.trace(lead)), tip(page.over(lead))
        assert ours[0] == pytest.approx(theirs[0], abs=0.011)
        assert np.ptp(page.over(lead)[:, 1]) == pytest.approx((number + 1) / 20 * 20, abs=0.011)
    r = tip(page.trace("I"))[0]
    ((name, ((x, _), _)), *_) = [(name, line) for name, (line,) in page.marks["second-marks"]]
    assert name == "qrs_onset" and x == pytest.approx(r - 10 / 250 * 50, abs=0.011)
    for words in ("aligned on R", "mine: between the lines: P 120 ms", "theirs: between the lines: QRS 80 ms"):
        assert words in page.footer
    assert "mine" in page.header and "theirs" in page.header
    assert page.height == 210


def test_a_long_beat_widens_the_page_and_is_whole(measured):
    page = measured(draw_beats(recording(), beat(samples=900)))
    assert page.width > 297 and f"page {page.width:g} mm wide" in page.footer
    first, last = page.trace("I"), page.trace("aVR")
    assert np.ptp(first[:, 0]) == pytest.approx(899 / 500 * 50, abs=0.011)
    assert first[-1, 0] < last[0, 0]


def test_missing_leads_and_unknown_gain_are_said(measured):
    lacking = beat(**POINTS)
    lacking.signal[8] = np.nan
    page = measured(draw_beats(recording(), lacking))
    assert page.label("V3")[2] == "V3 missing"
    assert "V3" not in {lead for lead, *_ in page.traces}
    unknown = measured(draw_beats(recording(calibrated=False), beat(**POINTS)))
    assert "gain unknown" in unknown.footer and "calibration" not in unknown.parts
    with pytest.raises(UsageError, match="gain"):
        draw_beats(recording(calibrated=False), beat(), over=(recording(), beat()))


@pytest.mark.parametrize(
    "wrong",
    [
        {"signal": np.zeros((11, 500))},
        {"signal": np.zeros(500)},
        {"signal": np.zeros((12, 0))},
        {"rate": 0},
        {"rate": float("nan")},
        {"r_peak": 500},
        {"r_peak": float("nan")},
        {"qrs_onset": -1},
        {"t_offset": 499.5},
        {"p_onset": 200, "qrs_onset": 190},
        {"qrs_offset": 300, "t_offset": 299},
    ],
)
def test_impossible_beats_are_refused_with_a_mend(wrong):
    with pytest.raises(SignalError) as caught:
        Beat(**{"signal": np.zeros((12, 500)), "rate": 500, "r_peak": 210, **wrong})
    assert caught.value.mend
