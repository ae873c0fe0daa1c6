from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.training.augment import Augmentation, augment

STILL = {"crop_seconds": None, "gain": 0.0, "lead_drop": 0.0, "noise": 0.0, "mixup": 0.0}


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    signal = rng.standard_normal((7, 12, 200)).astype(np.float16)
    target = rng.integers(0, 2, (7, 5)).astype(np.float32)
    return signal, target


def disturbed(batch, seed=0, **how):
    return augment(*batch, 100.0, Augmentation(**{**STILL, **how}), np.random.default_rng(seed))


def test_nothing_asked_for_changes_nothing(batch):
    signal, target = disturbed(batch)
    np.testing.assert_array_equal(signal, batch[0].astype(np.float32))
    np.testing.assert_array_equal(target, batch[1])
    assert signal.dtype == target.dtype == np.float32


@pytest.mark.parametrize(("seconds", "samples"), [(1.28, 128), (2.0, 200), (60.0, 200), (None, 200)])
def test_a_crop_is_a_piece_of_the_record(batch, seconds, samples):
    signal, _ = disturbed(batch, crop_seconds=seconds)
    assert signal.shape == (7, 12, samples)
    starts = set()
    for cut, whole in zip(signal, batch[0].astype(np.float32), strict=True):
        found = [s for s in range(201 - samples) if np.array_equal(cut, whole[:, s : s + samples])]
        assert len(found) == 1
        starts.update(found)
    assert (len(starts) > 1) == (samples < 200)


def test_equal_seeds_give_equal_batches_and_others_do_not(batch):
    how = {"crop_seconds": 1.0, "gain": 0.1, "lead_drop": 0.1, "noise": 0.1, "mixup": 0.4}
    one, two, other = (disturbed(batch, seed, **how) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])
    assert not np.array_equal(one[0], other[0])


def test_the_input_is_left_as_it_was(batch):
    before = [part.copy() for part in batch]
    disturbed(batch, crop_seconds=1.0, gain=0.5, lead_drop=0.5, noise=0.5, mixup=0.5)
    for part, was in zip(batch, before, strict=True):
        np.testing.assert_array_equal(part, was)


def test_gain_is_one_factor_a_record(batch):
    signal, _ = disturbed(batch, gain=0.2)
    factor = signal / batch[0].astype(np.float32)
    spread = np.nanmax(factor, axis=(1, 2)) - np.nanmin(factor, axis=(1, 2))
    assert spread.max() < 1e-4
    assert np.log(np.nanmedian(factor, axis=(1, 2))).std() > 0.05


def test_lead_drop_silences_whole_leads():
    ones = np.ones((500, 12, 8), np.float16)
    signal, _ = disturbed((ones, np.zeros((500, 1), np.float32)), lead_drop=0.2)
    assert ((signal == 0).all(-1) | (signal == 1).all(-1)).all()
    assert (signal[..., 0] == 0).mean() == pytest.approx(0.2, abs=0.02)


def test_noise_has_its_size():
    silence = np.zeros((20, 12, 500), np.float16)
    signal, _ = disturbed((silence, np.zeros((20, 1), np.float32)), noise=0.3)
    assert signal.std() == pytest.approx(0.3, rel=0.02)


@pytest.mark.parametrize("count", [1, 2, 3, 6, 7])
def test_mixup_leaves_the_first_half_and_mixes_signal_and_target_alike(count):
    rng = np.random.default_rng(1)
    signal = rng.standard_normal((count, 12, 50)).astype(np.float16)
    target = np.eye(count, dtype=np.float32)
    x, y = disturbed((signal, target), mixup=0.4)
    half = count // 2
    clean = count - half
    np.testing.assert_array_equal(x[:clean], signal[:clean].astype(np.float32))
    np.testing.assert_array_equal(y[:clean], target[:clean])
    for row in range(clean, count):
        share, other = y[row, row], row - clean
        assert 0.5 <= share <= 1
        assert y[row, other] == pytest.approx(1 - share, abs=1e-6)
        expected = share * signal[row].astype(np.float32) + (1 - share) * signal[other].astype(np.float32)
        np.testing.assert_allclose(x[row], expected, atol=1e-5)


@pytest.mark.parametrize(
    "values",
    [
        {"gain": -0.1},
        {"noise": -0.1},
        {"mixup": -0.1},
        {"mixup": float("nan")},
        {"lead_drop": -0.1},
        {"lead_drop": 1.0},
        {"crop_seconds": 0.0},
        {"crop_seconds": -1.0},
        {"wander": -0.1},
        {"wander": float("inf")},
        {"mixing": "paste"},
    ],
)
def test_illegal_values_are_refused_with_a_mend(values):
    with pytest.raises(UsageError) as refusal:
        Augmentation(**values)
    assert refusal.value.mend


def test_wander_is_a_slow_sine_of_its_size():
    silence = np.zeros((60, 12, 2000), np.float16)
    signal, _ = disturbed((silence, np.zeros((60, 1), np.float32)), wander=0.3)
    assert signal.std() == pytest.approx(0.3, rel=0.1)
    power = np.square(np.abs(np.fft.rfft(signal * np.hanning(2000), axis=-1))).sum((0, 1))
    hertz = np.fft.rfftfreq(2000, 0.01)
    assert power[hertz > 0.8].sum() < 1e-3 * power.sum() and power[hertz < 0.05].sum() < 0.1 * power.sum()
    for record in signal:  # one frequency: each lead is a sum of the same sine and cosine
        sizes = np.linalg.svd(record, compute_uv=False)
        assert sizes[1] > 0.01 * sizes[0] > 1e3 * sizes[2]
    assert np.unique(np.round(np.abs(signal).max(-1)[0], 3)).size == 12  # an amplitude a lead


def test_a_dropped_lead_is_as_silent_as_a_missing_one():
    ones = np.ones((200, 12, 30), np.float16)
    how = {"lead_drop": 0.3, "gain": 0.1, "noise": 0.1, "wander": 0.1}
    signal, _ = disturbed((ones, np.zeros((200, 1), np.float32)), **how)
    silent = (signal == 0).all(-1)
    assert silent.mean() == pytest.approx(0.3, abs=0.03)
    assert (signal[~silent] != 0).all()


@pytest.mark.parametrize("count", [1, 2, 3, 6, 7])
@pytest.mark.parametrize("seed", range(3))
def test_cutting_puts_a_piece_of_one_ecg_into_the_other_and_its_share_into_the_target(count, seed):
    rng = np.random.default_rng(1)
    signal = rng.standard_normal((count, 12, 50)).astype(np.float16)
    target = np.eye(count, dtype=np.float32)
    x, y = disturbed((signal, target), seed, mixup=0.4, mixing="cut")
    clean = count - count // 2
    np.testing.assert_array_equal(x[:clean], signal[:clean].astype(np.float32))
    np.testing.assert_array_equal(y[:clean], target[:clean])
    for row in range(clean, count):
        other = row - clean
        foreign = [at for at in range(50) if (x[row, :, at] == signal[other, :, at]).all()]
        own = [at for at in range(50) if (x[row, :, at] == signal[row, :, at]).all()]
        assert sorted(foreign + own) == list(range(50))
        assert not foreign or foreign == list(range(foreign[0], foreign[-1] + 1))
        assert len(foreign) <= 25
        expected = np.zeros(count)
        expected[row], expected[other] = len(own) / 50, len(foreign) / 50
        np.testing.assert_allclose(y[row], expected, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(0, 99),
    st.fixed_dictionaries(
        {
            "crop_seconds": st.sampled_from([None, 0.01, 0.3, 9.0]),
            "gain": st.floats(0, 0.5),
            "lead_drop": st.floats(0, 0.9),
            "noise": st.floats(0, 1),
            "wander": st.floats(0, 1),
            "mixup": st.sampled_from([0.0, 0.01, 0.4, 5.0]),
            "mixing": st.sampled_from(["blend", "cut"]),
        }
    ),
)
def test_whatever_is_asked_for_targets_stay_shares_and_signals_finite(count, seed, how):
    rng = np.random.default_rng(seed)
    signal, target = rng.standard_normal((count, 12, 40)).astype(np.float16), rng.random((count, 3), np.float32)
    x, y = augment(signal, target, 100.0, Augmentation(**how), rng)
    assert x.dtype == y.dtype == np.float32 and np.isfinite(x).all()
    seconds = how["crop_seconds"]
    assert x.shape == (count, 12, 40 if seconds is None else min(40, round(100 * seconds)))
    assert y.shape == target.shape and y.min() >= 0 and y.max() <= 1
    assert y.max() <= target.max() + 1e-6 and y.min() >= target.min() - 1e-6
