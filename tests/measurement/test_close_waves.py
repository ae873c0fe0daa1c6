"""Waves that are easily cut short or mistaken: a late broad R', and P close to T; and what must not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven import testing
from einthoven.datasets.ludb import LUDB
from einthoven.ecg import ECG, LEADS
from einthoven.formats import read
from einthoven.measurement import measure
from einthoven.signal import resample

INTERVALS = ("p", "pr", "qrs", "qt")
# Six ECGs of Chapman-Shaoxing: QRS and QT as its device states them. The bounds of the QRS were placed with these.
STATED = {2: (92, 432), 9: (84, 390), 11: (80, 436), 1560: (80, 430), 5282: (80, 400), 7875: (98, 420)}
# ECGs whose T wave's descent was once taken for a P wave: PR was 368 to 410 ms, QT 240 to 284.
P_AFTER_T = ["cpsc2018/A1390", "cpsc2018/A1394", "georgia/E07537", "cpsc2018/A1393"]


KNOWN = {"qrs_ms": 90, "qt_ms": 440}


def with_late_wave(height: float, at_ms: float, width_ms: float) -> ECG:
    """A simulated ECG with a late broad wave as in right bundle branch block: up in V1, down in I, aVL and V6."""
    ecg = testing.simulate(60, **KNOWN)
    clock = np.arange(ecg.samples) / ecg.rate
    apart = (clock[:, None] - testing.beat_times(60, ecg.seconds)) * 1000
    late = height * np.exp(-0.5 * ((apart - at_ms) / width_ms) ** 4).sum(axis=1)
    signal = ecg.signal.copy()
    for lead, share in (("I", -0.4), ("II", -0.2), ("V1", 1.0), ("V2", 0.5), ("V5", -0.3), ("V6", -0.4)):
        signal[LEADS.index(lead)] += (share * late).astype(np.float32)
    for lead, (first, second) in {"III": (-1, 1), "aVR": (-0.5, -0.5), "aVL": (1, -0.5), "aVF": (-0.5, 1)}.items():
        signal[LEADS.index(lead)] = first * signal[0] + second * signal[1]
    return ECG(signal, ecg.rate)


@pytest.mark.parametrize("height", [0.6, 1.0])
@pytest.mark.parametrize(("at_ms", "width_ms"), [(60, 22), (70, 26), (80, 30)])
def test_a_late_broad_wave_is_not_cut_at_its_top(height, at_ms, width_ms):
    plain = measure(testing.simulate(60, **KNOWN))
    found = measure(with_late_wave(height, at_ms, width_ms))
    before = 2 * (plain.median_beat.r_peak - plain.median_beat.qrs_onset)
    # 4 % of the wave's height are left 1.6 widths after its middle; cut at its top, the QRS is 40 ms shorter.
    assert found.qrs == pytest.approx(before + at_ms + 1.6 * width_ms, abs=15)
    assert found.qt == pytest.approx(plain.qt, abs=6)
    assert abs(found.t_axis - plain.t_axis) < 5


def test_a_plateau_of_the_st_segment_is_no_late_wave():
    plain = measure(testing.simulate(60, **KNOWN))
    ecg = testing.simulate(60, **KNOWN)
    clock = np.arange(ecg.samples) / ecg.rate
    apart = np.clip((clock[:, None] - testing.beat_times(60, ecg.seconds)) * 1000, -200, 800)
    raised = (0.5 / ((1 + np.exp(-(apart - 35) / 4)) * (1 + np.exp((apart - 240) / 25)))).sum(axis=1)
    signal = ecg.signal.copy()
    for lead in ("V2", "V3", "V4"):
        signal[LEADS.index(lead)] += raised.astype(np.float32)
    assert measure(ECG(signal, ecg.rate)).qrs == pytest.approx(plain.qrs, abs=12)


@settings(max_examples=8, deadline=None)
@given(later=st.integers(1, 400), gain=st.floats(0.2, 5), seed=st.integers(0, 20))
def test_neither_a_later_start_nor_gain_changes_an_interval(later, gain, seed):
    ecg = testing.simulate(75, seconds=12, noise=0.01, seed=seed)
    plain = measure(ecg)
    other = measure(ECG(ecg.signal[:, later:] * np.float32(gain), ecg.rate))
    for name in INTERVALS:
        assert getattr(other, name) == pytest.approx(getattr(plain, name), abs=6)


def test_half_the_samples_a_second_measure_the_same(real_data):
    data = LUDB(real_data / "ludb")
    apart = []
    for recording in data.recordings[:60:3]:
        ecg = data.row(recording).ecg()
        fewer = ECG(resample(ecg.signal, ecg.rate, 250), 250)
        apart.append(measure(fewer).qrs - measure(ecg).qrs)
    assert np.abs(apart).max() <= 10
    assert np.abs(apart).mean() <= 2


def test_devices_state_much_the_same_widths(real_data):
    found = [measure(read(real_data / "cinc2021" / "chapman-ningbo" / f"JS{n:05d}.hea")) for n in STATED]
    apart = np.array([(own.qrs - qrs, own.qt - qt) for own, (qrs, qt) in zip(found, STATED.values(), strict=True)])
    assert np.abs(apart).mean(axis=0) == pytest.approx([0, 0], abs=9)
    assert np.abs(apart).max() <= 16


@pytest.mark.parametrize("name", P_AFTER_T)
def test_the_descent_of_t_is_no_p_wave(real_data, name):
    found = measure(read(real_data / "cinc2021" / f"{name}.hea"))
    assert 120 <= found.pr <= 230
    assert 340 <= found.qt <= 400
