from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import ECG, LEADS
from einthoven.models import Preparation, prepare
from einthoven.models.preparation import preparation_notices
from einthoven.signal import resample_and_filter
from einthoven.testing import add_noise, simulate, with_signal

HOW = Preparation()


def cosine(a, b):
    a, b = a.ravel().astype(float), b.ravel().astype(float)
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


@pytest.fixture(scope="module")
def usual():
    return prepare([simulate(rate=500)], HOW).signal[0]


@pytest.mark.parametrize("rate", [100, 250, 257, 360, 1000])
def test_the_rate_of_the_file_does_not_matter(usual, rate):
    found = prepare([simulate(rate=rate)], HOW)
    assert found.signal.shape == (1, 12, 1000) and found.valid.all()
    assert cosine(found.signal, usual) >= 0.99
    assert np.abs(found.signal).max() == pytest.approx(np.abs(usual).max(), rel=0.1)


def test_amplitude_is_kept_in_units():
    ecg = simulate()
    doubled = with_signal(ecg, ecg.signal * 2)
    one, two = prepare([ecg, doubled], HOW).signal
    np.testing.assert_allclose(two, 2 * one, atol=1e-4)
    np.testing.assert_allclose(prepare([ecg], Preparation(unit_mv=0.4)).signal[0], one / 2, atol=1e-5)


def test_amplitudes_beyond_the_limit_are_cut_off():
    found = prepare([with_signal(simulate(), simulate().signal * 100)], HOW).signal
    assert found.max() == pytest.approx(HOW.limit_mv / HOW.unit_mv) and found.min() >= -25


def test_the_filter_removes_drift_and_mains(usual):
    bare = Preparation(highpass=None, lowpass=None, rate=500)
    for kind, size in (("wander", 0.1), ("mains", 0.3)):
        disturbed = add_noise(simulate(), size, kind)
        assert cosine(prepare([disturbed], HOW).signal[0], usual) >= 0.99
        assert cosine(*(prepare([ecg], bare).signal[0] for ecg in (disturbed, simulate()))) < 0.95


@pytest.mark.parametrize(
    ("seconds", "starts"),
    [(2, [0]), (5, [0]), (9.99, [0]), (10, [0]), (11, [0, 100]), (25, [0, 750, 1500]), (60, [*range(0, 6000, 1000)])],
)
def test_windows(seconds, starts):
    how = Preparation(highpass=None, lowpass=None)
    count = round(seconds * 100)
    ramp = np.arange(count) / 100_000 + np.zeros((12, 1))
    found = prepare([ECG(ramp, rate=100)], how)
    assert found.signal.shape == (len(starts), 12, 1000)
    there = min(count, 1000)
    for window, valid, start in zip(found.signal, found.valid, starts, strict=True):
        expected = (start + np.arange(there)) / 100_000 / how.unit_mv
        np.testing.assert_allclose(window[:, :there], np.tile(expected, (12, 1)), atol=1e-5)
        assert (window[:, there:] == 0).all()
        assert valid[:there].all() and not valid[there:].any()


@pytest.mark.parametrize(
    ("seconds", "kinds"), [(2, ["padded"]), (9.9, ["padded"]), (10, []), (11, ["windows"]), (60, ["windows"])]
)
def test_notices_say_what_is_done(seconds, kinds):
    ecg = simulate(seconds=seconds, rate=250)
    notices = preparation_notices(ecg, HOW)
    assert [notice.kind for notice in notices] == kinds
    windows = len(prepare([ecg], HOW).owner)
    assert (windows > 1) == (kinds == ["windows"])
    if windows > 1:
        assert f"{windows} windows" in notices[0].text


def test_missing_leads_are_zeros_and_the_others_untouched(usual):
    some = ("I", "II", "V2")
    found = prepare([simulate(leads=some)], HOW).signal[0]
    for place, lead in enumerate(LEADS):
        if lead.startswith("V") and lead != "V2":
            assert (found[place] == 0).all()
        else:
            np.testing.assert_allclose(found[place], usual[place], atol=1e-3)


def test_gaps_become_zeros_and_stay_where_they_are(usual):
    signal = simulate().signal.copy()
    signal[3, 2000:2500] = np.nan
    found = prepare([with_signal(simulate(), signal)], HOW).signal[0]
    assert np.isfinite(found).all()
    assert (found[3, 401:499] == 0).all() and np.abs(found[3, 500:560]).max() > 0
    others = [lead for lead in range(12) if lead != 3]
    np.testing.assert_allclose(found[others], usual[others], atol=1e-5)
    np.testing.assert_allclose(found[3, :350], usual[3, :350], atol=0.3)


@pytest.mark.parametrize("gain", [0.001, 1.0, 5000.0])
def test_an_unknown_gain_does_not_matter(gain):
    plain, ecg = simulate(), simulate(leads=("I", "II", "V1", "V6"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = prepare([ECG(ecg.signal * gain, 500, calibrated=False)], HOW).signal[0]
    there = [place for place, lead in enumerate(LEADS) if lead not in ecg.missing]
    known = prepare([plain], HOW).signal[0][there]
    assert cosine(found[there], known) > 0.9999
    rms = np.sqrt(np.square(found[there] * HOW.unit_mv).mean())
    assert rms == pytest.approx(0.2, rel=0.02)


def test_drift_does_not_shrink_a_signal_of_unknown_gain():
    drifting = add_noise(simulate(calibrated=False), 5.0, "wander")
    assert not drifting.calibrated
    found, clean = prepare([drifting, simulate(calibrated=False)], HOW).signal
    assert np.abs(found).max() > 0.5 * np.abs(clean).max()


def test_silence_of_unknown_gain_stays_silence():
    found = prepare([ECG(np.full((12, 1000), 3.0), 100, calibrated=False)], HOW).signal
    assert np.abs(found).max() < 0.05


def test_a_mixed_batch_equals_one_by_one_in_the_order_of_the_ecgs():
    ecgs = [
        simulate(60, seconds=25),
        simulate(70, seconds=5, rate=250),
        simulate(80, leads=("I", "II")),
        simulate(90, seconds=25, calibrated=False),
        simulate(100, seconds=11, rate=100),
        simulate(75, seconds=5, rate=250),
    ]
    together = prepare(ecgs, HOW)
    assert together.owner.tolist() == [0, 0, 0, 1, 2, 3, 3, 3, 4, 4, 5]
    for index, ecg in enumerate(ecgs):
        alone = prepare([ecg], HOW)
        mine = together.owner == index
        np.testing.assert_allclose(together.signal[mine], alone.signal, atol=1e-5)
        np.testing.assert_array_equal(together.valid[mine], alone.valid)


def test_no_ecgs_give_no_windows():
    found = prepare([], HOW)
    assert found.signal.shape == (0, 12, 1000) and found.valid.shape == (0, 1000) and found.owner.shape == (0,)


def test_the_ecg_is_left_as_it_was():
    ecg = simulate(calibrated=False)
    before = ecg.signal.copy()
    prepare([ecg], Preparation(rate=500, highpass=None, lowpass=None))
    np.testing.assert_array_equal(ecg.signal, before)


def slow_spread(signal, over):
    """mV of the filtered recording to units of its standard deviation, lead by lead in double precision."""
    signal = signal.astype(np.float64)
    known = [lead[np.isfinite(lead)] for lead in signal]
    together = np.concatenate(known)
    out = np.zeros_like(signal)
    for row, lead in enumerate(known):
        values = together if over == "record" else lead
        if len(values) and values.std() > 1e-6:
            out[row] = np.nan_to_num(signal[row] / values.std())
    return np.clip(out, -25, 25)


@pytest.mark.parametrize("over", ["record", "lead"])
@pytest.mark.parametrize("seconds", [6, 10, 25])
def test_normalised_by_the_whole_recording(over, seconds):
    bare = simulate(rate=100, seconds=seconds, noise=0.02)
    signal = bare.signal * np.linspace(0.3, 3, 12, dtype=np.float32)[:, None]
    signal[3:6] = np.nan
    ecg = ECG(signal[[0, 1, *range(6, 11)]], 100, [LEADS[row] for row in (0, 1, *range(6, 11))])  # V6 is missing
    how = Preparation(normalise=over)
    filtered = resample_and_filter(ecg.signal[None], 100, 100, how.highpass, how.lowpass)[0]
    expected = slow_spread(filtered, over)
    found = prepare([ecg], how)
    starts = {6: [0], 10: [0], 25: [0, 750, 1500]}[seconds]
    for window, start in zip(found.signal, starts, strict=True):
        piece = expected[:, start : start + 1000]
        np.testing.assert_allclose(window[:, : piece.shape[1]], piece, atol=1e-3)
        assert (window[:, piece.shape[1] :] == 0).all()
    assert (found.signal[:, LEADS.index("V6")] == 0).all()


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 20), st.sampled_from(["record", "lead"]))
def test_normalised_signals_do_not_know_their_gain(factor, over):
    ecg, how = simulate(rate=100), Preparation(normalise=over)
    one, two = prepare([ecg, with_signal(ecg, ecg.signal * np.float32(factor))], how).signal
    np.testing.assert_allclose(two, one, atol=0.02)


@pytest.mark.parametrize("over", ["record", "lead"])
def test_silence_stays_silence_and_others_in_the_batch_do_not_matter(over):
    ecg, how = simulate(rate=100), Preparation(normalise=over)
    silent = with_signal(ecg, np.zeros_like(ecg.signal))
    quiet_lead = ecg.signal.copy()
    quiet_lead[8] = 0
    found = prepare([ecg, silent, with_signal(ecg, quiet_lead)], how).signal
    assert (found[1] == 0).all() and (found[2, 8] == 0).all()
    np.testing.assert_array_equal(found[0], prepare([ecg], how).signal[0])
