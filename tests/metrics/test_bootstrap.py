import time

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from einthoven.ecg import UsageError
from einthoven.metrics import (
    macro_auc_statistic,
    mean_statistic,
    paired_difference,
    patient_bootstrap,
    patient_weights,
    unpaired_difference,
)


@pytest.fixture
def scored():
    rng = np.random.default_rng(0)
    patients = np.array([f"p{one}" for one in rng.integers(0, 80, 120)])
    truth = rng.random((120, 3)) < 0.4
    return patients, truth, truth + rng.normal(0, 1.5, (120, 3))


def test_ecgs_of_a_patient_go_together_and_draws_repeat():
    patients = np.array([3, 1, 3, 2, 1, 3])
    weights = np.concatenate(list(patient_weights(patients, 500, seed=5)))
    assert (weights[:, 0] == weights[:, 2]).all() and (weights[:, 0] == weights[:, 5]).all()
    assert (weights[:, [1, 3, 0]].sum(axis=1) == 3).all()
    assert weights[:, 3].mean() == pytest.approx(1, abs=0.15)
    again = np.concatenate(list(patient_weights(patients, 500, seed=5)))
    np.testing.assert_array_equal(weights, again)


def test_interval_equals_a_slow_loop_over_resampled_samples(scored):
    patients, truth, score = scored
    found = patient_bootstrap(macro_auc_statistic(truth, score), patients, draws=60, seed=3)
    slow = []
    for weights in np.concatenate(list(patient_weights(patients, 60, seed=3))).astype(int):
        drawn = np.repeat(np.arange(len(patients)), weights)
        slow.append(roc_auc_score(truth[drawn], score[drawn], average="macro"))
    assert [found.low, found.high] == pytest.approx(np.quantile(slow, [0.025, 0.975]), abs=1e-12)
    assert found.value == pytest.approx(roc_auc_score(truth, score, average="macro"))


def test_pairing_cancels_what_both_share(scored):
    patients, truth, score = scored
    first, second = macro_auc_statistic(truth, score), macro_auc_statistic(truth, score + 1e-9)
    same = paired_difference(first, second, patients, draws=50)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    worse = macro_auc_statistic(truth, -score)
    assert paired_difference(first, worse, patients, draws=50).low > 0


def test_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(7)
    hits = 0
    for seed in range(200):
        centre = np.repeat(rng.normal(0, 1, 40), 3)  # three ECGs alike for each patient
        values = centre + rng.normal(0, 0.1, 120)
        found = patient_bootstrap(mean_statistic(values), np.repeat(np.arange(40), 3), draws=200, seed=seed)
        hits += found.low <= 0 <= found.high
    assert 0.88 <= hits / 200 <= 0.98  # resampling ECGs instead would cover about 0.74


def test_a_thousand_draws_take_seconds():
    rng = np.random.default_rng(2)
    truth = rng.random((1100, 40)) < 0.1
    score = rng.random((1100, 40))
    start = time.process_time()
    patient_bootstrap(macro_auc_statistic(truth, score), rng.integers(0, 900, 1100))
    assert time.process_time() - start < 8


def test_refuses_one_patient_and_undefined_statistics():
    with pytest.raises(UsageError, match="patients"):
        patient_bootstrap(mean_statistic([1.0, 2.0]), ["a", "a"])
    with pytest.raises(UsageError, match="own"):
        patient_bootstrap(mean_statistic([1.0, 2.0]), ["a", None])
    with pytest.raises(UsageError, match="undefined"):
        patient_bootstrap(lambda weights: np.full(len(weights), np.nan), ["a", "b"])


def test_two_samples_of_their_own_differ_as_their_draws_do():
    rng = np.random.default_rng(4)
    first, second = rng.normal(1.0, 1.0, 60), rng.normal(0.4, 1.0, 80)
    sides = [(mean_statistic(values), np.arange(len(values))) for values in (first, second)]
    found = unpaired_difference(*sides[0], *sides[1], draws=4000)
    assert found.value == pytest.approx(first.mean() - second.mean())
    error = np.sqrt(first.var() / 60 + second.var() / 80)
    assert (found.high - found.low) == pytest.approx(2 * 1.96 * error, rel=0.08)
    assert found.low < found.value < found.high
    same = unpaired_difference(*sides[0], *sides[0], draws=200)
    assert same.low < same.value == 0 < same.high  # drawn apart, not together
