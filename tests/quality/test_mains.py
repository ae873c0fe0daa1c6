"""Hum of the mains is measured and named; muscle noise, beats and low rates are not taken for it."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import LEADS
from einthoven.quality import assess
from einthoven.quality.mains import mains


def humming(ecg, amplitude, hz, leads=("V2",)):
    signal = ecg.signal.copy()
    for lead in leads:
        signal[LEADS.index(lead)] += amplitude * np.sin(2 * np.pi * hz * np.arange(ecg.samples) / ecg.rate + 0.7)
    return testing.with_signal(ecg, signal)


@pytest.mark.parametrize("hz", [50, 60, 50.2])
@pytest.mark.parametrize("rate", [257, 500, 1000])
def test_hum_is_measured_and_named(hz, rate):
    ecg = testing.simulate(rate=rate, noise=0.005)
    found = mains(humming(ecg, 0.1, hz).signal, rate, np.ones(12))
    assert found.hz == round(hz, -1) and found.share[7] == pytest.approx(0.1, rel=0.15)
    assert np.delete(found.share, 7).max() < 0.02
    quality = assess(humming(ecg, 0.1, hz, ["V2", "V3"]))
    assert ("mains", ("V2", "V3")) in [(one.kind, one.leads) for one in quality.findings] and quality.usable
    assert quality.leads["V2"].trouble >= 1 > quality.leads["V5"].trouble


@pytest.mark.parametrize("kind", ["white", "muscle"])
def test_other_noise_is_no_hum(kind):
    for seed in range(5):
        assert "mains" not in assess(testing.add_noise(testing.simulate(), 0.1, kind, seed=seed)).kinds


def test_at_low_rates_nothing_is_known():
    quality = assess(testing.simulate(rate=100))
    assert {lead.mains for lead in quality.leads.values()} == {None}
