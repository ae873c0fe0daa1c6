from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace

import pytest

from einthoven.ecg import FileError
from einthoven.ecg.commit import commit_of
from einthoven.evaluation.cells import Cell
from einthoven.evaluation.table import Part, Table, grid
from einthoven.metrics import Interval


@pytest.fixture
def table() -> Table:
    cells = {
        "vote": {"super": Cell(0.91234, 0.9, 0.92), "all": Cell.of(Interval(0.5, 0.25, 0.75))},
        "head": {"all": Cell(0.8, 0.7, 0.9)},
    }
    facts = {"fold": 9, "limited_to": None, "positives": {"SR": 3}}
    return Table("A title", cells, facts, made="2024-05-06", commit="abc123")


@pytest.fixture
def more() -> Part:
    return Part("Another", {"women": {"ECGs": 1234, "AUC": "too few"}, "men": {"share": 0.12345, "ECGs": 0}})


def test_markdown(table):
    assert table.markdown().splitlines() == [
        "**A title**",
        "",
        "| | super | all |",
        "|---|---|---|",
        "| vote | 0.912 [0.900, 0.920] | 0.500 [0.250, 0.750] |",
        "| head |  | 0.800 [0.700, 0.900] |",
        "",
        "fold 9",
        "2024-05-06, commit abc123",
    ]


def test_further_tables_hold_counts_numbers_and_words(table, more):
    with_more = replace(table, parts=[more])
    assert with_more.markdown().splitlines()[7:] == [
        "**Another**",
        "",
        "| | ECGs | AUC | share |",
        "|---|---|---|---|",
        "| women | 1,234 | too few |  |",
        "| men | 0 |  | 0.123 |",
        "",
        "fold 9",
        "2024-05-06, commit abc123",
    ]
    rows = {"women": {"ECGs": 1234, "AUC": "too few"}, "men": {"share": 0.1235, "ECGs": 0}}
    assert with_more.to_dict() == table.to_dict() | {"parts": [{"title": "Another", "rows": rows}]}


def test_notes_stand_below_and_hidden_parts_in_the_document_alone(table, more):
    noted = replace(table, parts=[replace(more, shown=False)], notes=["A note."])
    assert noted.markdown().splitlines()[6:] == ["", "A note.", "", "fold 9", "2024-05-06, commit abc123"]
    assert noted.to_dict()["parts"][0]["title"] == "Another" and noted.to_dict()["notes"] == ["A note."]


def test_the_document_is_json_and_comes_back(table, tmp_path):
    table.save(tmp_path / "t.json")
    assert json.loads((tmp_path / "t.json").read_text()) == {
        "title": "A title",
        "rows": {"vote": {"super": [0.9123, 0.9, 0.92], "all": [0.5, 0.25, 0.75]}, "head": {"all": [0.8, 0.7, 0.9]}},
        "parts": [],
        "notes": [],
        "facts": {"fold": 9, "limited_to": None, "positives": {"SR": 3}},
        "date": "2024-05-06",
        "commit": "abc123",
    }
    with pytest.raises(FileError, match="cannot be written"):
        table.save(tmp_path / "no such folder" / "t.json")


def test_the_commit_of_a_checkout(tmp_path):
    def git(*words: str) -> str:
        name = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        done = subprocess.run(["git", *name, *words], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    assert commit_of(tmp_path) == "none"
    git("init", "-q")
    assert commit_of(tmp_path) == "none"
    (tmp_path / "file").write_text("a")
    git("add", "file")
    git("commit", "-qm", "first")
    git("tag", "-a", "v1", "-m", "v1")
    short = git("rev-parse", "--short", "HEAD")
    assert commit_of(tmp_path) == short
    (tmp_path / "file").write_text("b")
    assert commit_of(tmp_path) == f"{short}+"
    assert commit_of(tmp_path / "nowhere") == "none"
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "module.py").write_text("a")
    assert commit_of(tmp_path / "packages") == "none"  # it lies there, but is no part of the checkout


def test_the_commit_is_that_of_the_code_wherever_one_works(tmp_path, monkeypatch):
    at_home = Table("A title", {}, {}).commit
    monkeypatch.chdir(tmp_path)
    assert Table("A title", {}, {}).commit == at_home


def test_date_and_commit_are_noted_by_themselves():
    made = Table("t", {}, {})
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", made.made)
    assert made.commit


def test_columns_stand_as_in_the_fullest_row():
    few, many = {"a": Cell(1, 1, 1)}, {"a": Cell(1, 1, 1), "a: change": Cell(0, 0, 0), "b": Cell(1, 1, 1)}
    said = grid({"before": few | {"b": Cell(1, 1, 1)}, "after": many})
    assert said.splitlines()[0] == "| | a | a: change | b |"
