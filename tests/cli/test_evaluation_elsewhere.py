"""`einthoven evaluate shift` and `robustness`: what is asked comes through, and what comes back is written."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from einthoven.evaluation.cells import Cell
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Table
from einthoven.evaluation.tasks import robustness
from einthoven.testing import simulate

pytest.importorskip("scipy")


def test_shift(run, tmp_path, write_wfdb) -> None:
    write_wfdb(simulate(50), "E00001", ("Dx: 426177001",), tmp_path / "a")
    write_wfdb(simulate(125, qt_ms=300), "JS00002", ("Dx: 427084000",), tmp_path / "b")
    words = ("--data", tmp_path / "a", "--data", tmp_path / "b", "--out", tmp_path / "shift.json")
    found = run("evaluate", "shift", *words, "--json").json
    assert found["facts"]["ecgs"] == 2 and found["facts"]["archive"].startswith("PTB-XL")
    assert any(row.startswith("georgia: 1 ECGs") for row in found["rows"])
    assert json.loads((tmp_path / "shift.json").read_text()) == found
    assert "| pooled: 2 ECGs" in run("evaluate", "shift", *words).out


def test_shift_refuses_a_folder_of_nothing(run, tmp_path) -> None:
    said = run("evaluate", "shift", "--data", tmp_path, "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "data"


def test_robustness(run, tmp_path, monkeypatch) -> None:
    asked = {}
    facts = {"fold": 9, "ecgs": 5, "patients": 5, "model": "m", "drafted_of_them": 3}
    cells = {"undisturbed": {"vote": Cell(0.9, 0.8, 1.0)}, "leads missing: 2": {"vote": Cell(0.8, 0.7, 0.9)}}

    def evaluate(archive, question, progress, drafted) -> Table:
        asked.update(archive=archive.name, question=question, drafted=drafted)
        return Table("title", cells, facts)

    monkeypatch.setattr(robustness, "evaluate_robustness", evaluate)
    files = [tmp_path / "curves.svg", tmp_path / "table.json"]
    said = run(
        *("evaluate", "robustness", "--data", tmp_path, "--fold", 9, "--why", "test", "--limit", 60, "--drafted", 7),
        *("--out", files[0], "--out", files[1], "--json"),
    )
    assert asked["archive"].startswith("PTB-XL")
    assert asked["question"] == Question(tmp_path, 9, limit=60, why="test") and asked["drafted"] == 7
    assert said.json["rows"] == json.loads(files[1].read_text())["rows"]
    assert ElementTree.parse(files[0]).getroot().tag.endswith("svg")


def test_robustness_refuses_an_empty_folder(run, tmp_path) -> None:
    said = run("evaluate", "robustness", "--data", tmp_path, "--fold", 9, "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "data"
