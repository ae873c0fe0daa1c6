import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from einthoven.ecg import UsageError
from einthoven.metrics import brier, calibration_error_statistic, expected_calibration_error, reliability


@pytest.fixture
def calibrated():
    rng = np.random.default_rng(0)
    probability = rng.random(20_000)
    return rng.random(20_000) < probability, probability


def test_a_calibrated_forecast_has_next_to_no_error(calibrated):
    truth, probability = calibrated
    assert expected_calibration_error(truth, probability) < 0.02
    assert expected_calibration_error(truth, probability**3) > 0.15


def test_equals_a_slow_loop_without_ties(calibrated):
    truth, probability = (column[:1000] for column in calibrated)
    order = np.argsort(probability)
    error = 0.0
    for part in np.array_split(order, 10):
        error += len(part) / 1000 * abs(probability[part].mean() - truth[part].mean())
    assert expected_calibration_error(truth, probability, bins=10) == pytest.approx(error, abs=1e-12)


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from([0, 0.2, 0.5, 1])), min_size=1, max_size=40),
    st.randoms(),
)
def test_order_does_not_matter_and_nothing_is_lost(sample, shuffler):
    table = reliability(*zip(*sample, strict=True), bins=5)
    assert table.count.sum() == len(sample) and (table.count > 0).all()
    assert table.count @ table.observed == pytest.approx(sum(truth for truth, _ in sample))
    assert table.count @ table.predicted == pytest.approx(sum(chance for _, chance in sample))
    assert (table.low[1:] > table.high[:-1]).all()
    error = expected_calibration_error(*zip(*sample, strict=True), bins=5)
    shuffler.shuffle(sample)
    assert expected_calibration_error(*zip(*sample, strict=True), bins=5) == pytest.approx(error)


def test_brier_like_sklearn(calibrated):
    assert brier(*calibrated) == pytest.approx(brier_score_loss(*calibrated))


def test_refuses_logits():
    with pytest.raises(UsageError, match="logits"):
        brier([0, 1], [-2.0, 3.0])


def test_the_error_under_weights_is_that_of_a_slow_loop(calibrated):
    truth, probability = (column[:400] for column in calibrated)
    owner = np.random.default_rng(3).integers(0, 50, 400)
    statistic = calibration_error_statistic(truth, probability, owner, 50, bins=5)
    weights = np.random.default_rng(4).integers(0, 3, (3, 50)).astype(float)
    bins = np.array_split(np.argsort(probability), 5)
    for draw, found in zip(weights, statistic(weights), strict=True):
        error = 0.0
        for part in bins:
            gap = sum(draw[owner[i]] * (probability[i] - truth[i]) for i in part)
            error += abs(gap)
        assert found == pytest.approx(error / sum(draw[owner[i]] for i in range(400)), abs=1e-12)
    whole = statistic(np.ones((1, 50)))[0]
    assert whole == pytest.approx(expected_calibration_error(truth, probability, bins=5), abs=1e-12)


def test_ecgs_without_an_entry_and_draws_of_them_alone():
    statistic = calibration_error_statistic([1, 0], [0.5, 0.5], np.array([0, 2]), 3, bins=1)
    np.testing.assert_allclose(statistic(np.array([[1.0, 1, 1], [1, 9, 0], [0, 1, 0]])), [0, 0.5, np.nan])
