"""Beats of simulated ECGs, whose times are known, and of things that have none."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.signal import find_beats


@pytest.mark.parametrize("rate", [100, 250, 257, 500, 1000])
@pytest.mark.parametrize("heart_rate", [35, 70, 120, 180])
def test_every_beat_is_found_once(rate, heart_rate):
    ecg = testing.simulate(heart_rate, rate=rate, qt_ms=min(400, 20_000 / heart_rate * 2), noise=0.02)
    beats = find_beats(ecg.signal, rate)
    times = testing.beat_times(heart_rate)
    times = times[times < 9.9]
    found = beats.indices[beats.indices < 9.9 * rate] / rate
    assert found.size == times.size
    assert np.abs(found - times).max() <= max(0.012, 1.5 / rate)
    assert beats.credible


def test_irregular_beats_are_found_too():
    ecg = testing.simulate(110, rhythm="af", noise=0.02, seed=4)
    times = testing.beat_times(110, rhythm="af", seed=4)
    assert find_beats(ecg.signal, 500).indices.size == times.size


def test_gain_polarity_and_missing_leads_do_not_matter():
    ecg = testing.simulate(noise=0.01)
    expected = find_beats(ecg.signal, 500).indices
    for signal in (ecg.signal * 1000, -ecg.signal, ecg.signal * 1e-3):
        assert np.abs(find_beats(signal, 500).indices - expected).max() <= 2
    alone = np.full_like(ecg.signal, np.nan)
    alone[1] = ecg.lead("II")
    assert np.abs(find_beats(alone, 500).indices - expected).max() <= 10


def test_a_lead_full_of_noise_does_not_drown_the_others():
    ecg = testing.add_noise(testing.simulate(), 5.0, leads=["V1", "V2", "V3"])
    assert find_beats(ecg.signal, 500).indices.size == testing.beat_times().size


def test_a_pause_is_not_filled_with_its_noise():
    ecg = testing.simulate(80, seconds=20, noise=0.01)
    signal = ecg.signal.copy()
    signal[:, 4000:6500] = np.random.default_rng(0).standard_normal((12, 2500)) * 0.01
    found = find_beats(signal, 500).indices
    assert not ((found > 4050) & (found < 6450)).any()


@pytest.mark.parametrize("kind", ["white", "mains", "wander", "random_walk"])
@pytest.mark.parametrize("seed", range(5))
def test_noise_has_no_credible_beats(kind, seed):
    noise = testing.add_noise(testing.flat(testing.simulate()), 0.5, kind, seed=seed)
    assert not find_beats(noise.signal, 500).credible


@pytest.mark.parametrize("hz", [1, 5, 8, 12, 40])
def test_a_sine_wave_has_no_credible_beats(hz):
    clock = np.arange(5000) / 500
    signal = np.sin(2 * np.pi * hz * clock + np.arange(12)[:, None]).astype(np.float32)
    assert not find_beats(signal, 500).credible


def test_a_flat_recording_has_no_beats():
    for level in (0.0, 3.0):
        beats = find_beats(np.full((12, 5000), level, np.float32), 500)
        assert beats.indices.size == 0 and not beats.credible


def test_an_instant_has_no_beats():
    assert find_beats(np.ones((12, 40), np.float32), 500).indices.size == 0
