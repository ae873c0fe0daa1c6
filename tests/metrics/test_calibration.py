import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from einthoven.ecg import UsageError
from einthoven.metrics import brier, expected_calibration_error, reliability


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
