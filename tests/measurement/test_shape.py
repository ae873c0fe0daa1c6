"""Smoothing and the search for where a course becomes quiet, against slow and obvious versions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.measurement.correction import corrected
from einthoven.measurement.shape import quiet_after, quiet_before, smooth


@pytest.mark.parametrize("width", [1, 2, 3, 5, 6, 8, 11])
def test_smoothing_is_a_centred_triangle(width):
    rows = np.random.default_rng(width).normal(size=(3, 80))
    triangle = np.convolve(np.ones(width), np.ones(width)) / width**2
    for row, found in zip(rows, smooth(rows, width), strict=True):
        slow = np.convolve(np.pad(row, width - 1, mode="edge"), triangle, "valid")
        assert found == pytest.approx(slow, abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=20, max_size=40), st.integers(0, 5), st.integers(10, 15))
def test_the_quiet_is_where_it_is_first_met(values, samples, start):
    course = np.array(values)
    before = next((n for n in range(start, 5, -1) if (course[n - samples : n + 1] < 0.5).all()), 5)
    assert quiet_before(course, start, 0.5, samples, 5) == before
    after = next((n for n in range(start, 14) if (course[n : n + samples + 1] < 0.5).all()), max(14, start))
    assert quiet_after(course, start, 0.5, samples, 14) == after


@given(st.floats(40, 150), st.floats(250, 600))
def test_corrections_leave_60_alone_and_shorten_what_is_slower(rate, qt):
    assert set(corrected(qt, 60).values()) == {qt}
    for value in corrected(qt, rate).values():
        assert (value - qt) * (rate - 60) >= 0
