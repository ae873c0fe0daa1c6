"""The ways to scale a recording, against the standard deviation of what is known of it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS
from einthoven.models import Preparation, prepare
from einthoven.testing import simulate, with_signal

FIXED = Preparation()
RECORD = Preparation(normalise="record", limit_mv=50)
LEAD = Preparation(normalise="lead", limit_mv=50)


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def prepared(ecg, how):
    found = prepare([ecg], how).signal
    assert len(found) == 1 and np.isfinite(found).all()
    return found[0].astype(float)


def test_record_divides_all_leads_by_one_number():
    ecg = simulate()
    fixed, found = prepared(ecg, FIXED), prepared(ecg, RECORD)
    assert found.std() == pytest.approx(1, rel=1e-4)
    np.testing.assert_allclose(found, fixed / fixed.std(), atol=1e-4)


def test_lead_divides_each_by_its_own():
    ecg = simulate()
    fixed, found = prepared(ecg, FIXED), prepared(ecg, LEAD)
    np.testing.assert_allclose(found.std(1), 1, rtol=1e-4)
    np.testing.assert_allclose(found, fixed / fixed.std(1, keepdims=True), atol=1e-4)
    assert np.ptp(fixed.std(1)) > 0.2  # the leads were not alike before


@pytest.mark.parametrize("how", [RECORD, LEAD])
@pytest.mark.parametrize("gain", [0.01, 3.0, 1000.0])
def test_the_gain_is_taken_away(how, gain):
    ecg = simulate()
    louder = ECG(ecg.signal * gain, ecg.rate, calibrated=False)
    np.testing.assert_allclose(prepared(louder, how), prepared(ecg, how), atol=1e-3)


@pytest.mark.parametrize("how", [RECORD, LEAD])
def test_the_unit_and_the_filter_do_not_change_the_size(how):
    ecg = simulate(rate=100)
    bare = Preparation(normalise=how.normalise, limit_mv=50, highpass=None, lowpass=None, unit_mv=0.7)
    signal = ecg.signal.astype(float)
    spread = signal.std(1, keepdims=True) if how is LEAD else signal.std()
    np.testing.assert_allclose(prepared(ecg, bare), signal / spread, atol=1e-3)


@pytest.mark.parametrize("how", [RECORD, LEAD])
def test_missing_leads_are_zeros_and_enter_no_spread(how):
    found = prepared(simulate(leads=("I", "II", "V2", "V5")), how)
    there = [LEADS.index(lead) for lead in ("I", "II", "III", "aVR", "aVL", "aVF", "V2", "V5")]
    absent = [place for place in range(12) if place not in there]
    assert (found[absent] == 0).all()
    fixed = prepared(simulate(leads=("I", "II", "V2", "V5")), FIXED)[there]
    spread = fixed.std(1, keepdims=True) if how is LEAD else fixed.std()
    np.testing.assert_allclose(found[there], fixed / spread, atol=1e-4)


def test_a_gap_in_a_lead_enters_no_spread():
    ecg = simulate(rate=100)
    signal = ecg.signal.copy()
    signal[3, 200:700] = np.nan
    bare = {"highpass": None, "lowpass": None, "limit_mv": 50.0}
    for normalise, over in (("record", None), ("lead", 1)):
        found = prepared(with_signal(ecg, signal), Preparation(normalise=normalise, **bare))
        spread = np.nanstd(signal.astype(float), axis=over, keepdims=over is not None)
        np.testing.assert_allclose(found, np.nan_to_num(signal / spread), atol=1e-3)
        assert (found[3, 200:700] == 0).all()


@pytest.mark.parametrize("silence", [0.0, 1.0])
def test_a_silent_lead_stays_silent(silence):
    ecg = simulate()
    signal = ecg.signal.copy()
    signal[7] = silence
    found, fixed = prepared(with_signal(ecg, signal), LEAD), prepared(with_signal(ecg, signal), FIXED)
    others = [place for place in range(12) if place != 7]
    assert np.abs(found[7]).max() < 1e-3
    np.testing.assert_allclose(found[others], fixed[others] / fixed[others].std(1, keepdims=True), atol=1e-4)
    np.testing.assert_allclose(prepared(with_signal(ecg, signal), RECORD), fixed / fixed.std(), atol=1e-3)


@pytest.mark.parametrize("how", [RECORD, LEAD])
@pytest.mark.parametrize("calibrated", [True, False])
def test_silence_stays_silence(how, calibrated):
    found = prepared(ECG(np.zeros((12, 1000)), 100, calibrated=calibrated), how)
    assert (found == 0).all()


@pytest.mark.parametrize("how", [RECORD, LEAD])
def test_each_recording_of_a_batch_has_its_own_spread(how):
    one = simulate(60)
    ecgs = [one, with_signal(one, one.signal * 4), simulate(100, leads=("I", "II"))]
    together = prepare(ecgs, how).signal
    for ecg, found in zip(ecgs, together, strict=True):
        np.testing.assert_allclose(found, prepared(ecg, how), atol=1e-5)
    np.testing.assert_allclose(together[1], together[0], atol=1e-4)


@pytest.mark.parametrize("how", [RECORD, LEAD])
def test_padding_enters_no_spread(how):
    found = prepared(simulate(seconds=5), how)
    assert (found[:, 500:] == 0).all()
    own = found[:, :500]
    np.testing.assert_allclose(own.std(1) if how is LEAD else own.std(), 1, rtol=1e-3)


def test_the_limit_counts_after_scaling():
    found = prepared(simulate(), Preparation(normalise="lead", limit_mv=0.4, unit_mv=0.2))
    assert np.abs(found).max() == pytest.approx(2) and (np.abs(found) == 2).mean() < 0.2
