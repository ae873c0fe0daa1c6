"""F1 and thresholds beside sklearn, and beside slow searches over every threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import f1_score

from einthoven.ecg import UsageError
from einthoven.metrics import (
    best_thresholds,
    f1,
    label_f1_statistic,
    macro_f1_statistic,
    nearest_only,
    unlabelled_thresholds,
)

TRUTH = arrays(bool, (30, 3))
SCORES = arrays(np.float64, (30, 3), elements=st.sampled_from(np.round(np.linspace(-1, 1, 9), 2)))


@settings(max_examples=60, deadline=None)
@given(TRUTH, TRUTH)
def test_f1_agrees_with_sklearn(truth, stated) -> None:
    found = label_f1_statistic(truth, stated)(np.ones((1, 30)))[0]
    theirs = f1_score(truth, stated, average=None, zero_division=np.nan)
    assert found == pytest.approx(theirs, nan_ok=True)
    assert f1(truth[:, 0], stated[:, 0]) == pytest.approx(theirs[0], nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(TRUTH, TRUTH, st.integers(0, 1000))
def test_weights_are_as_good_as_copies(truth, stated, seed) -> None:
    count = np.random.default_rng(seed).integers(0, 3, 30)
    weighted = label_f1_statistic(truth, stated)(count[None].astype(float))[0]
    copied = [f1_score(truth[:, k].repeat(count), stated[:, k].repeat(count), zero_division=np.nan) for k in range(3)]
    assert weighted == pytest.approx(copied, nan_ok=True)


def test_the_mean_is_over_labels_with_enough_positives() -> None:
    rng = np.random.default_rng(0)
    truth, stated = rng.random((60, 4)) < (0.5, 0.3, 0.05, 1.1), rng.random((60, 4)) < 0.4
    assert 0 < truth[:, 2].sum() < 10 and truth[:, 3].all()
    found = macro_f1_statistic(truth, stated)(np.ones((1, 60)))[0]
    assert found == pytest.approx(f1_score(truth[:, :2], stated[:, :2], average="macro"))


@settings(max_examples=60, deadline=None)
@given(TRUTH, SCORES)
def test_no_threshold_is_better_than_the_best(truth, score) -> None:
    found = best_thresholds(truth, score)
    for label in range(3):
        known, mine = truth[:, label], score[:, label]
        if not known.any():
            assert found[label] == np.inf
            continue
        every = [f1_score(known, mine >= cut, zero_division=0.0) for cut in np.unique(mine)]
        assert f1_score(known, mine >= found[label], zero_division=0.0) == pytest.approx(max(every))


@settings(max_examples=60, deadline=None)
@given(SCORES)
def test_unlabelled_thresholds_part_best_into_two(score) -> None:
    for threshold, mine in zip(unlabelled_thresholds(score), score.T, strict=True):
        if len(np.unique(mine)) == 1:
            assert threshold == np.inf
            continue

        def within(cut: float, mine: np.ndarray = mine) -> float:
            return sum(part.var() * len(part) for part in (mine[mine >= cut], mine[mine < cut]))

        every = [within(cut) for cut in np.unique(mine)[1:]]
        assert within(threshold) == pytest.approx(min(every))


def test_thresholds_hold_between_neighbours_in_floating_point() -> None:
    low = 0.3
    high = np.nextafter(low, 1)
    score = np.array([[low], [low], [high]])
    assert (score >= best_thresholds([[0], [0], [1]], score)).ravel().tolist() == [False, False, True]
    assert (score >= unlabelled_thresholds(score)).ravel().tolist() == [False, False, True]


@given(SCORES)
def test_the_nearest_alone_is_stated(score) -> None:
    said = nearest_only(score)
    assert (said.sum(1) == 1).all()
    assert (score[said] == score.max(1)).all()


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(UsageError):
        label_f1_statistic(np.ones((3, 2)), np.ones((3, 1)))
    with pytest.raises(UsageError):
        best_thresholds(np.ones((3, 2)), np.full((3, 2), np.nan))
    with pytest.raises(UsageError):
        nearest_only([[np.nan, 1.0]])
