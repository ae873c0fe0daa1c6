"""What findings are about, and which passages name them."""

from __future__ import annotations

import pytest

from einthoven.knowledge.gate import sort_statement
from einthoven.knowledge.handbook import APART, passages, section_of, sections
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.topics import topics


def topics_of(text: str):
    return topics(sort_statement(text))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("LBBB", "Complete left bundle branch block"),
        ("komplett linksschenkelblock", "Complete left bundle branch block"),
        ("AF", "Atrial fibrillation"),
        ("Vorhofflimmern", "Atrial fibrillation"),
        ("sinus bradycardia", "Sinus bradycardia"),
    ],
)
def test_any_wording_leads_to_its_section(text, title) -> None:
    (topic,) = topics_of(text)
    assert topic.title == title and topic.section is not None and topic.code in topic.section.codes


def test_what_abstains_is_about_nothing() -> None:
    assert topics_of("age not entered") == () == topics_of("No atrial fibrillation")


def test_each_finding_of_a_statement_once() -> None:
    assert [one.code for one in topics_of("LBBB, left bundle branch block with AF")] == ["CLBBB", "AFIB"]
    many = topics_of("AF, LBBB, left axis deviation, LVH, first degree AV block, sinus bradycardia")
    assert len(many) == 6 == len({one.title for one in many})


def test_every_code_has_one_section() -> None:
    for section in sections():
        assert all(section_of(code) is section for code in section.codes), section.title


def test_a_section_s_own_passages_name_it_but_for_those_of_other_findings() -> None:
    for section in sections():
        for topic in topics_of(section.title):
            if topic.section is section:
                assert all(topic.named_in(one) != str(one.section).endswith(APART) for one in passages(section))


def test_passages_are_named_by_words_headings_and_codes_and_not_by_parts_of_words() -> None:
    (topic,) = topics_of("AF")

    def named(text: str, section: str | None = None, codes: tuple[str, ...] = ()) -> bool:
        return topic.named_in(Passage(text, "s", "a" * 64, section=section, codes=codes))

    assert named("In atrial fibrillation there are no P waves.")
    assert named("There are no P waves.", section="Rhythms > Atrial fibrillation")
    assert named("There are no P waves.", codes=("AFIB",))
    assert not named("The atrium is large. Fibrillation of the ventricle is another matter.")
    assert not named("In ventricular fibrillation there are no complexes.")
    assert not named("The staff of the clinic were safe.")
