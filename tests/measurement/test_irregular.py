"""P waves in irregular rhythms: one that keeps its place is measured, what wanders before the QRS is none."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.datasets.ludb import LUDB
from einthoven.ecg import ECG
from einthoven.measurement import measure
from einthoven.measurement.heart_rate import rhythm
from einthoven.signal import Beats


def with_bumps(spread_ms: float, seed: int) -> ECG:
    """Fibrillation with something like a P wave before each QRS, 150 ms and a spread before its peak."""
    ecg = testing.simulate(70, rhythm="af", seed=seed, seconds=14, qt_ms=340)
    beats = testing.beat_times(70, 14, "af", seed)
    before = 0.150 + np.random.default_rng(seed).normal(0, spread_ms / 1000, beats.size)
    clock = np.arange(ecg.samples) / ecg.rate
    bump = np.exp(-0.5 * ((clock[:, None] - (beats - before)) / 0.020) ** 2).sum(axis=1)
    return testing.with_signal(ecg, ecg.signal + 0.12 * bump.astype(np.float32))


@pytest.mark.parametrize("seed", range(3))
def test_only_what_keeps_its_place_is_a_p_wave(seed):
    steady, wandering = measure(with_bumps(0, seed)), measure(with_bumps(16, seed))
    assert not steady.regular and steady.pr == pytest.approx(155, abs=35)  # from the bump's onset to that of the QRS
    assert wandering.pr is None and "P wave" in wandering.reasons["pr"]


def test_a_premature_beat_makes_no_rhythm_an_irregular_one():
    at = np.cumsum([400, 400, 400, 250, 550, 400, 400, 400, 400])
    found = rhythm(Beats(at, 5.0, 0.9), 500, 9.0)
    assert not found.regular and not found.always_changing
    assert rhythm(Beats(np.cumsum([400, 300, 520, 410, 330, 480]), 5.0, 0.9), 500, 6.0).always_changing


FIBRILLATION, SINUS = (8, 38, 44, 51, 83, 88, 93, 95, 96), (1, 14, 27, 40, 53, 66, 79)


def test_fibrillation_in_ludb_has_no_pr_and_sinus_rhythm_keeps_it(real_data):
    data = LUDB(real_data / "ludb")
    rows = {int(each.name): data.row(each) for each in data.recordings if int(each.name) in (*FIBRILLATION, *SINUS)}
    found = {name: measure(row.ecg()).pr for name, row in rows.items()}
    assert [name for name in FIBRILLATION if found[name] is not None] == []
    assert [name for name in SINUS if found[name] is None] == []
