"""Identification beside slow references, and beside sklearn."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from einthoven.ecg import UsageError
from einthoven.metrics import first_ranks, identified, one_vs_rest_statistic, rank_by_chance

SCORES = arrays(np.float64, (6, 6), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0]))


@settings(max_examples=25, deadline=None)
@given(SCORES)
def test_the_auc_is_the_mean_of_one_against_the_rest(score) -> None:
    theirs = roc_auc_score(np.eye(6), score, average="macro")
    assert one_vs_rest_statistic(score)(np.ones((1, 6)))[0] == pytest.approx(theirs)


@settings(max_examples=40, deadline=None)
@given(SCORES, st.integers(0, 100))
def test_weights_count_people_and_their_rest(score, seed) -> None:
    weights = np.random.default_rng(seed).integers(0, 3, 6)
    total, parts = 0.0, 0.0
    for one in range(6):
        others = [other for other in range(6) if other != one for _ in range(weights[other])]
        wins = [(score[o, one] < score[one, one]) + 0.5 * (score[o, one] == score[one, one]) for o in others]
        if others:
            total, parts = total + weights[one] * np.mean(wins), parts + weights[one]
    found = one_vs_rest_statistic(score)(weights[None].astype(float))[0]
    assert found == pytest.approx(total / parts if parts else np.nan, nan_ok=True)


def test_accuracy_shares_ties() -> None:
    assert identified([[1, 0], [1, 1]]).tolist() == [1, 0.5]
    assert identified([[0, 1], [1, 0]]).tolist() == [0, 0]


def test_ranks_count_what_is_ahead_and_never_the_query_itself() -> None:
    close = np.array(
        [[np.nan, 0.9, 0.5, 0.5], [0.9, np.nan, 0.2, 0.1], [0.5, 0.2, np.nan, 0.7], [0.5, 0.1, 0.7, np.nan]]
    )
    mates = np.array([[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1]], bool)
    assert first_ranks(close, mates).tolist() == [3, 3, 2, 3]
    with pytest.raises(UsageError, match="own person"):
        first_ranks(close, np.eye(4, dtype=bool))


@pytest.mark.parametrize("mates, others, k", [(1, 5, 1), (2, 4, 2), (3, 2, 3), (1, 2, 5)])
def test_chance_counts_every_order(mates, others, k) -> None:
    places = list(combinations(range(mates + others), mates))
    expected = np.mean([any(place < k for place in some) for some in places])
    assert rank_by_chance([mates], [others], k)[0] == pytest.approx(expected)


def test_scores_that_name_no_people_are_refused() -> None:
    for score in (np.ones((2, 3)), np.ones((1, 1)), np.array([[np.nan, 1], [1, 1]])):
        with pytest.raises(UsageError):
            one_vs_rest_statistic(score)
