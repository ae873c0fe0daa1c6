"""What is hidden in a masked pass: tokens of ECGs, and whole words of texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer

from einthoven.ecg import UsageError
from einthoven.models.text_tower import PAD_ID

MASK = "[MASK]"
REPLACED, RANDOM = 0.8, 0.1
"""Shares of the hidden words that [MASK] stands for, and that others stand for; the rest is shown as it is, and to be
told all the same (Devlin 2018, section 3.1)."""

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class HiddenWords:
    """Texts as token ids, padded with 0: whole ones `ids` (n, length), what is shown of them `shown`, and which tokens
    are to be told `told` (n, length) bool."""

    ids: Ids
    shown: Ids
    told: NDArray[np.bool_]


def visible_tokens(records: int, tokens: int, share: float, rng: np.random.Generator) -> Ids:
    """Places (records, n), ascending, of the tokens that stay visible where `share` of `tokens` are hidden: drawn anew
    for each record, int(tokens * (1 - share)) of them and at least one."""
    count = max(1, int(tokens * (1 - share) + 1e-9))
    drawn = rng.random((records, tokens)).argsort(1)[:, :count]
    return np.sort(drawn, 1).astype(np.int64)


def hide_words(tokenizer: Tokenizer, texts: Sequence[str], share: float, rng: np.random.Generator) -> HiddenWords:
    """Hides `share` of each text's words, and at least one: all tokens of a word, or none.

    What stands for a word is drawn for the word as a whole: [MASK] for each of its tokens, other tokens, or itself.

    Raises:
        UsageError: the tokenizer has no [MASK].
    """
    mask = tokenizer.token_to_id(MASK)
    if mask is None:
        raise UsageError("The tokenizer has no [MASK].", "Make it by `with_mask`, or take an encoder of BERT's kind.")
    marks = tokenizer.get_added_tokens_decoder().keys()
    ordinary = np.array([one for one in range(tokenizer.get_vocab_size()) if one not in marks], np.int64)
    encoded = tokenizer.encode_batch(list(texts))
    longest = max((len(one.ids) for one in encoded), default=0)
    ids = np.full((len(encoded), longest), PAD_ID, np.int64)
    told = np.zeros(ids.shape, bool)
    shown = ids.copy()
    for row, one in enumerate(encoded):
        ids[row, : len(one.ids)] = shown[row, : len(one.ids)] = one.ids
        word = np.array([-1 if place is None else place for place in one.word_ids], np.int64)
        words = np.unique(word[word >= 0])
        count = min(len(words), max(1, round(share * len(words))))
        for chosen in rng.permutation(words)[:count]:
            places = np.flatnonzero(word == chosen)
            told[row, places] = True
            shown[row, places] = _instead(ids[row, places], mask, ordinary, rng)
    return HiddenWords(ids, shown, told)


def with_mask(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer with a [MASK], which takes one id after its last unless it has one."""
    if tokenizer.token_to_id(MASK) is None:
        tokenizer.add_special_tokens([AddedToken(MASK, special=True)])
    return tokenizer


def _instead(word: Ids, mask: int, ordinary: Ids, rng: np.random.Generator) -> NDArray[np.integer[Any]]:
    drawn = rng.random()
    if drawn < REPLACED:
        return np.full_like(word, mask)
    return rng.choice(ordinary, len(word)) if drawn < REPLACED + RANDOM else word
