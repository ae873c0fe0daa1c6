"""The simulator keeps its promises: identities, rates, intervals, axis, determinism."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import LEADS, UsageError, einthoven_residual


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_the_limb_leads_obey_the_identities(noise):
    ecg = testing.simulate(noise=noise, seed=3)
    assert einthoven_residual(ecg.signal) < 1e-6
    assert not ecg.notices and not ecg.missing and not ecg.derived


def test_equal_seeds_give_equal_ecgs():
    one, two = (testing.simulate(noise=0.1, seed=5, rhythm="af").sha256 for _ in range(2))
    assert one == two != testing.simulate(noise=0.1, seed=6, rhythm="af").sha256


@pytest.mark.parametrize(("rhythm", "spread"), [("sinus", (0, 1e-9)), ("af", (0.05, 0.3))])
def test_the_rate_is_what_was_asked_for(rhythm, spread):
    intervals = np.diff(testing.beat_times(90, 60, rhythm))
    assert intervals.mean() == pytest.approx(60 / 90, rel=0.03)
    assert spread[0] <= intervals.std() <= spread[1]


@pytest.mark.parametrize("axis", [-60, 0, 50, 90, 150])
def test_the_axis_is_where_it_was_put(axis):
    ecg = testing.simulate(axis=axis)
    peak = round(testing.beat_times()[3] * 500)
    found = np.degrees(np.arctan2(ecg.lead("aVF")[peak] * 2 / np.sqrt(3), ecg.lead("I")[peak]))
    assert found == pytest.approx(axis, abs=8)


def test_r_grows_from_v1_to_v5():
    ecg = testing.simulate()
    peak = round(testing.beat_times()[3] * 500)
    heights = [float(ecg.lead(f"V{n}")[peak - 10 : peak + 10].max()) for n in range(1, 6)]
    assert heights == sorted(heights)
    assert ecg.lead("V1").min() < -0.3


@pytest.mark.parametrize("pr_ms", [120, 160, 240])
def test_p_comes_before_the_qrs_by_the_pr_interval(pr_ms):
    rate = 1000
    ecg = testing.simulate(60, rate=rate, pr_ms=pr_ms)
    onset = round((testing.beat_times(60)[3] - 0.045) * rate)
    p_peak = onset - 300 + int(np.argmax(ecg.lead("II")[onset - 300 : onset - 10]))
    assert onset - p_peak == pytest.approx(pr_ms - 55, abs=5)


def test_atrial_fibrillation_has_no_p_waves():
    ecg = testing.simulate(60, rhythm="af")
    starts = [round(time * 500) - 110 for time in testing.beat_times(60, rhythm="af")[1:]]
    typical = np.mean([ecg.lead("II")[start : start + 75] for start in starts], axis=0)
    assert np.ptp(typical) < 0.06


def test_leads_that_are_not_recorded_are_missing_or_derived():
    ecg = testing.simulate(leads=["I", "II", "V2"])
    assert ecg.derived == ("III", "aVR", "aVL", "aVF")
    assert ecg.missing == ("V1", "V3", "V4", "V5", "V6")


@pytest.mark.parametrize("kind", ["white", "mains", "wander", "random_walk", "muscle"])
def test_noise_has_the_size_and_the_leads_that_were_asked_for(kind):
    ecg = testing.simulate()
    change = testing.add_noise(ecg, 0.2, kind, leads=["V3"]).signal - ecg.signal
    row = LEADS.index("V3")
    assert change[row].std() == pytest.approx(0.2, rel=1e-4)
    assert not np.delete(change, row, axis=0).any()


@pytest.mark.parametrize("kind", ["white", "wander", "muscle"])
def test_noise_of_the_electrodes_has_its_ratio_and_keeps_the_identities(kind):
    ecg = testing.simulate(rate=100)
    noisy = testing.add_noise_at(ecg, 6.0, kind, seed=3)
    change = noisy.signal - ecg.signal
    own = [LEADS.index(lead) for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")]
    ratio = ecg.signal[own].var(axis=1).mean() / change[own].var(axis=1).mean()
    assert 10 * np.log10(ratio) == pytest.approx(6.0, abs=0.01)
    assert einthoven_residual(noisy.signal) < 1e-5
    assert abs(np.corrcoef(change[6:])[np.triu_indices(6, 1)]).max() < (0.99 if kind == "wander" else 0.3)
    assert np.array_equal(testing.add_noise_at(ecg, 6.0, kind, seed=3).signal, noisy.signal)
    weaker = testing.add_noise_at(ecg, 26.0, kind, seed=3).signal - ecg.signal
    assert np.allclose(10 * weaker, change, atol=1e-5)  # the same noise, smaller


def test_noise_leaves_missing_leads_missing():
    ecg = testing.simulate(leads=["III", "V2"])
    noisy = testing.add_noise_at(ecg, 12.0)
    assert noisy.missing == ecg.missing
    assert not np.array_equal(noisy.lead("III"), ecg.lead("III"))


def test_muscle_noise_is_fast_and_comes_in_bursts():
    ecg = testing.simulate(seconds=60, rate=500)
    noise = (testing.add_noise(ecg, 0.1, "muscle").signal - ecg.signal)[6].astype(float)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(noise.size, 1 / 500)
    assert power[hertz < 15].sum() < 0.05 * power.sum()
    size = noise.reshape(60, 500).std(axis=1)
    assert size.max() > 2.5 * size.min()


def test_what_cannot_be_simulated_is_refused():
    with pytest.raises(UsageError):
        testing.simulate(rhythm="waltz")
    with pytest.raises(UsageError):
        testing.simulate(heart_rate=10, seconds=2)
    with pytest.raises(UsageError):
        testing.add_noise(testing.simulate(), 1.0, "brown")
