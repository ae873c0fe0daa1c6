from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from einthoven.ecg import LEADS, Patient
from einthoven.evaluation.disturbances import KINDS, cut, mixed_up, sampled_at, without_leads
from einthoven.signal import resample
from einthoven.testing import simulate

ECG = simulate(rate=100).described(patient=Patient("somebody"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_strength_changes_something_the_same_way_each_time(kind):
    assert kind.untouched in kind.strengths and kind.untouched not in kind.disturbing
    for strength in kind.disturbing:
        once, again = (kind.change(ECG, strength, 5) for _ in range(2))
        assert once.sha256 == again.sha256 != ECG.sha256 or once.derived
        assert once.patient == ECG.patient and once.calibrated


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "dB" in kind.name], ids=lambda kind: kind.name)
def test_less_decibels_are_more_noise(kind):
    size = [np.std(kind.change(ECG, strength, 1).signal - ECG.signal) for strength in kind.disturbing]
    assert size == sorted(size)
    assert size[-1] == pytest.approx(8 * size[0], rel=0.02)  # 18 dB


def test_another_rate_holds_the_same():
    for rate in ("250", "500", "1000"):
        ecg = sampled_at(ECG, rate, 0)
        assert (ecg.rate, ecg.samples) == (float(rate), 10 * int(rate))
        assert np.abs(resample(ecg.signal, ecg.rate, 100) - ECG.signal).max() < 0.03


def test_leads_go_one_after_the_other():
    gone = [set(without_leads(ECG, str(count), 7).missing) for count in range(1, 7)]
    assert all(fewer <= more for fewer, more in pairwise(gone))
    everybody = [without_leads(ECG, "6", seed) for seed in range(40)]
    assert {lead for ecg in everybody for lead in ecg.missing} == set(LEADS)
    for ecg in everybody:
        there = [lead for lead in LEADS if lead not in ecg.missing]
        assert len(there) >= 6
        assert np.allclose([ecg.lead(lead) for lead in there], [ECG.lead(lead) for lead in there], atol=1e-6)


def test_what_is_cut_is_the_start():
    ecg = cut(ECG, "1.5", 0)
    assert np.array_equal(ecg.signal, ECG.signal[:, 150:])


def test_what_is_taken_wrongly():
    assert np.array_equal(mixed_up(ECG, "inverted", 0).signal, -ECG.signal)
    assert np.array_equal(mixed_up(ECG, "arms", 0).lead("II"), ECG.lead("III"))
    assert np.allclose(mixed_up(ECG, "µV", 0).signal, 1000 * ECG.signal)
