"""The page measured with a ruler: millimetres read back from the SVG text."""

import re
import time as clock
from datetime import datetime
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, Patient, UsageError
from einthoven.paper import COLUMNS, LAYOUTS, Layout, Page, draw, strip

LEFT, TOP = 28.5, 20.0
"""x of time 0 and y of the grid's upper edge on the standard page."""


def constant(value=0.0, seconds=10, rate=500, **more):
    return ECG(np.full((12, round(seconds * rate)), value), rate, **more)


@pytest.mark.parametrize("gain", [5, 10, 20])
@pytest.mark.parametrize("speed", [25, 50])
def test_a_step_is_gain_high_and_a_second_is_speed_wide(measured, steps, speed, gain):
    page = measured(draw(steps(), "12x1", speed=speed, gain=gain))
    for number, lead in enumerate(LEADS):
        points = page.trace(lead)
        heights = np.unique(points[:, 1].round(4))
        assert heights.max() - heights.min() == pytest.approx((number + 1) / 10 * gain, abs=0.005)
        # The last sample before each step, and the first after it, are corners of the line.
        rises = points[:-1][np.diff(points[:, 1]) < 0][:, 0]
        assert np.diff(rises) == pytest.approx(2 * speed, abs=0.011)
        assert points[-1, 0] - points[0, 0] == pytest.approx((10 - 1 / 500) * speed, abs=0.011)


@pytest.mark.parametrize("gain", [5, 10, 20])
@pytest.mark.parametrize("speed", [25, 50])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_millivolt_and_one_second_in_every_layout(measured, steps, layout, speed, gain):
    """Lead k steps by k/10 mV at whole seconds; nothing else, the page included, depends on it."""
    page = measured(draw(steps(rate=100), layout, speed=speed, gain=gain))
    for name, start, (points,) in page.traces:
        number = LEADS.index(name.lstrip("−")) + 1
        assert np.ptp(points[:, 1]) == pytest.approx(number / 10 * gain, abs=0.011)
        edges = points[:-1][np.abs(np.diff(points[:, 1])) > 0.02][:, 0]  # the last sample before each step
        seconds = start + (edges - points[0, 0]) / speed
        assert seconds == pytest.approx(np.ceil(start + 0.005) + np.arange(len(edges)) - 0.01, abs=0.001)
    heights = {round(float(np.ptp(pulse[:, 1])), 2) for (pulse,) in page.parts["calibration"]}
    assert heights == {gain}


@pytest.mark.parametrize("columns", COLUMNS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_column_shows_the_time_that_the_footer_says(measured, layout, columns):
    """A ramp of 0.1 mV a second is a clock: its height tells the time of each sample drawn."""
    clocked = np.tile(np.arange(2000) / 2000, (12, 1))
    page = measured(draw(ECG(clocked, 200), layout, columns=columns))
    cells = list(LAYOUTS[layout].cells())
    for (name, _, (points,)), cell in zip(page.traces, cells, strict=True):
        baseline = TOP + LAYOUTS[layout].above + cell.row * LAYOUTS[layout].pitch
        sign = -1 if name.startswith("−") else 1
        time = sign * (baseline - points[:, 1])  # 1 mm is 1 s
        place = (points[:, 0] - LEFT) / 25
        rhythm = cell.stop - cell.start == LAYOUTS[layout].seconds
        shift = 0 if columns == "sequential" or rhythm else cell.at
        assert time == pytest.approx(place - shift, abs=0.011)
    if len(LAYOUTS[layout].columns) > 1:
        assert f"{columns} columns" in page.footer


def test_simultaneous_columns_say_how_little_of_the_recording_they_show(measured):
    assert "0-2.5 s of 10 s" in measured(draw(constant(), "3x4", columns="simultaneous")).footer
    assert "of 10 s" not in measured(draw(constant(), "3x4")).footer


@pytest.mark.parametrize("gain", [10, 20, 50])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_pulse_stands_in_another(measured, layout, gain):
    page = measured(draw(constant(), layout, gain=gain))
    spans = sorted((float(p[:, 1].min()), float(p[:, 1].max())) for pulse in page.parts["calibration"] for p in pulse)
    assert spans and all(lower < upper for (_, lower), (upper, _) in pairwise(spans))


@pytest.mark.parametrize("layout", ["3x4+1", "12x1"])
@pytest.mark.parametrize("speed", [5, 25])
@pytest.mark.parametrize("header", [True, False])
def test_nothing_lies_outside_the_page(measured, layout, speed, header):
    """Not even with words as long as files may hold, and signals far beyond any."""
    signal = np.random.default_rng(1).normal(0, 8, (12, 500))
    who = Patient(id="i" * 300, age=63, sex="s" * 300)
    ecg = ECG(signal, 50, patient=who, time=datetime(2001, 2, 3), device="d" * 300)
    page = measured(draw(ecg, layout, speed=speed, gain=20, header=header, show_id=True, filter="f" * 300))
    assert "clipped: I II III aVR aVL aVF V1 V2 V3 V4 V5 V6" in page.footer
    spots = page.everything()
    assert spots.min() >= -1e-6
    assert (spots.max(axis=0) <= np.array([page.width, page.height]) + 1e-6).all()


def test_a_page_wider_than_a4_says_how_wide_it_is(measured):
    page = measured(draw(constant(), speed=50))
    assert f"page {page.width:g} mm wide" in page.footer
    assert "wide" not in measured(draw(constant())).footer


def test_voltage_goes_up_on_paper(measured):
    up = measured(draw(constant(0.5))).trace("I")[0, 1]
    assert up == pytest.approx(measured(draw(constant(0.0))).trace("I")[0, 1] - 5)


def test_a_ramp_lies_where_its_samples_say(measured):
    ramp = np.tile(np.linspace(-1, 1, 5000), (12, 1))
    points = measured(draw(ECG(ramp, 500), "12x1")).trace("V3")
    baseline = TOP + 13 + 8 * 14
    expected = baseline - 10 * np.interp(points[:, 0], LEFT + np.arange(5000) * 0.05, ramp[0])
    assert np.abs(points[:, 1] - expected).max() <= 0.0101
    assert len(points) < 400  # a straight line needs few points; rounding asks for some


@pytest.mark.parametrize(("speed", "gain"), [(25, 10), (50, 10), (25, 20), (25, 5)])
def test_calibration_pulse_stands_on_every_baseline(measured, speed, gain):
    page = measured(draw(constant(), speed=speed, gain=gain))
    pulses = page.parts["calibration"]
    assert len(pulses) == 4
    for row, (pulse,) in enumerate(pulses):
        assert pulse[:, 1].max() == TOP + 30 + 40 * row
        assert np.ptp(pulse[:, 1]) == pytest.approx(gain)
        high = pulse[pulse[:, 1] == pulse[:, 1].min()]
        assert np.ptp(high[:, 0]) == pytest.approx(0.2 * speed)
        assert pulse[:, 0].max() < page.trace("I")[0, 0]


def test_columns_follow_each_other_in_time(measured):
    clocked = np.tile(np.arange(5000) / 500 / 10, (12, 1))  # 0.1 mV for each second
    page = measured(draw(ECG(clocked, 500)))
    for column, leads in enumerate((LEADS[:3], LEADS[3:6], LEADS[6:9], LEADS[9:])):
        for row, lead in enumerate(leads):
            points = page.trace(lead)
            assert points[0] == pytest.approx([LEFT + column * 62.5, TOP + 30 + 40 * row - column * 2.5])
            end = min((column + 1) * 2.5, 9.998)
            assert points[-1] == pytest.approx([LEFT + end * 25, TOP + 30 + 40 * row - end], abs=0.006)
    rhythm = page.trace("II", 1)
    assert rhythm[0] == pytest.approx([LEFT, TOP + 150])
    assert rhythm[-1] == pytest.approx([LEFT + 249.95, TOP + 150 - 9.998], abs=0.006)
    assert "sequential columns" in page.footer


def test_simultaneous_columns_all_start_at_zero(measured):
    clocked = np.tile(np.arange(5000) / 500 / 10, (12, 1))
    together = Layout(LAYOUTS["3x4+1"].columns, 2.5, rhythm=("II",), sequential=False)
    page = measured(draw(ECG(clocked, 500), together))
    assert {page.trace(lead)[0, 1] - page.trace("I")[0, 1] for lead in ("aVR", "V1", "V4")} == {0}
    assert page.trace("V4")[0, 0] == LEFT + 187.5
    assert "simultaneous columns" in page.footer and "sequential" not in page.footer


def test_labels_stand_above_the_start_of_their_traces(measured):
    page = measured(draw(constant()))
    assert [name for name, *_ in page.labels] == [*LEADS, "II"]
    for lead in LEADS:
        x, y, text = page.label(lead)
        start = page.trace(lead)[0]
        assert text == lead and 0 < x - start[0] <= 2 and 5 < start[1] - y <= 15


def test_separators_stand_between_columns(measured):
    page = measured(draw(constant()))
    places = sorted({float(bar[0, 0]) for bars in page.parts["separator"] for bar in bars})
    assert places == [LEFT + 62.5, LEFT + 125, LEFT + 187.5]
    assert len(page.parts["separator"]) == 9  # none in the rhythm row
    assert "separator" not in measured(draw(constant(), "12x1")).parts


def test_cabrera_inverts_avr_and_says_so(measured):
    page = measured(draw(constant(0.3), "cabrera"))
    assert [name for name, *_ in page.labels][:6] == ["aVL", "I", "−aVR", "II", "aVF", "III"]
    assert page.trace("−aVR")[0, 1] == pytest.approx(TOP + 25 + 50 + 3)
    assert page.trace("II")[0, 1] == pytest.approx(TOP + 25 + 75 - 3)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_a4_across_and_holds_its_leads(measured, layout):
    page = measured(draw(constant(), layout))
    assert (page.width, page.height) == (297, 210)
    assert {name.lstrip("−") for name, *_ in page.traces} == set(LEADS)
    for _, _, subpaths in page.traces:
        for points in subpaths:
            assert points[:, 0].max() <= LEFT + 250


def test_speed_makes_the_page_wider_and_nothing_else(measured):
    slow, fast = measured(draw(constant())), measured(draw(constant(), speed=50))
    assert fast.width - slow.width == 250 + 5  # traces twice as wide, pulse too
    assert fast.height == slow.height


def test_header_tells_what_the_record_tells(measured):
    patient = Patient(id="P-77", age=63, sex="female")
    ecg = constant(patient=patient, time=datetime(2001, 2, 3, 4, 5, 6), device="Cart 9")
    page = measured(draw(ecg))
    for words in ("63 years", "female", "2001-02-03 04:05:06", "Cart 9"):
        assert words in page.header
    assert "Research use only. Not for diagnosis." in page.header
    assert "P-77" not in page.text
    assert "ID P-77" in measured(draw(ecg, show_id=True)).header


def test_without_header_the_words_move_to_the_footer(measured):
    page = measured(draw(constant(patient=Patient("P-77", 63)), header=False, show_id=True))
    assert page.header == "" and "P-77" not in page.text and "63" not in page.footer
    assert "Research use only. Not for diagnosis." in page.footer
    assert page.height == 195


def test_footer_states_speed_gain_filter_and_rate(measured):
    page = measured(draw(constant(), speed=50, gain=5, filter="0.5-40 Hz"))
    for words in ("50 mm/s", "5 mm/mV", "filter: 0.5-40 Hz", "500 Hz"):
        assert words in page.footer
    assert "filter: none" in measured(draw(constant())).footer


HOSTILE = "</text><script>alert('x')</script>&lol;\x00\x1b[31m\ud800\u202e\ufffe]]><!-- "


def test_hostile_words_are_harmless(measured):
    ecg = constant(patient=Patient(HOSTILE, 50, HOSTILE), device=HOSTILE * 40)
    svg = draw(ecg, show_id=True, filter=HOSTILE)
    page = measured(svg)  # well-formed
    root = ElementTree.fromstring(svg)
    assert {element.tag.split("}")[1] for element in root.iter()} == {"svg", "g", "path", "text", "tspan"}
    assert "alert" in page.header  # shown as words
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e\ufffe\ud800-\udfff]", svg)
    assert len(page.header) < 300
    svg.encode("utf-8")


@pytest.mark.parametrize("svg", [draw(constant()), draw(constant(), style="mono"), strip(constant())])
def test_nothing_is_fetched_or_shared(svg):
    """No references, identifiers or style rules: safe offline, and several in one page."""
    bare = svg.replace('xmlns="http://www.w3.org/2000/svg"', "", 1)
    assert not re.search(r"https?:|href|url\(|@import|<style|<script|<image|\bid=|\bon\w+=", bare)


def test_mono_has_no_hue():
    colours = re.findall(r"#([0-9a-f]{6})", draw(constant(), style="mono"))
    assert colours and all(c[:2] == c[2:4] == c[4:] for c in colours)


@pytest.mark.parametrize(
    "wrong",
    [
        {"layout": "5x5"},
        {"style": "neon"},
        {"columns": "alternating"},
        {"speed": 0},
        {"speed": float("nan")},
        {"gain": -10},
        {"gain": float("inf")},
    ],
)
def test_impossible_wishes_are_refused_with_a_mend(wrong):
    with pytest.raises(UsageError) as caught:
        draw(constant(), **wrong)
    assert caught.value.mend


def test_size_and_speed_of_a_noisy_record():
    noise = np.random.default_rng(0).normal(0, 0.02, (12, 5000)).cumsum(axis=1) / 20
    ecg = ECG(noise, 500)
    times = []
    for _ in range(5):
        began = clock.process_time()
        svg = draw(ecg)
        times.append(clock.process_time() - began)
    assert len(svg.encode()) <= 350_000
    assert min(times) <= 0.06


def test_a_long_footer_makes_the_page_higher(measured):
    signal = np.zeros((8, 5000))
    signal[:, 5:9] = np.nan
    ecg = ECG(signal, 500, ["I", "II", *LEADS[6:]])
    page = measured(draw(ecg, speed=5, header=False))
    assert len(page.footer_lines) > 4
    assert page.height > max(y for y, _ in page.footer_lines)
    heights = [y for y, _ in page.footer_lines]
    assert heights == sorted(heights) and heights[0] > 180


def test_strip_is_small_and_to_scale(measured, steps):
    page = measured(strip(steps(), seconds=3))
    assert [name for name, *_ in page.labels] == ["II", "V1", "V5"]
    assert page.width == 95 and page.height < 80
    points = page.trace("V5")
    assert np.ptp(points[:, 1]) == pytest.approx(11) and np.ptp(points[:, 0]) == pytest.approx(75)
    assert "Research use only" in page.footer and "0-3 s of 10 s" in page.footer
    assert [name for name, *_ in measured(strip(steps(), "aVF")).labels] == ["aVF"]


def test_strip_refuses_what_is_no_lead_or_no_time():
    with pytest.raises(UsageError):
        strip(constant(), ("X",))
    with pytest.raises(UsageError):
        strip(constant(), (), 3)
    with pytest.raises(UsageError):
        strip(constant(), seconds=float("nan"))


def test_a_rate_that_does_not_divide_the_columns(measured):
    page = measured(draw(constant(rate=257.3)))
    for column, lead in enumerate(("I", "aVR", "V1", "V4")):
        points = page.trace(lead)
        left = LEFT + column * 62.5
        assert left <= points[0, 0] < left + 25 / 257.3 + 0.005
        assert left + 62.5 - 25 / 257.3 - 0.005 < points[-1, 0] <= left + 62.5


def test_rounding_does_not_widen_the_page(measured):
    three = Layout((("I",), ("II",), ("III",)), 1.3)  # 3 * 1.3 * 50 is a little more than 195
    assert measured(draw(constant(), three, speed=50)).width == 220 + 27


def test_another_page_moves_everything(measured):
    page = measured(draw(constant(), page=Page(margin=20, header=30)))
    assert page.width == 310 and page.height == 220
    assert page.trace("I")[0] == pytest.approx([35, 60])


def test_a_real_ecg_is_drawn_as_recorded(measured, farthest):
    """pydicom's own test file: 12 leads, 1000 Hz, microvolts."""
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file

    dataset = pydicom.dcmread(get_testdata_file("waveform_ecg.dcm", download=False))
    channels = dataset.WaveformSequence[0].ChannelDefinitionSequence
    names = [channel.ChannelSourceSequence[0].CodeMeaning for channel in channels]
    ecg = ECG(dataset.waveform_array(0).T / 1000, 1000, names)
    svg = draw(ecg)
    assert len(svg) <= 350_000
    page = measured(svg)
    for lead, column, row in (("I", 0, 0), ("aVF", 1, 2), ("V5", 3, 1)):
        points = page.trace(lead)
        start = column * 2500
        x = LEFT + np.arange(start, min(start + 2501, 10_000)) * 0.025
        y = TOP + 30 + 40 * row - 10 * ecg.lead(lead)[start : start + 2501].astype(float)
        assert points[0, 0] == x[0]
        assert farthest(np.stack([x, y], axis=1), points) <= 0.01 + 1e-9
