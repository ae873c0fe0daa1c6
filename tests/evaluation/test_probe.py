from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from einthoven.ecg import ModelError
from einthoven.evaluation.probe import PENALTY, linear_probe
from einthoven.metrics import auc


def data(n=300, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(3, (1, 5, 0.1), (n, 3))
    odds = 1.5 * (x[:, 0] - 3) - 0.2 * (x[:, 1] - 3)
    return x, (rng.random(n) < 1 / (1 + np.exp(-odds)))[:, None]


def hard(seed=0):
    """Nearly collinear features, more labels than one, rare ones, and one that the features decide."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((400, 6)) @ rng.standard_normal((6, 20)) + 0.01 * rng.standard_normal((400, 20))
    odds = x[:, :5] - np.array([0, 1, 3, 5, -2])
    labels = rng.random(odds.shape) < 1 / (1 + np.exp(-odds))
    return x.astype(np.float32), np.concatenate([labels, x[:, :1] > 0.5], axis=1)


def test_it_is_the_logistic_regression_it_says():
    (x, truth), (new, _) = data(), data(seed=1)
    mean, spread = x.mean(0), x.std(0)
    z, sign = (x - mean) / spread, np.where(truth[:, 0], 1, -1)

    def loss(w):
        return np.logaddexp(0, -sign * (z @ w[1:] + w[0])).sum() + w[1:] @ w[1:] / (2 * PENALTY)

    best = minimize(loss, np.zeros(4), options={"gtol": 1e-8}).x
    expected = 1 / (1 + np.exp(-((new - mean) / spread @ best[1:] + best[0])))
    assert linear_probe(x, truth, new)[:, 0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("seed", [0, 1])
def test_it_agrees_with_sklearn_for_many_labels_at_once(seed):
    (x, labels), (new, _) = hard(seed), hard(seed + 10)
    found = linear_probe(x, labels, new)
    scaler = StandardScaler().fit(x.astype(np.float64))
    assert 2 < labels.sum(0).min() < 40
    for column, truth in enumerate(labels.T):
        theirs = LogisticRegression(C=PENALTY, tol=1e-10, max_iter=10_000).fit(scaler.transform(x), truth)
        expected = theirs.predict_proba(scaler.transform(new))[:, 1]
        assert found[:, column] == pytest.approx(expected, abs=1e-3)


def test_it_reads_what_is_there():
    (x, truth), (new, known) = data(), data(seed=1)
    assert auc(known[:, 0], linear_probe(x, truth, new)[:, 0]) > 0.8


def test_the_scale_of_a_feature_and_one_that_says_nothing_do_not_matter():
    (x, truth), (new, _) = data(), data(seed=1)
    expected = linear_probe(x, truth, new)
    assert linear_probe(x * [1e4, 1, 1e-4], truth, new * [1e4, 1, 1e-4]) == pytest.approx(expected, abs=1e-3)
    widened = [np.concatenate([part, np.full((len(part), 1), 0.3)], axis=1) for part in (x, new)]
    assert linear_probe(widened[0], truth, widened[1]) == pytest.approx(expected, abs=1e-3)


def test_a_label_of_one_class_gets_the_same_score_everywhere():
    x, truth = data(50)
    labels = np.concatenate([truth, np.zeros_like(truth), np.ones_like(truth)], axis=1)
    scores = linear_probe(x, labels, x[:7])
    assert scores.shape == (7, 3)
    assert (scores[:, 1] == 0).all()
    assert (scores[:, 2] == 1).all()
    assert scores[:, :1] == pytest.approx(linear_probe(x, truth, x[:7]), abs=1e-3)
    assert (linear_probe(x, labels[:, 1:], x[:7]) == [0, 1]).all()


def test_embeddings_that_are_not_finite_are_refused():
    (x, truth), (new, _) = data(50), data(5)
    with pytest.raises(ModelError, match="NaN"):
        linear_probe(np.where(x == x[3, 1], np.nan, x), truth, new)
    with pytest.raises(ModelError, match="infinite"):
        linear_probe(x, truth, np.where(new == new[3, 1], np.inf, new))
