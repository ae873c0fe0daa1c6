from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.ecg import DataError
from einthoven.evaluation.cells import Share
from einthoven.evaluation.cqa_criteria import LACKS, WITH, WITHOUT, Measured, agreement_cells, judged_criteria, sex_of
from einthoven.evaluation.cqa_gate import Sorting
from einthoven.evaluation.cqa_lists import Judged, read_list
from einthoven.evaluation.cqa_overlap import overlap
from einthoven.evaluation.cqa_retrieval import described, recall_cells, right_cells
from einthoven.evaluation.cqa_sources import read_sources, shelves
from einthoven.knowledge.describe import Assistant
from einthoven.knowledge.handbook import SOURCE, Criterion
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.search import Found, Ranks
from einthoven.knowledge.topics import topic_of


def counts(cell: object) -> tuple[int, int]:
    assert isinstance(cell, Share)
    return cell.successes, cell.trials


def test_n_grams_are_those_that_the_references_hold() -> None:
    ours = ["The P wave is tall in lead II.", "short"]
    theirs = ["a p wave is tall; nothing more", "in lead II"]
    assert counts(overlap(ours, theirs, 3)) == (3, 6)  # p wave is, wave is tall, in lead ii
    assert overlap(["too short"], theirs, 8) == "none"


def test_lists_are_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "list.tsv"
    path.write_text('text\tkind\na "quoted\tfinding\n', encoding="utf-8")
    assert read_list(path, "text", "kind").rows == [{"text": 'a "quoted', "kind": "finding"}]
    with pytest.raises(DataError, match="no column code"):
        read_list(path, "code")
    for content in ("text\tkind\n", "text\tkind\nalone\n"):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match="no rows"):
            read_list(path, "text", "kind")
    path.write_bytes(b"text\xff")
    with pytest.raises(DataError, match="UTF-8"):
        read_list(path, "text")
    with pytest.raises(DataError, match="cannot be read"):
        read_list(tmp_path / "none.tsv", "text")


def test_the_gate_is_counted_by_kind() -> None:
    rows = [
        {"text": "atrial fibrillation", "kind": "finding"},
        {"text": "age not entered", "kind": "demographic"},
        {"text": "left bundle branch block", "kind": "technical"},
    ]
    sorting = Sorting.of(Judged(rows, ""))
    cells = sorting.cells()
    assert counts(cells["finding"]["precision"]) == (1, 2) and counts(cells["finding"]["recall"]) == (1, 1)
    assert counts(cells["abstained"]["precision"]) == (1, 1) and counts(cells["abstained"]["recall"]) == (1, 2)
    assert cells["technical"]["precision"] == "none"
    assert [true for true, _ in sorting.mistakes()] == ["technical"]
    with pytest.raises(DataError, match="'other' is no kind"):
        Sorting.of(Judged([{"text": "x", "kind": "other"}], ""))


class Shuffled:
    """An index that answers with sections of these codes, in this order."""

    def __init__(self, *codes: str) -> None:
        self.codes = codes

    def search(self, text: str, k: int = 5) -> list[Found]:
        return [Found(Passage("t", "s", "", codes=(code,)), 1, Ranks(1, 1), 1) for code in self.codes][:k]


def test_recall_is_by_the_first_right_section() -> None:
    asked = [("AFIB", "en"), ("AFLT", "en"), ("SR", "de"), ("PVC", "de")]
    rows = [{"question": "?", "code": code, "language": language} for code, language in asked]
    cells = recall_cells(Judged(rows, ""), Shuffled("AFIB", "X", "AFLT", "AFIB", "SR", "PVC"))
    assert [counts(cell)[0] for cell in cells["all questions"].values()] == [1, 1, 2, 3]
    assert [counts(cell) for cell in cells["German"].values()] == [(0, 2), (0, 2), (0, 2), (1, 2)]


def test_a_description_is_right_by_the_code_of_its_section() -> None:
    rows = [
        {"text": "atrial fibrillation", "code": "AFIB"},
        {"text": "atrial fibrillation", "code": "AFLT"},
        {"text": "age not entered", "code": "SR"},
    ]
    cells = right_cells(described(Judged(rows, ""), Assistant()))
    assert [counts(row["findings"]) for row in cells.values()] == [(2, 3), (1, 3), (1, 2), (1, 2)]


def test_sources_are_searched_alone_and_together(tmp_path: Path) -> None:
    other = tmp_path / "other.md"
    other.write_text(
        "# Book\n\n## Atrial fibrillation\n\nAtrial fibrillation shows no P waves here.\n", encoding="utf-8"
    )
    found = shelves(read_sources([other]))
    assert list(found) == ["handbook", "other.md", "all together"]
    topic = topic_of("AFIB")
    assert [one.source for one in found["other.md"].about(topic, 3)] == ["other.md"]
    assert {one.source for one in found["handbook"].about(topic, 3)} == {SOURCE}
    assert {one.source for one in found["all together"].about(topic, 50)} == {SOURCE, "other.md"}
    assert list(shelves(read_sources([]))) == ["handbook"]
    with pytest.raises(DataError, match=r"none\.md"):
        read_sources([tmp_path / "none.md"])


def test_criteria_are_of_one_sex_by_their_words() -> None:
    assert sex_of(Criterion("QTc is 450 ms or more in men.")) == "male"
    assert sex_of(Criterion("The same statement asks for more than 480 ms in women.")) == "female"
    assert sex_of(Criterion("It is longer in women than in men.")) is None
    assert sex_of(Criterion("The measurement of segments.")) is None
    assert sum(1 for _ in judged_criteria()) > 80


def test_measured_ecgs_are_counted_with_the_code_and_without() -> None:
    slow = [Measured(frozenset({"SBRAD"}), "male", {"rate": 50.0}) for _ in range(19)]
    slow += [Measured(frozenset({"SBRAD"}), "male", {"rate": 70.0}), Measured(frozenset({"SBRAD"}), "male", {})]
    others = [
        Measured(frozenset({"SR"}), "female", {"rate": 55.0}),
        Measured(frozenset({"SR"}), "female", {"rate": 80.0}),
    ]
    rows = agreement_cells(slow + others)
    row = next(row for name, row in rows.items() if name.startswith("SBRAD") and "rate < 60 bpm" in name)
    assert counts(row[WITH]) == (19, 20) and counts(row[WITHOUT]) == (1, 2) and row[LACKS] == 1
    assert not any(name.startswith("SR ") for name in rows)  # two ECGs are too few
    assert not agreement_cells(slow[:19] + others)
