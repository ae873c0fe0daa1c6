"""Resampling and filtering against scipy, against the sinusoids' own formula, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.signal import butter, resample_poly, sosfiltfilt

from einthoven import testing
from einthoven.ecg import UsageError
from einthoven.signal import bandpass, highpass, lowpass, resample, resample_and_filter
from einthoven.signal.plan import plan

RATIOS = [(500, 100), (1000, 100), (250, 100), (400, 100), (257, 100), (100, 500), (360, 250), (499.87, 100)]


@pytest.mark.parametrize(("rate", "to"), RATIOS)
@pytest.mark.parametrize("hz", [0.3, 5.0, 17.0, 40.0])
def test_a_sinusoid_keeps_amplitude_and_phase(rate, to, hz):
    seconds = 10
    wave = np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate + 0.7)
    found = resample(wave, rate, to)
    expected = np.sin(2 * np.pi * hz * np.arange(found.size) / to + 0.7)
    inner = slice(round(to), -round(to))
    # a rate that is no simple fraction may drift by 0.02 samples over the recording
    tolerance = 5e-4 if rate == round(rate) else 2 * np.pi * hz * 0.02 / to
    assert np.abs(found - expected)[inner].max() < tolerance


@pytest.mark.parametrize(("rate", "to"), [(500, 100), (1000, 100), (250, 100), (100, 500)])
def test_an_ecg_comes_out_as_from_a_polyphase_filter(rate, to):
    ecg = testing.simulate(rate=rate, noise=0.0)
    up, down = (1, rate // to) if rate > to else (to // rate, 1)
    if (rate, to) == (250, 100):
        up, down = 2, 5
    expected = resample_poly(ecg.signal, up, down, axis=-1, window=("kaiser", 8.0))
    found = resample(ecg.signal, rate, to)
    assert np.abs(found - expected)[:, to:-to].max() < 0.01 * np.abs(expected).max()


@pytest.mark.parametrize("rate", [500, 1000])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_filters_equal_butterworth_run_forth_and_back(rate, order):
    rng = np.random.default_rng(3)
    signal = testing.simulate(rate=rate).signal + 0.05 * rng.standard_normal((12, 10 * rate))
    inner = slice(3 * rate, -3 * rate)
    for found, edges, kind in (
        (highpass(signal, rate, 0.5, order), 0.5, "highpass"),
        (lowpass(signal, rate, 20.0, order), 20.0, "lowpass"),
        (bandpass(signal, rate, 5.0, 20.0, order), (5.0, 20.0), None),
    ):
        if kind is None:  # scipy's band-pass is another filter than a low-pass after a high-pass
            forth = sosfiltfilt(butter(order, edges[0], "highpass", fs=rate, output="sos"), signal)
            expected = sosfiltfilt(butter(order, edges[1], "lowpass", fs=rate, output="sos"), forth)
        else:
            expected = sosfiltfilt(butter(order, edges, kind, fs=rate, output="sos"), signal, padlen=2 * rate)
        # scipy's digital filter differs from the analogue one near the Nyquist frequency
        assert np.abs(found - expected)[:, inner].max() < 0.02 * np.abs(expected).max()


@pytest.mark.parametrize(("hz", "share"), [(0.5, 0.5), (5.0, 1.0), (0.05, 0.0)])
def test_the_high_pass_halves_its_edge(hz, share):
    wave = np.sin(2 * np.pi * hz * np.arange(12_000) / 100)
    inner = highpass(wave, 100, 0.5)[4000:8000]
    assert np.abs(inner - share * wave[4000:8000]).max() < 2e-3


def test_nothing_above_the_new_nyquist_frequency_folds_back():
    clock = np.arange(5000) / 500
    for hz in (51.0, 60.0, 99.0, 170.0):
        assert np.abs(resample(np.sin(2 * np.pi * hz * clock), 500, 100)[100:-100]).max() < 2e-4


def test_fused_equals_one_after_the_other():
    signal = testing.simulate(rate=500).signal
    fused = resample_and_filter(signal, 500, 100, low=0.5, high=40)
    separate = bandpass(resample(signal, 500, 100), 100, 0.5, 40)
    assert np.abs(fused - separate)[:, 150:-150].max() < 2e-3


def test_the_ends_do_not_ring():
    """A crop is filtered as the whole is, at its ends to within a tenth of the QRS complexes."""
    whole = testing.simulate(seconds=20, rate=500).signal + np.float32(5.0)
    crop = whole[:, 2600:7600]
    truth = resample(whole, 500, 100)[:, 520:1520]
    error = np.abs(resample(crop, 500, 100) - truth)
    assert error[:, 50:-50].max() < 1e-4
    assert error.max() < 0.1
    baseline = highpass(crop, 500, 0.5) - highpass(whole, 500, 0.5)[:, 2600:7600]
    assert np.abs(baseline).max() < 0.15


def test_leading_axes_and_dtype_and_length():
    batch = np.random.default_rng(0).standard_normal((3, 12, 1285))
    found = resample_and_filter(batch, 257, 100, low=0.5)
    assert found.shape == (3, 12, 500) and found.dtype == np.float32
    alone = resample_and_filter(batch[1, 4], 257, 100, low=0.5)
    assert np.allclose(found[1, 4], alone, atol=1e-5)


def test_large_batches_are_cut_into_blocks_without_a_seam():
    batch = np.random.default_rng(0).standard_normal((9, 12, 5000)).astype(np.float32)
    found = resample(batch, 500, 100)
    assert np.allclose(found[8, 11], resample(batch[8, 11], 500, 100), atol=1e-5)


def test_a_gap_stays_a_gap_and_a_missing_lead_stays_missing():
    signal = testing.simulate(rate=500).signal.copy()
    whole = resample(signal, 500, 100)
    signal[2] = np.nan
    signal[3, 1000:1500] = np.nan
    found = resample(signal, 500, 100)
    assert np.isnan(found[2]).all()
    assert np.flatnonzero(np.isnan(found[3])).tolist() == list(range(200, 301))
    assert np.isfinite(np.delete(found, [2, 3], axis=0)).all()
    untouched = np.r_[0:180, 320:1000]
    assert np.abs(found[3, untouched] - whole[3, untouched]).max() < 0.01


def test_a_single_invalid_sample_costs_its_neighbours_alone():
    row = np.ones(1000, np.float32)
    row[500] = np.nan
    assert np.flatnonzero(np.isnan(highpass(row, 100, 0.5))).tolist() == [500]
    assert np.flatnonzero(np.isnan(resample(row, 500, 100))).tolist() == [100]
    assert np.flatnonzero(np.isnan(resample(row, 100, 200))).tolist() == [999, 1000, 1001]


@example(samples=1, rate=850.0, to=50.0, level=0.0)
@given(
    samples=st.integers(1, 700),
    rate=st.floats(50, 2000),
    to=st.floats(50, 1000),
    level=st.floats(-300, 300),
)
def test_any_length_and_ratio_keeps_a_constant(samples, rate, to, level):
    found = resample(np.full((2, samples), level), rate, to)
    assert found.shape == (2, max(1, int(samples * to / rate + 0.5)))
    assert np.allclose(found, level, atol=1e-3)


@pytest.mark.parametrize(
    "arguments",
    [
        {"rate": 0, "to": 100},
        {"rate": 500, "to": float("nan")},
        {"rate": 500, "to": 100, "low": 60},
        {"rate": 500, "to": 100, "low": 30, "high": 20},
        {"rate": 500, "to": 100, "low": 0},
        {"rate": 500, "to": 100, "low": 1, "order": 0},
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(arguments):
    with pytest.raises(UsageError) as error:
        resample_and_filter(np.zeros(1000), **arguments)
    assert error.value.mend


def test_no_samples_are_refused():
    with pytest.raises(UsageError):
        resample(np.zeros((12, 0)), 500, 100)


@pytest.mark.parametrize("samples", [1000, 4096, 4999, 5000, 10_000])
def test_transforms_have_sizes_without_large_factors(samples):
    p = plan(samples, 500.0, 100.0, 0.5, None, 2)
    rest = p.out_padded
    for factor in (2, 3, 5, 7):
        while rest % factor == 0:
            rest //= factor
    assert rest == 1
    assert p.padded * 100 == p.out_padded * 500
