"""A page holds every section that could be made, and says of the others why not and what would make them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from einthoven.ecg import DataError, UsageError
from einthoven.evaluation.cells import Cell
from einthoven.evaluation.everything import TABLE_1, TABLE_2
from einthoven.evaluation.page import Section, chosen, make_page, part_of
from einthoven.evaluation.table import Part, Table


def table(title: str) -> Table:
    return Table(title, {"row": {"AUC": Cell(0.9, 0.8, 0.95)}}, {"ecgs": 12}, commit="abc")


def refused() -> Table:
    raise UsageError("There is no fold 11.", "Use fold 9.")


@pytest.fixture
def made():
    said = []
    sections = (
        Section("First", "einthoven evaluate first", lambda: table("One")),
        Section("Second", "einthoven evaluate second", refused),
        Section("Third", "einthoven evaluate third --model DIR", lacks="It needs a text tower."),
    )
    page = make_page("Results", {"model": "m", "archive": None}, sections, said.append)
    return page, said


def test_each_section_is_there_with_its_command(made) -> None:
    page, said = made
    text = page.markdown()
    assert text.startswith("# Results\n\nmodel m; ") and "archive" not in text.split("##")[0]
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## First", "## Second", "## Third"]
    assert "| row | 0.900 [0.800, 0.950] |" in text and "`einthoven evaluate first`" in text
    assert "**Not computed**: There is no fold 11. Use fold 9." in text
    assert "It needs a text tower.\n\n**Not built here.**" in text
    assert said == ["1 of 3: First", "2 of 3: Second", "3 of 3: Third"]


def test_the_document_is_json_and_says_the_same(made) -> None:
    page, _ = made
    found = json.loads(json.dumps(page.to_dict(), allow_nan=False))
    assert [one["title"] for one in found["sections"]] == ["First", "Second", "Third"]
    assert found["sections"][0]["table"]["rows"]["row"]["AUC"] == [0.9, 0.8, 0.95]
    assert [one["fault"] for one in found["sections"]] == [None, "There is no fold 11. Use fold 9.", None]
    assert found["minutes"] >= 0 and found["facts"] == {"model": "m", "archive": None}


def test_what_is_no_error_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        make_page("Results", {}, (Section("First", "x", lambda: 1 / 0),), lambda line: None)  # type: ignore[arg-type,return-value]


def test_the_page_shows_the_tables_that_it_names_and_counts_the_others() -> None:
    parts = [Part("By age", {}), Part("By sex", {}), Part("Each", {}), Part("Hidden", {}, shown=False)]
    whole = Table("One", {}, {}, parts, notes=("A note.",))
    found = chosen(whole, ("By",))
    assert [part.title for part in found.parts] == ["By age", "By sex"]
    assert found.notes == ("A note.", "The command prints 1 more table.")
    assert chosen(whole, ()).notes[-1] == "The command prints 3 more tables." and not chosen(whole, ()).parts
    assert chosen(whole, ("",)).notes == ("A note.",)


def test_a_part_of_another_page_is_taken_over_whole_and_named_wrongly_is_refused(tmp_path) -> None:
    other = tmp_path / "other.md"
    other.write_text("# Page\nHead.\n## Table I: reports\n| a |\n\n### Why\nWords.\n## Table II: questions\nMore.\n")
    part = part_of(other, "Table I:")
    assert part == "| a |\n\n### Why\nWords." and part_of(other, "Table II:") == "More."
    page = make_page("Results", {}, (Section("Reports", "einthoven x", taken=part),), lambda line: None)
    assert page.markdown().endswith("## Reports\n\n`einthoven x`\n\n| a |\n\n### Why\nWords.\n")
    assert page.to_dict()["sections"][0]["taken"] == part
    for file, title in ((other, "Table III"), (tmp_path / "none.md", "Table I:")):
        with pytest.raises(DataError):
            part_of(file, title)


def test_the_projects_own_tables_are_those_of_its_page_of_results() -> None:
    docs = Path(__file__).parents[2] / "docs"
    for title, begins in ((TABLE_1, "Reports beside"), (TABLE_2, "Answers beside")):
        part = part_of(docs / "regen.md", title)
        assert part.count("|") > 50 and part_of(docs / "results.md", begins).endswith(part)
