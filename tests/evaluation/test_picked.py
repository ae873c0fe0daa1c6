from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.evaluation.picked import consensus, with_the_same_codes
from einthoven.metrics import words

TEXT = st.lists(st.sampled_from(["sinus", "rhythm", "normal", "ecg", "block"]), max_size=6).map(" ".join)


def token_f1(one: str, other: str) -> float:
    left, right = list(words(one)), list(words(other))
    total, shared = len(left) + len(right), 0
    for word in left:
        if word in right:
            right.remove(word)
            shared += 1
    return 2 * shared / total if total else 0.0


@given(st.lists(TEXT, min_size=2, max_size=7))
def test_the_consensus_is_the_text_that_is_most_like_the_others(texts):
    means = [np.mean([token_f1(a, b) for j, b in enumerate(texts) if j != i]) for i, a in enumerate(texts)]
    assert means[consensus(texts)] == pytest.approx(max(means))


def test_of_the_same_codes_one_is_drawn_and_otherwise_the_nearest_set():
    known = [{"SR"}, {"SR", "NORM"}, {"AFIB"}, {"SR", "NORM"}, set()]
    drawn = [with_the_same_codes([{"NORM", "SR"}, {"AFIB", "LVH"}, set()], known, seed) for seed in range(20)]
    assert {one[0] for one in drawn} == {1, 3} and {one[1] for one in drawn} == {2} and {one[2] for one in drawn} == {4}
    assert with_the_same_codes([{"NORM", "SR"}], known, 3) == with_the_same_codes([{"NORM", "SR"}], known, 3)
