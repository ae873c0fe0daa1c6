"""A second ECG on the same paper: on the same scale, told apart without colour, and both named."""

from datetime import datetime
from xml.etree import ElementTree

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, Patient, UsageError
from einthoven.paper import draw

LEFT, TOP = 28.5, 20.0
NAMES = ("query.dcm", "neighbour")


def constant(value=0.0, seconds=10, rate=500, **more):
    return ECG(np.full((12, round(seconds * rate)), value), rate, **more)


@pytest.mark.parametrize("columns", ["sequential", "simultaneous"])
def test_both_are_on_one_scale_in_both_directions(measured, steps, columns):
    """The second steps half as high and is sampled at another rate; its steps stand where the first's do."""
    first, half = steps(), steps(rate=250)
    page = measured(draw(first, over=ECG(half.signal / 2, 250), columns=columns))
    for name, _, (points,) in page.second:
        number = LEADS.index(name) + 1
        assert np.ptp(points[:, 1]) == pytest.approx(number / 2, abs=0.011)
    for lead in ("II", "V6"):
        ups = [
            points[1:][np.diff(points[:, 1]) < -0.02][:, 0]  # the first sample after each step
            for points in (page.trace(lead, -1), page.over(lead, -1))
        ]
        assert ups[0] == pytest.approx(ups[1], abs=0.011)


def test_the_first_is_drawn_as_if_alone_and_on_top(measured, steps):
    alone, both = measured(draw(steps())), measured(draw(steps(), over=constant(0.3)))
    for (lead, start, there), (lead2, start2, here) in zip(alone.traces, both.traces, strict=True):
        assert (lead, start) == (lead2, start2)
        assert np.array_equal(there[0], here[0])
    assert both.text.index("data-over") < both.text.index("data-lead")


@pytest.mark.parametrize("style", ["colour", "mono"])
def test_the_second_differs_by_its_dashes_not_by_colour_alone(style):
    root = ElementTree.fromstring(draw(constant(), over=constant(0.3), style=style))
    groups = {
        role: next(group for group in root.iter() if any(child.get(role) for child in group))
        for role in ("data-lead", "data-over")
    }
    assert min(float(length) for length in groups["data-over"].get("stroke-dasharray", "").split()) > 0.3
    assert not groups["data-lead"].get("stroke-dasharray")
    assert groups["data-over"].get("stroke") != groups["data-lead"].get("stroke")
    swatches = [element for element in root.iter() if element.get("data-part") == "swatch"]
    assert [swatch.get("stroke") for swatch in swatches] == [
        groups[role].get("stroke") for role in ("data-lead", "data-over")
    ]
    assert [swatch.get("stroke-dasharray") for swatch in swatches] == [
        None,
        groups["data-over"].get("stroke-dasharray"),
    ]


@pytest.mark.parametrize("header", [True, False])
def test_both_are_identified(measured, header):
    first = constant(patient=Patient("P-1", 63, "female"), time=datetime(2001, 2, 3, 4, 5, 6))
    second = constant(0.3, patient=Patient("P-2", 41, "male"))
    page = measured(draw(first, over=second, names=NAMES, header=header))
    legend = page.header if header else page.footer
    for words in (*NAMES, "63 years", "female", "2001-02-03 04:05:06", "41 years", "male"):
        assert words in legend
    assert "Research use only. Not for diagnosis." in legend
    assert "P-1" not in page.text and "P-2" not in page.text
    shown = measured(draw(first, over=second, names=NAMES, header=header, show_id=True))
    assert "ID P-1" in (shown.header or shown.footer) and "ID P-2" in (shown.header or shown.footer)
    # Each name stands on the line of its swatch.
    lines = {text.split("  ")[0]: y for _, y, _, _, text in page.words for name in NAMES if name in text}
    marks = [float(swatch[0][0, 1]) for swatch in page.parts["swatch"]]
    assert len(lines) == 2
    assert [y - mark for y, mark in zip(lines.values(), marks, strict=True)] == pytest.approx([1, 1])


def test_remarks_say_of_which_ecg_they_are(measured):
    high = np.zeros((12, 5000))
    high[7, 3000:3100] = 40
    gaps = np.zeros((12, 2000))
    gaps[0, 5:9] = np.nan
    gaps[11] = np.nan
    page = measured(draw(ECG(high, 500), over=ECG(gaps, 250), names=NAMES))
    assert "query.dcm: clipped: V2" in page.footer
    assert "neighbour: gaps: I" in page.footer and "neighbour: missing: V6" in page.footer
    assert "neighbour: recording of 8 s" in page.footer
    assert "500 Hz and 250 Hz" in page.footer
    assert page.label("V6")[2] == "V6"  # the first has it


def test_derived_leads_of_the_second_are_named_and_not_marked_on_the_first(measured):
    derived = ECG(np.zeros((8, 5000)), 500, ["I", "II", *LEADS[6:]])
    page = measured(draw(constant(), over=derived, names=NAMES))
    assert "neighbour: derived: III aVR aVL aVF" in page.footer and "*" not in page.footer
    assert page.label("III")[2] == "III"
    other = measured(draw(derived, over=constant(), names=NAMES))
    assert other.label("III")[2] == "III*" and "* derived from other limb leads" in other.footer


def test_no_common_scale_no_overlay():
    unknown = constant(100.0, calibrated=False)
    for first, second in ((unknown, constant()), (constant(), unknown)):
        with pytest.raises(UsageError, match="gain") as caught:
            draw(first, over=second)
        assert caught.value.mend


def test_hostile_and_endless_names_are_harmless(measured):
    hostile = "</text><script>alert(1)</script>\x00\u202e" * 9
    who = Patient(hostile, 63, hostile)
    one, two = constant(patient=who, time=datetime(2001, 2, 3)), constant(patient=who, time=datetime(2001, 2, 3))
    for speed in (5, 25):
        page = measured(draw(one, over=two, names=(hostile, hostile), show_id=True, speed=speed))
        assert "<script" not in page.text
        spots = page.everything()
        assert spots.min() >= -1e-6
        assert (spots.max(axis=0) <= np.array([page.width, page.height]) + 1e-6).all()
