"""What is hidden: as many tokens of each ECG as asked for, and words of texts as a whole or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.models.config import TextTower
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.training.masks import MASK, hide_words, visible_tokens, with_mask

WORDS = [
    "sinusrhythmus",
    "linkstyp",
    "normales",
    "ekg",
    "av-block",
    "1.",
    "grades",
    "infarction",
    "old",
    "st",
    "depression",
]
TOWER = TextTower(width=16, layers=1, heads=2, tokens=24, vocabulary=59)
TOKENIZER = with_mask(build_tokenizer(WORDS, TOWER, marks=True))
MASK_ID = TOKENIZER.token_to_id(MASK)
SPECIAL = {0, 1, 2, 3, MASK_ID}


@given(st.integers(1, 6), st.integers(2, 320), st.floats(0.01, 0.99), st.integers(0, 99))
def test_visible_tokens(records, tokens, share, seed):
    kept = visible_tokens(records, tokens, share, np.random.default_rng(seed))
    assert kept.shape == (records, max(1, int(tokens * (1 - share) + 1e-9)))
    for row in kept:
        assert len(set(row)) == len(row) and list(row) == sorted(row) and row[0] >= 0 and row[-1] < tokens


def test_the_papers_share_of_312_tokens_leaves_78():
    assert visible_tokens(3, 312, 0.75, np.random.default_rng(0)).shape == (3, 78)


def test_every_token_is_as_likely_to_stay():
    kept = visible_tokens(4000, 8, 0.75, np.random.default_rng(0))
    share = np.bincount(kept.ravel(), minlength=8) / 4000
    assert np.abs(share - 0.25).max() < 0.03


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), min_size=1, max_size=4),
    st.floats(0.01, 0.99),
    st.integers(0, 99),
)
def test_words_are_hidden_whole_or_not_at_all(texts, share, seed):
    found = hide_words(TOKENIZER, texts, share, np.random.default_rng(seed))
    np.testing.assert_array_equal(found.ids, encode(TOKENIZER, texts).numpy())
    for row, text in enumerate(texts):
        words = TOKENIZER.encode(text).word_ids
        places = {word: [at for at, one in enumerate(words) if one == word] for word in set(words) - {None}}
        hidden = [word for word, at in places.items() if found.told[row, at].any()]
        assert all(found.told[row, places[word]].all() for word in hidden)
        assert len(hidden) == min(len(places), max(1, round(share * len(places))))
        assert found.told[row].sum() == sum(len(places[word]) for word in hidden)  # no mark, no padding
        for word in hidden:
            shown, own = found.shown[row, places[word]], found.ids[row, places[word]]
            masked = (shown == MASK_ID).all()
            assert masked or (shown == own).all() or not set(shown) & SPECIAL
    np.testing.assert_array_equal(found.shown[~found.told], found.ids[~found.told])


def test_eight_in_ten_are_masked_and_one_is_another_word():
    found = hide_words(TOKENIZER, ["linkstyp"] * 4000, 0.15, np.random.default_rng(0))
    shown, own = found.shown[found.told].reshape(4000, -1), found.ids[found.told].reshape(4000, -1)
    masked, same = (shown == MASK_ID).all(1).mean(), (shown == own).all(1).mean()
    assert abs(masked - 0.8) < 0.03 and abs(same - 0.1) < 0.03
    other = shown[~(shown == MASK_ID).all(1) & ~(shown == own).all(1)]
    assert len(set(other.ravel())) > 20


def test_a_text_without_a_word_hides_nothing():
    found = hide_words(TOKENIZER, ["", "ekg"], 0.15, np.random.default_rng(0))
    assert not found.told[0].any() and found.told[1].any()


def test_a_mask_takes_one_place_and_only_once():
    plain = build_tokenizer(WORDS, TOWER, marks=True)
    size = plain.get_vocab_size()
    with pytest.raises(UsageError, match=r"no \[MASK\]"):
        hide_words(plain, ["ekg"], 0.15, np.random.default_rng(0))
    assert with_mask(with_mask(plain)).get_vocab_size() == size + 1
    assert plain.token_to_id(MASK) == size
