"""The handbook: it reads, every section can be cited, and a line that does not fit is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from einthoven.knowledge.handbook import SOURCE, HandbookError, documents, passages, sections
from einthoven.knowledge.handbook_section import Criterion
from einthoven.knowledge.handbook_text import parse

GOOD = """# Chapter

## Long thing
codes: LPR, aha:82, snomed:164947007
names: long thing; langes Ding

What it is.

### On the ECG
It is long in II.

### Criteria
- It lasts more than 200 ms in II. {measure=pr op=> value=200 unit=ms leads=II source=general verified=false}
- It is
  slurred. {source=general verified=true verified_by="Ada Example"}

### Tell apart from
- SR: it is not long.
"""


def test_a_section() -> None:
    (section,) = parse(GOOD, "good.md", frozenset({"general"}))
    assert (section.title, section.chapter, section.line) == ("Long thing", "Chapter", 3)
    assert section.codes == ("LPR", "aha:82", "snomed:164947007") and section.names == ("long thing", "langes Ding")
    assert (section.what, section.looks) == ("What it is.", "It is long in II.")
    first, second = section.criteria
    assert first == Criterion("It lasts more than 200 ms in II.", "pr", ">", (200.0,), "ms", ("II",), line=13)
    assert (second.sentence, second.verified_by, second.line) == ("It is slurred.", "Ada Example", 14)
    assert section.apart == (Criterion("SR: it is not long.", line=18),)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("# Chapter\n", "", 2),
        ("codes: LPR", "codes: lpr 82", 4),
        ("names: long thing; langes Ding", "names: ;", 5),
        ("### Criteria", "### Criterion", 12),
        ("It is long in II.", "- It is long in II.", 10),
        ("op=> value", "op=~ value", 13),
        ("measure=pr ", "", 13),
        ("measure=pr", "measure=length", 13),
        ("value=200", "value=200..100", 13),
        ("value=200", "value=many", 13),
        ("leads=II ", "leads=II,V10 ", 13),
        ("source=general verified=false", "source=somebody verified=false", 13),
        ("source=general verified=false", "verified=false", 13),
        ("verified=false", "verified=true", 13),
        (' verified_by="Ada Example"', "", 14),
        ("verified=false}", "verified=false} and more", 13),
        ("unit=ms", "unit=ms unit=ms", 13),
        ("What it is.\n", "", 3),
        ("- SR: it is not long.", "SR: it is not long.", 18),
    ],
)
def test_a_line_that_does_not_fit(old: str, new: str, line: int) -> None:
    assert old in GOOD
    with pytest.raises(HandbookError, match=rf"^bad\.md, line {line}: "):
        parse(GOOD.replace(old, new, 1), "bad.md", frozenset({"general"}))


def test_all_sections_are_read_and_nobody_claims_a_physician() -> None:
    assert len(sections()) >= 112
    assert len({section.title for section in sections()}) == len(sections())
    every = [each for section in sections() for each in (*section.criteria, *section.apart)]
    assert all(each.verified_by for each in every if each.verified)


def test_a_section_can_be_cited() -> None:
    section = next(each for each in sections() if "AFIB" in each.codes)
    found = passages(section)
    assert [passage.section for passage in found] == [
        "Atrial fibrillation",
        "Atrial fibrillation > On the ECG",
        "Atrial fibrillation > Criteria",
        "Atrial fibrillation > Tell apart from",
    ]
    assert {passage.source for passage in found} == {SOURCE} and len({passage.sha256 for passage in found}) == 1
    assert all(passage.codes == section.codes and passage.page is None for passage in found)
    every = [passage.text for each in sections() for passage in passages(each)]
    assert not [text for text in every if "{" in text or "source=" in text]


def test_sections_are_of_a_readable_length() -> None:
    words = {s.title: sum(len(passage.text.split()) for passage in passages(s)) for s in sections()}
    assert not {title: count for title, count in words.items() if not 90 <= count <= 330}


def test_documents_are_few_and_whole() -> None:
    listed = {key: each for key, each in documents().items() if key != "general"}
    assert len(listed) <= 20
    assert all(each.title and each.authors and each.journal and 2005 < each.year < 2027 for each in listed.values())
    assert all(each.doi == "" or each.doi.startswith("10.") for each in listed.values())


def test_criteria_name_no_page_and_sentences_no_document_as_reviewed() -> None:
    every = " ".join(passage.text.lower() for section in sections() for passage in passages(section))
    assert " page " not in every and " p. " not in every


def test_the_texts_ship_in_the_wheel(tmp_path: Path) -> None:
    builder = pytest.importorskip("hatchling.builders.wheel")
    root = Path(__file__).parents[2]
    (wheel,) = builder.WheelBuilder(str(root)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(wheel).namelist())
    folder = root / "src" / "einthoven" / "knowledge" / "handbook"
    assert {f"einthoven/knowledge/handbook/{file.name}" for file in folder.iterdir()} <= names
