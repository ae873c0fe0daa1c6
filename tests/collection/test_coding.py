import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.collection.coding import decode, decode_block, encode
from einthoven.ecg import CollectionError


def test_every_microvolt_comes_back_bit_for_bit():
    signal = (np.arange(-32767, 32765).reshape(12, -1) / 1000).astype(np.float32)
    raw, scale = encode(signal, calibrated=True)
    assert scale == 0.001
    np.testing.assert_array_equal(decode(raw, scale), signal)


def test_gaps_stay_gaps():
    signal = np.full((12, 3), np.nan, np.float32)
    signal[0, 1] = -32.767
    raw, scale = encode(signal, calibrated=True)
    np.testing.assert_array_equal(decode(raw, scale), signal)


@given(st.floats(2.0**-80, 2.0**100, width=32), st.booleans())
def test_nothing_clips_whatever_the_size(largest, calibrated):
    signal = np.linspace(-largest, largest, 24, dtype=np.float32).reshape(12, 2)
    raw, scale = encode(signal, calibrated)
    rounding = np.spacing(np.float32(largest))  # of the decoded number itself
    assert np.abs(decode(raw, scale) - signal).max() <= 0.5001 * scale + rounding
    assert scale <= max(0.001, largest / 16000) if calibrated else scale <= largest / 16000


def test_uncalibrated_counts_are_exact():
    signal = np.random.default_rng(0).integers(-32767, 32768, (12, 50)).astype(np.float32)
    np.testing.assert_array_equal(decode(*encode(signal, calibrated=False)), signal)


def test_flat_uncalibrated_signal():
    signal = np.zeros((12, 5), np.float32)
    np.testing.assert_array_equal(decode(*encode(signal, calibrated=False)), signal)


def test_a_block_has_a_scale_for_each():
    units = np.ones((2, 12, 3), np.int16)
    np.testing.assert_allclose(decode_block(units, np.array([0.001, 4.0]))[:, 0, 0], [0.001, 4.0])


@pytest.mark.parametrize("raw", [b"", b"12345"])
def test_refuses_bytes_that_are_no_signal(raw):
    with pytest.raises(CollectionError, match="int16"):
        decode(raw, 0.001)
