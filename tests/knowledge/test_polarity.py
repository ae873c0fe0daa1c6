"""Directions of waves, lead by lead, and the contrary of them."""

from __future__ import annotations

import re

import pytest

from einthoven.knowledge.handbook import passages, sections
from einthoven.knowledge.polarity import Pointing, contrary, pointings
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.support import unsupported

V1_T = ("V1", "T", "upright")
FLUTTER = "Flutter waves are negative in II, III and aVF and positive in V1."


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("T waves in V1 are negative and in V5 upright.", {("V1", "T", "inverted"), ("V5", "T", "upright")}),
        ("In II and aVF flutter waves are negative.", {("II", "flutter", "inverted"), ("aVF", "flutter", "inverted")}),
        ("Upright in V1, with inverted T waves in V6.", {("V1", "", "upright"), ("V6", "T", "inverted")}),
        ("The P wave is biphasic in V1, with the positive part first.", set()),
        ("T waves are not inverted in V2.", set()),
        ("R waves are tall in V1.", set()),
        ("ST-T changes point away from QRS: T inverted in V5; upright in V1.", {("V5", "T", "inverted"), V1_T}),
        ("Deep S waves in V1 with positive T waves.", {V1_T}),
        ("P, QRS and T are upright in V1.", {("V1", wave, "upright") for wave in ("P", "QRS", "T")}),
        ("V1 has an upright P, a QRS complex and T.", {("V1", wave, "upright") for wave in ("P", "QRS", "T")}),
        ("Inferior leads show negative P waves.", {(lead, "P", "inverted") for lead in ("II", "III", "aVF")}),
        ("T is inverted in inferolateral leads and in high lateral leads.", {("", "T", "inverted")}),
        (
            "ST is raised in inferior leads and depressed in V1 to V2.",
            {(lead, "ST", "up") for lead in ("II", "III", "aVF")} | {(lead, "ST", "down") for lead in ("V1", "V2")},
        ),
    ],
)
def test_each_lead_goes_with_the_direction_of_its_own_clause(sentence: str, said: set[tuple[str, str, str]]) -> None:
    assert set(pointings(sentence)) == {Pointing(*one) for one in said}


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Negative flutter waves are seen in V1.", "the passages say upright in V1, not inverted"),
        ("Flutter waves are upright in II and positive in V1.", "the passages say inverted in II, not upright"),
        ("Flutter waves are positive in V1.", ""),
        ("T waves are negative in V1.", ""),  # another wave
        ("Flutter waves are negative in V6.", ""),  # another lead
    ],
)
def test_the_contrary_of_a_lead_is_told(sentence: str, why: str) -> None:
    assert contrary(sentence, FLUTTER) == why


def test_a_direction_without_a_lead_is_that_of_the_wave() -> None:
    assert contrary("T waves are upright.", "The T wave is negative in leads with a positive QRS complex.")
    assert not contrary("QRS is positive.", "The T wave is negative in leads with a positive QRS complex.")
    assert not contrary("T waves are upright.", "T is inverted in V1 and upright in V5.")


def test_what_is_said_both_ways_contradicts_nothing() -> None:
    assert contrary("T is inverted in III.", "T may be upright in III. T may be inverted in III.") == ""


def test_a_lead_that_points_the_other_way_is_unsupported_though_all_words_are_there() -> None:
    assert "upright in V1" in unsupported("Flutter waves are negative in II, III, aVF and V1.", [FLUTTER])


def test_the_handbook_contradicts_none_of_its_own_passages_and_nearly_every_turned_one_is_caught() -> None:
    caught = checked = 0
    for passage in (one for section in sections() for one in passages(section)):
        for sentence in sentences_of(passage.text):
            assert contrary(sentence, passage.text) == ""
            ways = {one.way for one in pointings(sentence)}
            if len(ways) == 1 and (other := _turned(sentence)) != sentence:
                checked += 1
                caught += bool(contrary(other, sentence))
    assert checked > 100
    assert caught > 0.9 * checked  # the others turn a clause that names no lead


def _turned(sentence: str) -> str:
    """With upright for inverted and raised for depressed, and the other way round."""
    pairs = {"upright": "inverted", "positive": "negative", "raised": "depressed"}
    both = pairs | {after: before for before, after in pairs.items()}
    return re.sub(r"[a-z]+", lambda word: both.get(word[0], word[0]), sentence)
