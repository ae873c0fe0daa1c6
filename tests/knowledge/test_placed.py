"""What is said of which leads, and sentences that say it of others."""

from __future__ import annotations

import random
import re

import pytest

from einthoven.knowledge.handbook import passages, sections
from einthoven.knowledge.handbook_sentence import leads_in
from einthoven.knowledge.placed import clauses, elsewhere
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.support import unsupported

HEMIBLOCK = "I and aVL show a qR complex, II, III and aVF an rS complex. The R peak time in aVL is 45 ms or more."


@pytest.mark.parametrize(
    ("sentence", "leads"),
    [
        ("Q waves stand in II, III and aVF.", [{"II", "III", "aVF"}]),
        ("S waves are deep in V1 to V3, R waves tall in I and V6.", [{"V1", "V2", "V3"}, {"I", "V6"}]),
        ("V1 shows a second R wave, seldom a broad notched one; V6 a wide S wave.", [{"V1"}, {"V6"}]),
        ("ST is raised in inferior leads and depressed in V1.", [{"II", "III", "aVF"}, {"V1"}]),
        ("The rate is 60 bpm.", [set()]),
        ("", []),
    ],
)
def test_leads_go_with_the_words_beside_them(sentence: str, leads: list[set[str]]) -> None:
    assert [set(one.leads) for one in clauses(sentence)] == leads


@pytest.mark.parametrize(
    ("sentence", "lead"),
    [
        ("II, III and aVF show a qR complex.", "II"),
        ("An rS complex is seen in aVL.", "aVL"),
        ("The R peak time in III is 45 ms or more.", "III"),
        ("aVL shows a qR complex.", ""),
        ("III and aVF have an rS complex.", ""),
        ("V9 is wide.", ""),  # said so of nothing: for other checks
    ],
)
def test_what_is_said_of_other_leads_is_told(sentence: str, lead: str) -> None:
    assert elsewhere(sentence, HEMIBLOCK) == (lead and f"the passages say that of other leads, not of {lead}")


def test_most_handbook_sentences_with_another_lead_of_their_section_are_unsupported_and_none_as_it_stands() -> None:
    draw = random.Random(7)
    changed = caught = 0
    for section in sections()[::3]:
        texts = [one.text for one in passages(section)][:3]
        whole = " ".join(texts)
        for sentence in sentences_of(whole):
            assert not elsewhere(sentence, whole)
            mine = leads_in(sentence)
            others = sorted(leads_in(whole) - mine)
            if mine and others:
                lead = draw.choice(sorted(mine))
                turned = re.sub(rf"\b{lead}\b", draw.choice(others), sentence, count=1)
                changed += turned != sentence
                caught += turned != sentence and bool(unsupported(turned, texts))
    assert changed > 60 and caught > 0.75 * changed, (caught, changed)
