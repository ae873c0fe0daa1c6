"""Where passages are looked for: our handbook, and bases of the user's."""

from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.gate import sort_statement
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.shelf import BaseShelf, HandbookShelf, handbook_index
from einthoven.knowledge.table import Source
from einthoven.knowledge.topics import topics

BOOK = [
    Passage("In atrial fibrillation there are no P waves.", "one", "1" * 64, page=3),
    Passage("RR intervals vary in every case of atrial fibrillation.", "one", "1" * 64, page=4),
    Passage("Atrial flutter shows a saw-tooth baseline.", "one", "1" * 64, page=5),
]
OTHER = [Passage("Atrial fibrillation is an irregular rhythm without P waves.", "two", "2" * 64, section="Rhythms")]


def topic_of(text: str):
    return topics(sort_statement(text))[0]


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> KnowledgeBase:
    made = KnowledgeBase.create(tmp_path_factory.mktemp("base") / "kb")
    made.put([(Source("one", "1" * 64, "text", 9, 3), BOOK), (Source("two", "2" * 64, "text", None, 1), OTHER)])
    return made


def test_the_handbook_begins_with_what_is_seen() -> None:
    shelf = HandbookShelf()
    found = shelf.about(topic_of("LBBB"), 4)
    assert [str(one.section).split(" > ")[-1] for one in found[:2]] == ["On the ECG", "Criteria"]
    assert all("CLBBB" in one.codes for one in found) and shelf.about(topic_of("LBBB"), 1) == found[:1]


@pytest.mark.parametrize("heading", ["Differential diagnosis", "Differenzialdiagnose", "How to tell apart", "Mimics"])
def test_what_is_said_of_other_findings_describes_none(heading) -> None:
    assert all("Tell apart" not in str(one.section) for one in HandbookShelf().about(topic_of("AF"), 9))
    said = Passage(
        "Atrial flutter: waves are regular and alike.", "one", "1" * 64, section=f"Atrial fibrillation > {heading}"
    )
    assert not topic_of("AF").named_in(said) and not topic_of("atrial flutter").named_in(said)


def test_a_base_gives_what_names_the_finding_and_nothing_else(base) -> None:
    shelf = BaseShelf(base)
    found = shelf.about(topic_of("AF"), 5)
    assert {one.text for one in found} == {one.text for one in (*BOOK[:2], *OTHER)}
    assert shelf.about(topic_of("AF"), 1) == found[:1]
    assert shelf.about(topic_of("atrial flutter"), 3) == BOOK[2:]
    assert shelf.about(topic_of("LBBB"), 3) == []


def test_a_heading_above_that_of_another_finding_does_not_count() -> None:
    topic = topic_of("right bundle branch block")
    above = "Right bundle branch block"
    assert topic.named_in(Passage("V1 shows rsR'.", "one", "1" * 64, section=f"{above} > On the ECG"))
    assert not topic.named_in(Passage("Waves like a saw.", "one", "1" * 64, section=f"{above} > Atrial flutter"))
    assert topic.named_in(Passage("RBBB is wide.", "one", "1" * 64, section="Atrial flutter > Aberrancy"))


def test_sources_can_be_chosen(base) -> None:
    assert "two of the knowledge base" in BaseShelf(base, ["two"]).name
    assert [one.source for one in BaseShelf(base, ["two"]).about(topic_of("AF"), 5)] == ["two"]
    assert BaseShelf(base).sha256 != BaseShelf(base, ["two"]).sha256
    with pytest.raises(UsageError, match="No source is called three"):
        BaseShelf(base, ["one", "three"])


def test_the_handbook_is_found_by_questions() -> None:
    best = handbook_index().search("delta wave and short PR interval", 3)
    assert any("pre-excitation" in str(one.passage.section).lower() for one in best)
