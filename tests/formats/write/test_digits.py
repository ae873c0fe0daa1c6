"""Steps of 16-bit integers: nothing clipped, a converter's own step found, coarser only where the range asks for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.ecg import SignalError
from einthoven.formats.write.digits import INVALID, digits_of, plain


def back(digits) -> np.ndarray:
    values = (digits.raw.astype(np.float64) + digits.zero) * digits.step / 1000
    return np.where(digits.raw == INVALID, np.nan, values)


@given(
    arrays(np.float32, st.integers(1, 60), elements=st.floats(-4, 4, width=32)),
    st.floats(-3, 3.6),
    st.floats(-20, 20),
    st.data(),
)
def test_within_half_a_step_of_any_row(row, power, level, data) -> None:
    row = (row * np.float32(10**power) + np.float32(level)).astype(np.float32)
    gaps = data.draw(arrays(bool, len(row)))
    row[gaps & (np.arange(len(row)) > 0)] = np.nan
    digits = digits_of(row, "I")
    found = back(digits)
    assert np.array_equal(np.isnan(found), np.isnan(row))
    off = np.nanmax(np.abs(found - row)) * 1000
    assert off <= digits.step * 0.5 + 1e-6 * np.nanmax(np.abs(row)) * 1000
    assert digits.raw.dtype == np.int16
    lost = np.abs(found - row) > 3e-7 * np.abs(row)  # beyond what float32 rounds
    assert digits.coarse == (digits.step > 1 and lost.any())
    span = float(np.nanmax(row)) - float(np.nanmin(row))
    assert not digits.coarse or span > 60  # 65 mV fit in steps of 1 microvolt


@given(
    st.sampled_from([1, 2, 2.5, 4.88, 5, 0.5, 0.1, 4.8828125, 1000 / 204.8, 3.0517578125, 0.298]),
    arrays(np.int16, st.integers(300, 400), elements=st.integers(-2500, 2500)),
    st.integers(0, 2**32 - 1),
)
def test_a_converters_own_step_loses_nothing(step, raw, seed) -> None:
    """As in a real ECG, neighbouring levels occur."""
    raw[:60] = np.arange(-30, 30)
    np.random.default_rng(seed).shuffle(raw)
    row = raw.astype(np.float32) * np.float32(step / 1000)
    digits = digits_of(row, "I")
    np.testing.assert_allclose(back(digits), row, rtol=3e-7)
    if step in {2.5, 4.88, 4.8828125, 0.5, 0.1, 1}:  # those that are no whole microvolts, and that
        assert digits.step == pytest.approx(step, rel=1e-9)
        assert np.array_equal(digits.raw, raw)


def test_a_level_that_all_samples_share_costs_no_precision() -> None:
    row = (150 + np.linspace(-1, 1, 500)).astype(np.float32)
    digits = digits_of(row, "V1")
    assert digits.step == 1 and not digits.coarse and abs(digits.zero) > 2**15
    assert np.abs(back(digits) - row).max() < 0.00052


def test_a_wide_range_gets_a_coarser_step_and_says_so() -> None:
    row = np.linspace(-100, 100, 777, dtype=np.float32)
    digits = digits_of(row, "V1")
    assert digits.coarse and digits.step == 5
    assert np.abs(back(digits) - row).max() <= 0.0025 * 1.001


@pytest.mark.parametrize("value", [1e30, 5e4, -3e38])
def test_volts_are_refused(value: float) -> None:
    with pytest.raises(SignalError, match="as no ECG does"):
        digits_of(np.array([-value, 0.1, value], np.float32), "V1")


@pytest.mark.parametrize("value", [0.0, 0.123456, 1e-30, -12.5, 3e4])
def test_flat_lines(value: float) -> None:
    row = np.full(50, value, np.float32)
    np.testing.assert_allclose(back(digits_of(row, "I")), row, rtol=1e-6, atol=0.0005)


@given(st.floats(1e-12, 1e12))
def test_plain_numbers_read_back(value: float) -> None:
    text = plain(value)
    assert float(text) == value and set(text) <= set("0123456789.")
