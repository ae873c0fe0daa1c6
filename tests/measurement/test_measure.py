"""Intervals, axes and amplitudes against what was simulated, under changes that must not matter, and on real ECGs."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven import testing
from einthoven.datasets.ludb import LUDB
from einthoven.ecg import ECG, LEADS
from einthoven.formats import read
from einthoven.measurement import measure

INTERVALS = ("p", "pr", "qrs", "qt")
AXES = ("p_axis", "qrs_axis", "t_axis")
# The simulator's waves are Gaussians that it counts as ended at 2.5 sigma; 4 % of their height is left there.
TAILS_MS = 20


def turned(first: float, second: float) -> float:
    return abs((first - second + 180) % 360 - 180)


@pytest.mark.parametrize("rate", [100, 250, 500, 1000])
@pytest.mark.parametrize(
    "known",
    [
        {"heart_rate": 60, "pr_ms": 160, "qrs_ms": 90, "qt_ms": 400, "axis": 50},
        {"heart_rate": 75, "pr_ms": 200, "qrs_ms": 120, "qt_ms": 420, "axis": -40},
        {"heart_rate": 95, "pr_ms": 140, "qrs_ms": 80, "qt_ms": 340, "axis": 100},
    ],
    ids=["usual", "wide", "fast"],
)
def test_simulated_intervals_and_axes_are_measured(known, rate):
    found = measure(testing.simulate(**known, rate=rate, noise=0.02, seed=3))
    assert not found.reasons
    assert found.pr == pytest.approx(known["pr_ms"], abs=TAILS_MS)
    assert -6 <= found.qrs - known["qrs_ms"] <= 30
    assert found.qt == pytest.approx(known["qt_ms"], abs=TAILS_MS)
    assert found.p == pytest.approx(110, abs=TAILS_MS)
    assert turned(found.qrs_axis, known["axis"]) <= 8
    assert turned(found.p_axis, math.degrees(math.atan2(0.11, 0.08))) <= 20
    assert turned(found.t_axis, math.degrees(math.atan2(0.18, 0.22))) <= 12


def test_an_interval_that_grows_is_measured_as_grown():
    def all_of(name, values):
        return np.diff([getattr(measure(testing.simulate(60, **{f"{name}_ms": value})), name) for value in values])

    assert all_of("pr", [140, 180, 220, 260]) == pytest.approx(40, abs=4)
    assert all_of("qrs", [80, 110, 140]) == pytest.approx(30, abs=9)
    assert all_of("qt", [360, 400, 440, 480]) == pytest.approx(40, abs=6)


@settings(max_examples=12, deadline=None)
@given(gain=st.floats(0.2, 5), flipped=st.booleans(), seed=st.integers(0, 50))
def test_neither_gain_nor_polarity_changes_an_interval(gain, flipped, seed):
    ecg = testing.simulate(70, noise=0.02, seed=seed)
    plain = measure(ecg)
    factor = -gain if flipped else gain
    other = measure(ECG(ecg.signal * factor, ecg.rate))
    for name in INTERVALS:
        assert getattr(other, name) == pytest.approx(getattr(plain, name), abs=4)
    for name in AXES:
        assert turned(getattr(other, name), getattr(plain, name) + 180 * flipped) <= 3
    assert other.leads["V5"].r == pytest.approx(
        abs(factor) * (-plain.leads["V5"].s if flipped else plain.leads["V5"].r), abs=0.06 * gain
    )


@settings(max_examples=8, deadline=None)
@given(lead=st.sampled_from(LEADS), seed=st.integers(0, 20))
def test_one_noisy_lead_does_not_move_the_rest(lead, seed):
    ecg = testing.simulate(70, noise=0.01, seed=seed)
    plain = measure(ecg)
    noisy = ecg.signal.copy()
    noisy[LEADS.index(lead)] += np.random.default_rng(seed).normal(0, 0.3, ecg.samples)
    found = measure(ECG(noisy, ecg.rate))
    for name in INTERVALS:
        assert getattr(found, name) == pytest.approx(getattr(plain, name), abs=16)


@pytest.mark.parametrize("leads", [["I", "II"], ["II", "V2", "V5"], ["V4"]], ids=" ".join)
def test_fewer_leads_measure_what_they_can(leads):
    found = measure(testing.simulate(70, leads=leads))
    assert found.qt == pytest.approx(400, abs=TAILS_MS)
    assert found.pr == pytest.approx(160, abs=TAILS_MS)
    assert (found.qrs_axis is None) == ("I" not in leads)
    assert set(found.leads) == ({"I", "II", "III", "aVR", "aVL", "aVF"} if "I" in leads else set(leads))
    assert "missing" in found.reasons["cornell"] and "missing" in found.reasons["sokolow_lyon"]


def test_voltages_are_those_of_the_signal():
    ecg = testing.simulate(60, pr_ms=160)
    found = measure(ecg)
    beat = found.median_beat
    clock = np.arange(ecg.samples) / ecg.rate
    near = np.abs(clock[:, None] - testing.beat_times(60, ecg.seconds)).min(axis=1) < 0.06
    for lead in LEADS:
        row = ecg.lead(lead)[near] - np.median(ecg.lead(lead))
        assert found.leads[lead].r == pytest.approx(max(row.max(), 0), abs=0.05)
        assert min(found.leads[lead].q, found.leads[lead].s) == pytest.approx(min(row.min(), 0), abs=0.05)
        assert abs(found.leads[lead].st_j) < 0.03
        assert found.leads[lead].q <= 0 <= found.leads[lead].r and found.leads[lead].s <= 0
    assert found.sokolow_lyon == pytest.approx(max(found.leads[v].r for v in ("V5", "V6")) - found.leads["V1"].s)
    assert found.cornell == pytest.approx(found.leads["aVL"].r - found.leads["V3"].s)
    assert np.asarray(beat).shape == (12, beat.signal.shape[1])


def test_st_elevation_is_measured_where_it_is():
    ecg = testing.simulate(60, qt_ms=420)
    signal = ecg.signal.copy()
    beats = testing.beat_times(60, ecg.seconds)
    clock = np.arange(ecg.samples) / ecg.rate
    for beat in beats:
        signal[LEADS.index("V2"), (clock > beat + 0.045) & (clock < beat + 0.20)] += 0.3
    found = measure(ECG(signal, ecg.rate)).leads
    assert found["V2"].st_j60 == pytest.approx(0.3, abs=0.05)
    assert found["V2"].st_j80 == pytest.approx(0.3, abs=0.06)
    assert abs(found["V5"].st_j60) < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_in_atrial_fibrillation_there_is_no_p_wave(seed):
    found = measure(testing.simulate(80, rhythm="af", seed=seed, seconds=12))
    assert found.p is found.pr is found.p_axis is None
    assert "P wave" in found.reasons["pr"]
    assert not found.regular
    assert found.qrs is not None and found.median_beat.p_onset is None


def test_an_ectopic_beat_is_left_out():
    ecg = testing.simulate(60, noise=0.01)
    signal = ecg.signal.copy()
    clock = np.arange(ecg.samples) / ecg.rate
    for lead, size in (("II", -1.0), ("V1", 1.8), ("V4", -1.5)):
        signal[LEADS.index(lead)] += size * np.exp(-0.5 * np.square((clock - 5.0) / 0.04))
    found = measure(ECG(signal, ecg.rate))
    assert len(found.median_beat.beats) < len(found.r_peaks)
    assert found.qrs == pytest.approx(measure(ecg).qrs, abs=6)


def test_unknown_gain_withholds_voltages_and_nothing_else():
    found = measure(testing.simulate(calibrated=False))
    assert found.leads == {} and found.sokolow_lyon is found.cornell is None
    assert set(found.reasons) == {"leads", "sokolow_lyon", "cornell"}
    assert found.qt is not None


def test_a_flat_t_wave_has_no_end():
    ecg = testing.simulate(60)
    signal = ecg.signal.copy()
    clock = np.arange(ecg.samples) / ecg.rate
    for beat in testing.beat_times(60, ecg.seconds):
        signal[:, (clock > beat + 0.08) & (clock < beat + 0.5)] = 0
    found = measure(ECG(signal, ecg.rate))
    assert found.qt is None and found.qtc == {}
    assert found.reasons["qt"] == found.reasons["qtc"] == "The T wave is flat."


def test_every_value_is_there_or_has_a_reason(real_data):
    names = (*INTERVALS, *AXES, "heart_rate", "rr_median", "rr_spread", "regular", "sokolow_lyon", "cornell")
    with np.load(real_data / "cinc2011-quality.npz", allow_pickle=False) as archive:
        signals = archive["adu"][:40]
    for signal in signals:
        found = measure(ECG(signal.T * np.float32(0.005), 500))
        for name in names:
            assert (getattr(found, name) is None) == (name in found.reasons)
        assert bool(found.qtc) != ("qtc" in found.reasons)
        assert (found.median_beat is None) == ("median_beat" in found.reasons)
        json.dumps(found.to_dict(), allow_nan=False)
        if found.qt is not None:
            assert 0 < found.qrs < found.qt
        if found.pr is not None:
            assert 0 < found.p <= found.pr


def test_too_few_samples_a_second_leave_the_rate_alone():
    found = measure(testing.simulate(60, rate=80))
    assert found.heart_rate == pytest.approx(60, abs=1)
    assert found.qrs is found.median_beat is None
    assert found.reasons["qrs"].startswith("At 80 samples a second")


def test_no_qt_reaches_into_the_next_beat():
    for rate in (120, 150, 180, 200, 220):
        found = measure(testing.simulate(rate, qt_ms=240, pr_ms=110, qrs_ms=70))
        assert found.qt is None or found.qt < 60_000 / rate


def test_gaps_in_a_lead_do_not_spoil_the_others():
    ecg = testing.simulate(70, noise=0.01)
    signal = ecg.signal.copy()
    signal[LEADS.index("V3"), 1000:1300] = np.nan
    signal[LEADS.index("V6"), :3000] = np.nan
    found = measure(ECG(signal, ecg.rate))
    assert not {"qrs", "qt", "pr"} & set(found.reasons)
    assert "V3" in found.leads and "V6" not in found.leads


def test_cardiologists_marked_the_same_boundaries(real_data):
    """A few of LUDB's even records; all of them are in `benchmarks/measure.py`."""
    wfdb = pytest.importorskip("wfdb")
    data = LUDB(real_data / "ludb")
    apart = []
    for recording in data.recordings[1:60:6]:
        found = measure(data.row(recording).ecg())
        beat, widths = found.median_beat, []
        for lead in LEADS:
            marks = wfdb.rdann(str(recording.file.with_suffix("")), lead.lower())
            at = [n for n, kind in enumerate(marks.symbol) if kind == "N"]
            widths += [(marks.sample[n + 1] - marks.sample[n - 1]) * 2 for n in at[1:-1]]
        assert beat.qrs_onset < beat.r_peak < beat.qrs_offset < beat.t_offset
        apart.append(found.qrs - np.percentile(widths, 75))
    assert np.abs(apart).mean() < 15


@pytest.mark.parametrize("name", ["muse_ecg1.xml", "muse_ecg2.xml"])
def test_a_device_states_the_same(real_data, name):
    path = real_data.parent / "fixtures" / "muse" / name
    if not path.is_file():
        pytest.skip("the shared files of devices are not here")
    ecg = read(path)
    found = measure(ecg)
    for interval, near in (("pr", 8), ("qrs", 12), ("qt", 20)):
        assert getattr(found, interval) == pytest.approx(ecg.measured[interval], abs=near)
    for axis in AXES:
        assert turned(getattr(found, axis), ecg.measured[axis]) <= 5
