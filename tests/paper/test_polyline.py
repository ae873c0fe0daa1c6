"""Paths against a slow, exact reference: how far each sample is from the line drawn."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from einthoven.paper.polyline import TOLERANCE, needed, path


def points(d):
    """Corner points of the only subpath, from an M and an l command."""
    start, steps = re.fullmatch(r"M(.*)l(.*)", d).groups()
    numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", f"{start} {steps}")]
    return np.cumsum(np.array(numbers).reshape(-1, 2), axis=0)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 150),
    st.sampled_from([0.0013, 0.025, 0.05, 0.25]),
    st.sampled_from([0.0, 0.002, 0.02, 0.5]),
)
@example(15822, 4, 0.0013, 0.02)  # samples of one hundredth across, beyond the end of their line
def test_every_sample_is_within_a_hundredth(farthest, seed, count, pitch, roughness):
    rng = np.random.default_rng(seed)
    x = 20 + np.arange(count) * pitch
    y = 50 + 8 * np.sin(x) + rng.normal(0, roughness, count)
    line = points(path(x, y, 0, 100)[0])
    assert farthest(np.stack([x, y], axis=1), line) <= TOLERANCE + 1e-9


def test_a_flat_line_is_two_points_and_noise_stays():
    x = np.arange(1000) * 0.05
    assert path(x, np.full(1000, 30.0), 0, 100)[0] == "M0 30l49.95 0"
    rough = np.random.default_rng(1).normal(50, 1, 1000)
    assert needed(x, rough, x, rough).mean() > 0.9


def test_coordinates_are_hundredths():
    x = np.arange(50) / 7
    d, _ = path(x, 40 + np.cos(x) / 3, 0, 100)
    assert all(len(n.partition(".")[2]) <= 2 for n in re.findall(r"\d*\.\d+|\d+", d))


def test_gaps_break_and_lone_samples_are_dots():
    nan = np.nan
    y = np.array([nan, 5, 5, nan, nan, 7, nan, 8, 8])
    assert path(np.arange(9.0), y, 0, 10) == ("M1 5l1 0M5 7l0 0M7 8l1 0", False)
    assert path(np.arange(3.0), np.full(3, nan), 0, 10) == ("", False)


def test_cut_lines_keep_their_slope_at_both_edges():
    x = np.array([0.0, 1.0, 2.0, 3.0])
    y = np.array([5.0, 30.0, -10.0, 10.0])
    d, cut = path(x, y, 0, 10)
    assert cut
    assert d == "M0 5l.2 5M1.5 10l.25-10M2.5 0l.5 10"


@pytest.mark.parametrize("huge", [1e6, 1e38, -1e38])
def test_absurd_values_stay_off_the_page(huge):
    d, cut = path(np.array([0.0, 1.0, 2.0]), np.array([5.0, huge, 5.0]), 0, 10)
    assert cut and "e" not in d and len(d) < 60


def test_what_lies_all_beyond_the_page_is_no_path():
    assert path(np.arange(3.0), np.full(3, 99.0), 0, 10) == ("", True)


def test_a_line_along_the_edge_is_on_the_page():
    assert path(np.arange(3.0), np.full(3, 10.0), 0, 10) == ("M0 10l2 0", False)
