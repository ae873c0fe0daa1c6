"""The task: a fold, ECGs from elsewhere, the log of fold 10."""

from __future__ import annotations

import pytest

from einthoven.evaluation.question import Question
from einthoven.evaluation.risk import ALL, COVERED, PLAIN
from einthoven.evaluation.tasks import risk
from einthoven.evaluation.tasks.risk import evaluate_risk
from einthoven.retrieval import Archive


@pytest.fixture(scope="module")
def archive(stand_in, make_ecg, tmp_path_factory):
    made = Archive.create(tmp_path_factory.mktemp("risk") / "archive", stand_in())
    made.add((f"ptb-xl/9{n:04d}", make_ecg(n)) for n in range(60, 100))
    return made


def test_a_fold_and_elsewhere(folder, archive, make_ecg, write_wfdb, tmp_path, monkeypatch):
    monkeypatch.setattr(risk, "DRAWS", 20)
    for n in range(2):
        write_wfdb(make_ecg(n), f"E0000{n + 1}", (" Age: 60", " Sex: Male", " Dx: 426783006"), tmp_path / "georgia")
    log = tmp_path / "fold10.log"
    table = evaluate_risk(archive, Question(folder, 9, limit=6, log=log), [tmp_path])
    assert table.cells[ALL][COVERED].trials == table.facts["ecgs"] == 6 and PLAIN in table.cells
    assert table.parts[0].cells[f"pooled: {ALL}"][COVERED].trials == 2
    assert "optimistic" in table.notes[-1] and not log.exists()
    assert "Elsewhere [95% patient bootstrap]" in table.markdown()


def test_fold_10_leaves_a_line(tiny_ptbxl, archive, make_ecg, tmp_path, monkeypatch):
    monkeypatch.setattr(risk, "DRAWS", 20)
    for n in range(3):
        tiny_ptbxl.add(make_ecg(n), strat_fold="10")
    log = tmp_path / "fold10.log"
    table = evaluate_risk(archive, Question(tiny_ptbxl.write(), 10, log=log, why="a test"))
    assert log.read_text().count("evaluate risk, archive, stand-in-0") == 1 and "optimistic" not in table.notes[-1]
