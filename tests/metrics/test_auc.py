import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from einthoven.ecg import UsageError
from einthoven.metrics import auc, label_auc_statistic, macro_auc, macro_auc_statistic, mean_auc, weighted_auc

samples = st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 3)), min_size=2, max_size=30)


@given(samples)
def test_ties_and_weights_equal_the_count_of_pairs(sample):
    truth, score, weight = (np.array(column) for column in zip(*sample, strict=True))
    wins = pairs = 0.0
    for t, s, w in sample:
        for t2, s2, w2 in sample:
            if t and not t2:
                pairs += w * w2
                wins += w * w2 * (1.0 if s > s2 else 0.5 if s == s2 else 0.0)
    found = weighted_auc(truth, score.astype(float), weight[None].astype(float))[0]
    assert np.isnan(found) if pairs == 0 else found == pytest.approx(wins / pairs, abs=1e-12)


@given(samples)
def test_whole_weights_equal_repetition(sample):
    truth, score, weight = (np.array(column) for column in zip(*sample, strict=True))
    repeated_truth, repeated_score = np.repeat(truth, weight), np.repeat(score, weight)
    if repeated_truth.any() and not repeated_truth.all():
        found = weighted_auc(truth, score.astype(float), weight[None].astype(float))[0]
        assert found == pytest.approx(roc_auc_score(repeated_truth, repeated_score), abs=1e-12)


def test_like_sklearn_with_ties():
    rng = np.random.default_rng(0)
    truth, score = rng.random(500) < 0.3, rng.integers(0, 20, 500)
    assert auc(truth, score) == pytest.approx(roc_auc_score(truth, score), abs=1e-12)


def test_one_class_is_undefined():
    assert np.isnan(auc([0, 0], [0.1, 0.2]))


def test_macro_leaves_out_rare_and_constant_labels():
    rng = np.random.default_rng(1)
    truth = rng.random((200, 4)) < [0.5, 0.2, 0.0, 0.0]
    truth[:9, 2] = True
    truth[:, 3] = True
    score = rng.random((200, 4))
    found = macro_auc(truth, score, minimum=10)
    assert found.counted.tolist() == [True, True, False, False]
    each = [roc_auc_score(truth[:, label], score[:, label]) for label in (0, 1, 2)]
    np.testing.assert_allclose(found.per_label[:3], each, atol=1e-12)
    assert np.isnan(found.per_label[3])
    assert found.value == pytest.approx(np.mean(each[:2]))


def test_statistic_skips_a_label_that_a_draw_leaves_undefined():
    truth = np.array([[1, 1], [0, 0], [1, 0], [0, 0]])
    score = np.array([[0.9, 0.9], [0.1, 0.1], [0.2, 0.5], [0.3, 0.95]])
    statistic = macro_auc_statistic(truth, score, minimum=1)
    whole, without_first = statistic(np.array([[1.0, 1, 1, 1], [0.0, 1, 1, 1]]))
    assert whole == pytest.approx(macro_auc(truth, score, minimum=1).value)
    assert without_first == pytest.approx(auc(truth[1:, 0], score[1:, 0]))


@pytest.mark.parametrize(
    "truth, score",
    [([0, 1], [0.1]), ([0, 2], [0.1, 0.2]), ([0, 1], [0.1, np.nan]), ([], []), ([[0, 1]], [[0.1, 0.2]])],
)
def test_refuses_what_does_not_fit(truth, score):
    with pytest.raises(UsageError):
        auc(truth, score)


def test_macro_refuses_when_no_label_counts():
    with pytest.raises(UsageError, match="No label"):
        macro_auc(np.eye(3, dtype=int), np.eye(3))


def test_each_label_under_each_weighting_is_that_of_the_slow_loop():
    rng = np.random.default_rng(2)
    truth, score = rng.random((60, 3)) < [0.5, 0.1, 0.9], rng.integers(0, 9, (60, 3)) / 3
    weights = rng.integers(0, 4, (5, 60)).astype(float)
    found = label_auc_statistic(truth, score)(weights)
    assert found.shape == (5, 3)
    for draw, counts in enumerate(weights.astype(int)):
        drawn = np.repeat(np.arange(60), counts)
        for label in range(3):
            expected = roc_auc_score(truth[drawn, label], score[drawn, label])
            assert found[draw, label] == pytest.approx(expected, abs=1e-12)
    macro = macro_auc_statistic(truth, score, minimum=1)(weights)
    np.testing.assert_allclose(mean_auc(found), macro, atol=1e-12)


def test_the_mean_leaves_out_what_is_undefined():
    found = mean_auc(np.array([[[0.5, np.nan, 1.0]], [[np.nan, np.nan, np.nan]]]))
    np.testing.assert_array_equal(found, [[0.75], [np.nan]])
