"""One meaning, one word: German and English, and names of findings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.knowledge import handbook
from einthoven.knowledge.lemmas import codes_named, lemmas
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.search import Index
from einthoven.knowledge.shelf import handbook_index


@pytest.mark.parametrize(
    ("german", "english"),
    [
        ("Vorhofflimmern", "atrial fibrillation"),
        ("die Kammertachykardie", "the ventricular tachycardia"),
        ("Linksschenkelblock", "left bundle branch block"),
        ("unspezifische Veränderungen", "nonspecific changes"),
    ],
)
def test_german_and_english_are_one(german: str, english: str) -> None:
    assert lemmas(german) == lemmas(english) != []


def test_words_that_say_nothing_are_left_out_and_unknown_ones_stay() -> None:
    assert lemmas("the of im") == []
    assert lemmas("zygomorphic zygomorphic") == ["zygomorphic", "zygomorphic"]


def test_what_is_denied_is_not_named() -> None:
    assert "CLBBB" in codes_named("How do I recognise a left bundle branch block?")
    assert codes_named("no left bundle branch block").isdisjoint({"CLBBB"})
    assert not codes_named("tall narrow spikes")


@given(st.text(max_size=200))
def test_any_text_has_lemmas_and_codes(text: str) -> None:
    assert all(lemmas(text))
    assert isinstance(codes_named(text), frozenset)


def test_a_german_question_finds_the_english_section() -> None:
    found = handbook_index().search("Was ist ein Bigeminus?", 1)[0]
    assert "BIGU" in found.passage.codes and found.named
    assert handbook_index().search("zygomorphic quuxes of Vorhofflattern", 1)[0].ranks.words == 1


def test_a_name_is_one_vote_beside_the_others() -> None:
    said = [Passage("apples and pears", "a", "", codes=("X",)), Passage("pears alone", "a", "")]
    plain, naming = Index(said), Index(said, named=lambda text: {"X"} if "apple" in text else set())
    assert [one.named for one in plain.search("pears")] == [False, False]
    first = naming.search("pears of an apple")[0]
    assert first.passage is said[0] and first.named
    assert first.score == pytest.approx(1 / 61 + sum(1 / (60 + rank) for rank in first.ranks if rank is not None))
    assert naming.search("pears")[0].score == plain.search("pears")[0].score


def test_every_section_is_found_by_its_own_title() -> None:
    index, lost = handbook_index(), []
    for section in handbook.sections():
        codes = {code for one in index.search(section.title, 5) for code in one.passage.codes}
        titles = {str(one.passage.section).split(" > ")[0] for one in index.search(section.title, 5)}
        if section.title not in titles and not codes & set(section.codes):
            lost.append(section.title)
    assert len(lost) <= 0.03 * len(handbook.sections()), lost
