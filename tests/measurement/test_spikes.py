"""Pacemaker spikes are bridged; nothing of a heart's own waves is."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.datasets.ludb import LUDB
from einthoven.ecg import ECG
from einthoven.measurement import measure
from einthoven.measurement.beats import aligned_beats
from einthoven.measurement.spikes import without_spikes
from einthoven.signal import find_beats


@pytest.mark.parametrize("width_ms", [2, 4])
def test_a_spike_before_the_qrs_does_not_begin_it(width_ms):
    ecg = testing.simulate(60, rhythm="af", qrs_ms=140, noise=0.01)
    plain = measure(ecg)
    signal, clock = ecg.signal.copy(), np.arange(ecg.samples) / ecg.rate
    for beat in testing.beat_times(60, ecg.seconds, "af"):
        # a little over 50 ms before the QRS begins
        signal[:, (clock >= beat - 0.15) & (clock < beat - 0.15 + width_ms / 1000 - 1e-9)] += 1.0
    paced = measure(ECG(signal, ecg.rate))
    assert paced.qrs == pytest.approx(plain.qrs, abs=8)
    assert paced.qt == pytest.approx(plain.qt, abs=8)


@pytest.mark.parametrize("qrs_ms", [60, 80, 120])
def test_a_narrow_qrs_is_no_spike(qrs_ms):
    ecg = testing.simulate(60, qrs_ms=qrs_ms)
    assert np.array_equal(without_spikes(ecg.signal[:, :650]), ecg.signal[:, :650])


def test_of_real_ecgs_only_those_with_a_pacemaker_are_changed(real_data):
    data = LUDB(real_data / "ludb")
    for recording in data.recordings[0:60:4]:
        ecg = data.row(recording).ecg()
        beats = aligned_beats(ecg.signal, ecg.rate, find_beats(ecg.signal, ecg.rate).indices)
        changed = not np.array_equal(beats.clear, beats.median[beats.leads])
        assert not changed or any("pacing" in statement.text for statement in ecg.statements)
