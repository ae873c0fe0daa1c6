from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from einthoven.evaluation.agreement import cells, f1_scores, kappa

GENERATOR = np.random.default_rng(0)
TRUTH = GENERATOR.random((60, 4)) < 0.4
SAID = TRUTH ^ (GENERATOR.random((60, 4)) < 0.2)


def test_f1_is_that_of_scikit_learn() -> None:
    micro, macro, *each = f1_scores(SAID, TRUTH)(np.ones((1, 60)))[0]
    assert micro == pytest.approx(f1_score(TRUTH, SAID, average="micro"))
    assert macro == pytest.approx(f1_score(TRUTH, SAID, average="macro"))
    assert each == pytest.approx(f1_score(TRUTH, SAID, average=None))


def test_weights_are_repeats() -> None:
    weights = GENERATOR.integers(0, 3, 60)
    again = np.repeat(np.arange(60), weights)
    assert f1_scores(SAID, TRUTH)(weights[None].astype(float)) == pytest.approx(
        f1_scores(SAID[again], TRUTH[again])(np.ones((1, len(again))))
    )


def test_pairs_that_do_not_count_change_nothing() -> None:
    counted = GENERATOR.random((60, 4)) < 0.5
    changed = np.where(counted, SAID, ~SAID)
    one = np.ones((1, 60))
    assert f1_scores(changed, TRUTH, counted)(one) == pytest.approx(f1_scores(SAID, TRUTH, counted)(one))
    assert f1_scores(SAID & False, TRUTH & False)(one).tolist() == [[0.0] * 6]


def test_intervals_hold_the_value_and_repeat() -> None:
    patients = np.array([str(n // 2) for n in range(60)])
    first, second = (cells(f1_scores(SAID, TRUTH), patients, 50) for _ in range(2))
    assert first == second and all(one.low <= one.value <= one.high for one in first) and len(first) == 6


def test_kappa_is_that_of_scikit_learn() -> None:
    assert kappa(SAID, TRUTH) == pytest.approx(cohen_kappa_score(SAID.ravel(), TRUTH.ravel()))
    assert kappa(TRUTH, TRUTH) == 1.0 and kappa(TRUTH & False, TRUTH & False) == 1.0
