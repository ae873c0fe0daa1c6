from __future__ import annotations

import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models.config import TextTower
from einthoven.models.text_tower import TextEncoder, build_tokenizer, encode
from einthoven.statements import LANGUAGES, VOCABULARY, wordings

TEXTS = ["sinus rhythm", "left bundle branch block", "Vorhofflimmern, Lagetyp überdreht", "normal ECG"]


@pytest.fixture(scope="module")
def tokenizer():
    every = [text for code in VOCABULARY.codes() for language in LANGUAGES for text in wordings(code, language)]
    return build_tokenizer(every, TextTower())


@pytest.fixture
def tower():
    torch.manual_seed(0)
    return TextEncoder(TextTower()).eval()


def test_our_own_wordings_hold_no_unknown_token(tokenizer):
    for code in VOCABULARY.codes():
        for language in LANGUAGES:
            for text in wordings(code, language):
                ids = tokenizer.encode(text).ids
                assert ids and 1 not in ids, text


def test_an_unknown_script_is_an_unknown_token(tokenizer):
    assert 1 in tokenizer.encode("心房细动").ids


def test_ids_fit_the_embedding(tokenizer):
    assert tokenizer.get_vocab_size() <= TextTower().vocabulary


def test_case_does_not_matter(tokenizer):
    assert tokenizer.encode("Sinus RHYTHM").ids == tokenizer.encode("sinus rhythm").ids


def test_long_texts_are_cut(tokenizer):
    ids = encode(tokenizer, ["sinus rhythm " * 100, "normal"])
    assert ids.shape == (2, TextTower().tokens)
    assert (ids[1] == 0).sum() > 0


def test_no_texts_give_no_rows(tokenizer, tower):
    ids = encode(tokenizer, [])
    assert ids.shape == (0, 0)
    assert encode(tokenizer, ["", ""]).shape == (2, 0)


def test_a_vocabulary_too_small_for_the_letters_is_refused():
    with pytest.raises(UsageError, match="vocabulary") as refusal:
        build_tokenizer(TEXTS, TextTower(vocabulary=10))
    assert "text.vocabulary" in refusal.value.mend


def test_padding_does_not_change_the_vector(tokenizer, tower):
    together = tower(encode(tokenizer, TEXTS))
    assert (encode(tokenizer, TEXTS) == 0).any()
    for text, vector in zip(TEXTS, together, strict=True):
        assert torch.allclose(tower(encode(tokenizer, [text]))[0], vector, atol=1e-5)


def test_neither_does_more_padding(tokenizer, tower):
    ids = encode(tokenizer, TEXTS)
    assert torch.allclose(tower(ids), tower(torch.nn.functional.pad(ids, (0, 7))), atol=1e-5)


def test_the_order_of_the_batch_does_not_matter(tokenizer, tower):
    there, back = tower(encode(tokenizer, TEXTS)), tower(encode(tokenizer, TEXTS[::-1]))
    assert torch.allclose(there, back.flip(0), atol=1e-5)


def test_word_order_and_words_do_matter(tokenizer, tower):
    one, two, three = tower(encode(tokenizer, ["left right block", "right left block", "normal axis"]))
    assert not torch.allclose(one, two, atol=1e-3)
    assert not torch.allclose(one, three, atol=1e-3)


@pytest.mark.parametrize("training", [True, False])
def test_a_text_without_a_token_is_silence_and_not_nan(tokenizer, tower, training):
    tower.train(training)
    vectors = tower(encode(tokenizer, ["", "sinus rhythm"]))
    assert torch.isfinite(vectors).all()
    assert torch.equal(vectors[0], tower.norm.bias)
    vectors.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in tower.parameters() if p.grad is not None)
