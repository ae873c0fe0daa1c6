from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.reporting.others import _table, without_others


@pytest.mark.parametrize("phrase", _table(), ids=lambda phrase: phrase.example)
def test_each_phrase_takes_its_example_out_and_leaves_the_rest(phrase) -> None:
    found = without_others(f"Sinus rhythm. {phrase.example}. Left bundle branch block.")
    assert found.removed
    assert "Sinus rhythm" in found.text
    assert not phrase.pattern.search(found.text.lower())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Sinus rhythm. No change since yesterday.", "Sinus rhythm."),
        ("sinusrhythmus linkstyp    gegenüber vorbefund unverändert", "sinusrhythmus linkstyp."),
        ("Sinusrytm. Jämfört med tidigare EKG oförändrat.", "Sinusrytm."),
        (
            "Sinus rhythm. Prolonged QT, this may be due to a drug effect. Old infarct.",
            "Sinus rhythm. Prolonged QT. Old infarct.",
        ),
        ("st-senkung in v5-6 digitalisveränderung", "st-senkung in v5-6."),
        (
            "Sinus rhythm. Cannot exclude previous inferior infarction.",
            "Sinus rhythm. Cannot exclude previous inferior infarction.",
        ),
        ("Zustand nach Bypass", ""),
        ("Frau Schmidt, 67 Jahre. Sinusrhythmus.", "Sinusrhythmus."),
        ("Sinusrhythmus. Herr Müller klagt über Brustschmerz. Normales EKG.", "Sinusrhythmus. Normales EKG."),
        ("Normales EKG. Dr. med. Hans Schulze", "Normales EKG."),
        ("67 year old man with chest pain. Sinus rhythm.", "Sinus rhythm."),
        ("Bek. KHK, Diabetes mellitus, Hypertonus. Sinusrhythmus.", "Sinusrhythmus."),
        ("Sinusrhythmus. Neuer Linksschenkelblock. Kontrolle nach Lyse.", "Sinusrhythmus."),
        # A finding's own age is no comparison.
        ("ST & T abnorm, möglicherweise neuer Myokardschaden", "ST & T abnorm, möglicherweise neuer Myokardschaden"),
    ],
)
def test_what_is_left(text, left) -> None:
    assert without_others(text).text == left


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=200))
def test_any_text_becomes_one_printable_line(text) -> None:
    found = without_others(text)
    assert found.text.isprintable() and len(found.text) <= 2000


def test_endless_words_take_no_time() -> None:
    assert len(without_others("a" * 100_000).text) < 100
