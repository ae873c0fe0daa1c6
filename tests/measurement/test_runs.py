"""Runs are told where fast beats of another shape follow each other, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.ecg import ECG
from einthoven.formats import read
from einthoven.measurement import measure
from einthoven.testing import simulate

RATE = 250


def with_run(beats: int, bpm: int, start: float = 4.2) -> ECG:
    """A sinus rhythm at 70 bpm with so many beats of a ventricular tachycardia in it, whose QRS point the other way."""
    slow, fast = simulate(70, rate=RATE), simulate(bpm, rate=RATE, rhythm="ventricular", qrs_ms=150, qt_ms=260)
    peaks = measure(fast).r_peaks
    first, last = int(peaks[2]) - 30, int(peaks[2 + beats]) - 30
    at = int(start * RATE)
    signal = slow.signal.copy()
    signal[:, at : at + last - first] = -fast.signal[:, first:last]
    return replace(slow, signal=signal)


@pytest.mark.parametrize(("beats", "bpm"), [(3, 150), (5, 190), (8, 130)])
def test_a_run_is_told_with_its_length_and_rate(beats: int, bpm: int) -> None:
    found = measure(with_run(beats, bpm))
    assert found.run is not None and found.run.beats == beats and found.run.rate == pytest.approx(bpm, rel=0.03)
    assert [alarm.kind for alarm in found.alarms] == ["fast-run"] and f"{beats} beats in a row" in found.alarms[0].text
    assert found.to_dict()["fast_run"]["first_beat"] == found.run.first
    assert found.r_peaks[found.run.first] / RATE == pytest.approx(4.3, abs=0.2)


def test_two_beats_slow_ones_and_fast_ones_of_one_shape_are_none() -> None:
    assert measure(with_run(2, 180)).run is None  # a couplet
    assert measure(with_run(5, 110)).run is None  # slower than 120 bpm
    for ecg in (simulate(180, rate=RATE, rhythm="ventricular", qrs_ms=150, qt_ms=260), simulate(70, rate=RATE)):
        assert measure(ecg).run is None
    slow, fast = simulate(70, rate=RATE), simulate(150, rate=RATE, qt_ms=260)
    both = replace(slow, signal=np.concatenate([slow.signal[:, :1250], fast.signal[:, 1250:]], axis=1))
    assert measure(both).run is None and measure(both).fastest > 140


def test_beats_on_both_sides_of_a_gap_do_not_follow_each_other() -> None:
    ecg = with_run(3, 150)
    second = int(measure(ecg).r_peaks[measure(ecg).run.first + 1])
    signal = ecg.signal.copy()
    signal[:, second + 40 : second + 50] = np.nan
    assert measure(replace(ecg, signal=signal)).run is None


def test_the_gain_does_not_matter_and_leads_may_be_missing() -> None:
    ecg = with_run(5, 170, 3.7)
    signal = ecg.signal * np.float32(7)
    signal[6:9] = np.nan
    assert measure(ecg).run == measure(replace(ecg, signal=signal)).run and measure(ecg).run.beats == 5
    signal[:, 2300:2310] = np.nan  # a gap elsewhere
    assert measure(replace(ecg, signal=signal)).run.beats == 5


def test_one_lead_whose_electrode_comes_off_is_no_run() -> None:
    ecg = simulate(130, rate=RATE, qt_ms=280, rhythm="af", seed=3)
    signal = ecg.signal.copy()
    signal[8, 1000:1800] = np.random.default_rng(0).normal(0, 5, 800)
    assert measure(replace(ecg, signal=signal)).run is None


def test_a_real_disturbance_amid_fast_fibrillation_is_no_run(real_data) -> None:
    """In V3 alone it is ten times as high as any QRS, for three seconds."""
    found = measure(read(real_data / "cinc2021/cpsc2018/A1389.hea"))
    assert found.run is None and found.fastest > 120
