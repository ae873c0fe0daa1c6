from __future__ import annotations

import numpy as np
import pytest

from einthoven.evaluation import partial
from einthoven.evaluation.partial import Partial, macro, micro
from einthoven.metrics import auc

N = 40


@pytest.fixture
def labels():
    rng = np.random.default_rng(1)
    made = []
    for share in (0.9, 0.5, 0.7):
        known = rng.random(N) < share
        truth = rng.random(N) < 0.4
        made.append((known, truth, np.round(rng.random(N) + 0.5 * truth, 1)))
    return made


def test_only_what_is_known_counts(labels):
    for known, truth, score in labels:
        label = Partial.of(known, truth, score)
        assert label.statistic(np.ones((1, N)))[0] == pytest.approx(auc(truth[known], score[known]))
        other = Partial.of(known, truth ^ ~known, score + ~known)  # what is not known may be anything
        assert other.statistic(np.ones((1, N)))[0] == label.statistic(np.ones((1, N)))[0]


def test_macro_and_micro_are_those_of_a_slow_loop(labels, monkeypatch):
    made = [Partial.of(*label) for label in labels]
    weights = np.random.default_rng(2).integers(0, 3, (5, N)).astype(float)
    monkeypatch.setattr(partial, "CELLS", 150)  # two draws at a time
    means, together = macro(made)(weights), micro(made)(weights)
    for draw, counts in enumerate(weights.astype(int)):
        drawn = [[np.repeat(each[known], counts[known]) for each in (truth, score)] for known, truth, score in labels]
        assert means[draw] == pytest.approx(np.mean([auc(*label) for label in drawn]))
        assert together[draw] == pytest.approx(auc(*(np.concatenate(each) for each in zip(*drawn, strict=True))))


def test_enough_is_asked_of_both_sides():
    truth = np.arange(10) < 3
    every = Partial.of(np.ones(10, bool), truth, np.zeros(10))
    assert every.enough(3) and not every.enough(4)
    assert not Partial.of(np.arange(10) < 4, truth, np.zeros(10)).enough(2)
