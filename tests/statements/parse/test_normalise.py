"""Case, umlauts and their damage; and that places in the text survive it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.statements.parse.lexicon import lexicon
from einthoven.statements.parse.normalise import LOST, fold, tokens


@pytest.mark.parametrize(
    "damaged",
    ["Ischämie", "ISCHÄMIE", "Ischaemie", "ischÃ¤mie", "ISCHÃ„MIE", "Ischa\u0308mie", "isch{mie", "Ischamie"],
)
def test_one_word_in_many_spellings(damaged: str) -> None:
    assert fold(damaged) == "ischamie"
    (token,) = tokens(f"  {damaged}.")[:-1]
    assert damaged.startswith(damaged[: token.end - token.start]) and token.start == 2
    assert f"  {damaged}."[token.start : token.end] == damaged


@pytest.mark.parametrize("damaged", ["m?glich", "m#glich", "m\ufffdglich", "mglich"])
def test_a_lost_letter_is_filled_in(damaged: str) -> None:
    found = lexicon().meaning(fold(damaged))
    if damaged == "mglich":
        assert found is None  # too short to be sure
    else:
        assert found is not None and found.meanings == ("possible-post",)


def test_a_question_mark_at_the_end_is_one() -> None:
    assert [token.form for token in tokens("Infarkt? Block?")] == ["infarkt", "?", "block", "?"]
    assert LOST not in fold("a? b")


@given(st.text(max_size=200))
def test_tokens_lie_in_the_text_in_order(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end


@given(st.lists(st.sampled_from(["Vorhof", "größe", "ÜBER", "ischaemie", "T-Welle", "aé", "3,5", "ß"]), max_size=12))
def test_the_folded_place_is_that_of_the_word(words: list[str]) -> None:
    text = " ; ".join(words)
    for token in tokens(text):
        assert fold(text[token.start : token.end]) == token.form
