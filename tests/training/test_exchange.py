"""Which texts are exchanged: in pairs, among ECGs that differ, each as likely."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.training.exchange import common_statements, exchanged, say_the_same

SETS = arrays(bool, st.tuples(st.integers(1, 12), st.just(4)))


def alike_of(stated):
    return say_the_same(stated, [str(place) for place in range(len(stated))])


@settings(max_examples=150, deadline=None)
@given(SETS, st.floats(0.01, 1.0), st.integers(0, 999), st.booleans())
def test_pairs_of_ecgs_with_different_statements(stated, share, seed, hard):
    closeness = common_statements(stated) if hard else None
    order = exchanged(alike_of(stated), share, np.random.default_rng(seed), closeness)
    everyone = np.arange(len(stated))
    np.testing.assert_array_equal(order[order], everyone)  # each is the partner of its partner
    moved = np.flatnonzero(order != everyone)
    assert all((stated[one] != stated[order[one]]).any() for one in moved)
    assert len(moved) <= 2 * int((len(stated) * share + 1) / 2)


def test_half_of_a_varied_batch_and_each_as_often():
    stated = np.eye(32, dtype=bool)
    rng = np.random.default_rng(0)
    moved = np.zeros(32)
    for _ in range(400):
        order = exchanged(alike_of(stated), 0.5, rng)
        assert 15 <= (order != np.arange(32)).sum() <= 17
        moved += order != np.arange(32)
    assert np.abs(moved / 400 - 0.5).max() < 0.12


def test_equal_ecgs_keep_their_texts():
    assert exchanged(np.ones((6, 6), bool), 1.0, np.random.default_rng(0)).tolist() == list(range(6))


def test_the_same_statements_or_the_same_words_are_no_mismatch():
    stated = np.array([[1, 0], [1, 0], [0, 1], [1, 1]], bool)
    alike = say_the_same(stated, ["a", "b", "c", "a"])
    expected = np.eye(4, dtype=bool)
    expected[0, 1] = expected[1, 0] = expected[0, 3] = expected[3, 0] = True
    np.testing.assert_array_equal(alike, expected)


@given(SETS)
def test_common_statements_one_pair_at_a_time(stated):
    found = common_statements(stated)
    for one, row in enumerate(stated):
        for other, column in enumerate(stated):
            first, second = set(np.flatnonzero(row)), set(np.flatnonzero(column))
            either = first | second
            assert abs(found[one, other] - (len(first & second) / len(either) if either else 0)) < 1e-12


def test_a_hard_partner_is_the_closest_that_is_left():
    stated = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 1, 1]], bool)
    for seed in range(20):
        order = exchanged(alike_of(stated), 1.0, np.random.default_rng(seed), common_statements(stated))
        assert order.tolist() == [1, 0, 3, 2]
    easy = {tuple(exchanged(alike_of(stated), 1.0, np.random.default_rng(seed))) for seed in range(40)}
    assert len(easy) == 3
