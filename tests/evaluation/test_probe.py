from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.optimize import minimize

from einthoven.ecg import MissingPackageError
from einthoven.evaluation.probe import PENALTY, linear_probe
from einthoven.metrics import auc

pytest.importorskip("sklearn")


def data(n=300, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(3, (1, 5, 0.1), (n, 3))
    odds = 1.5 * (x[:, 0] - 3) - 0.2 * (x[:, 1] - 3)
    return x, (rng.random(n) < 1 / (1 + np.exp(-odds)))[:, None]


def test_it_is_the_logistic_regression_it_says():
    (x, truth), (new, _) = data(), data(seed=1)
    mean, spread = x.mean(0), x.std(0)
    z, sign = (x - mean) / spread, np.where(truth[:, 0], 1, -1)

    def loss(w):
        return np.logaddexp(0, -sign * (z @ w[1:] + w[0])).sum() + w[1:] @ w[1:] / (2 * PENALTY)

    best = minimize(loss, np.zeros(4), options={"gtol": 1e-8}).x
    expected = 1 / (1 + np.exp(-((new - mean) / spread @ best[1:] + best[0])))
    assert linear_probe(x, truth, new)[:, 0] == pytest.approx(expected, abs=2e-3)


def test_it_reads_what_is_there():
    (x, truth), (new, known) = data(), data(seed=1)
    assert auc(known[:, 0], linear_probe(x, truth, new)[:, 0]) > 0.8


def test_a_label_of_one_class_gets_the_same_score_everywhere():
    x, truth = data(50)
    labels = np.concatenate([truth, np.zeros_like(truth), np.ones_like(truth)], axis=1)
    scores = linear_probe(x, labels, x[:7])
    assert scores.shape == (7, 3)
    assert (scores[:, 1] == 0).all()
    assert (scores[:, 2] == 1).all()


def test_without_its_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    with pytest.raises(MissingPackageError) as caught:
        linear_probe(*data(20), data(5)[0])
    assert "einthoven[eval]" in caught.value.mend
