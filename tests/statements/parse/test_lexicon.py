"""Words: stems, compounds, slips of the pen, cut ends; and words that must not be taken for others."""

from __future__ import annotations

import pytest

from einthoven.statements.parse.lexicon import _one_apart, lexicon


@pytest.mark.parametrize(
    ("word", "meanings"),
    [
        ("linksschenkelblock", "left bundle-block"),
        ("sinustachykardie", "sinus tachycardia"),
        ("hinterwandinfarkt", "wall:inferior infarct"),
        ("vorhofsuberlastung", "atrial overload"),
        ("linksventrikelhypertrophie", "left ventricular hypertrophy"),
        ("infarction", "infarct"),
        ("inferiorer", "wall:inferior"),
        ("anteroseptalem", "wall:anterior+septal"),
    ],
)
def test_compounds_and_endings(word: str, meanings: str) -> None:
    found = lexicon().meaning(word)
    assert found is not None and " ".join(found.meanings) == meanings


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("infarktt", "infarct"),
        ("wahrschienlich", "probably"),
        ("hypetrophie", "hypertrophy"),
        ("sinusbradikardie", "sinus bradycardia"),
        ("sniusrhythmus", "sinus rhythm"),
        ("vorhoffllimmern", "atrial fibrillation"),
    ],
)
def test_one_letter_is_forgiven(slip: str, meant: str) -> None:
    found = lexicon().meaning(slip)
    assert found is not None and " ".join(found.meanings) == meant


@pytest.mark.parametrize(
    "word", ["platter", "stelzfuss", "history", "penicillin", "zzzzzz", "x" * 60, "qwertz\ufffd\ufffd\ufffd\ufffd"]
)
def test_other_words_stay_unknown(word: str) -> None:
    assert lexicon().meaning(word) is None


def test_a_cut_end_is_completed_only_where_it_can_mean_one_thing() -> None:
    assert lexicon().meaning("unbest", cut=True) is not None
    assert lexicon().meaning("myoca", cut=True).meanings == ("myocard",)
    assert lexicon().meaning("myoca") is None
    assert lexicon().meaning("ante", cut=True) is None  # anterior, anteroseptal or anterolateral


def test_one_letter_apart() -> None:
    pairs = [("abcd", "abcd"), ("abcd", "abd"), ("abd", "abcd"), ("abcd", "abxd"), ("abcd", "acbd")]
    assert all(_one_apart(*pair) for pair in pairs)
    assert not _one_apart("abcd", "axyd") and not _one_apart("abcd", "ab") and not _one_apart("abcd", "dabc")
