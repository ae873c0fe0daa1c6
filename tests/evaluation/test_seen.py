"""A model of a published split has seen every fold, and gets no number on one."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets import PTBXL
from einthoven.ecg import UsageError
from einthoven.evaluation.adapter import Adapted, adapt
from einthoven.evaluation.question import Question
from einthoven.evaluation.rival_models import others_of
from einthoven.evaluation.seen import refuse_split, split_of
from einthoven.evaluation.store import Store
from einthoven.evaluation.tasks import shift
from einthoven.evaluation.tasks.groups import evaluate_groups
from einthoven.evaluation.tasks.report import evaluate_report
from einthoven.evaluation.tasks.retrieval import evaluate_retrieval
from einthoven.evaluation.tasks.zero_shot import evaluate_zero_shot
from einthoven.retrieval import Archive

HOUSE = Path(shift.__file__).parents[2]
WITHOUT_MODEL = ("evaluate cqa, criteria beside measurements",)
REFUSAL = "lie in every fold of PTB-XL, 9 and 10 among them"


@pytest.fixture
def marked(stand_in):
    made = stand_in(3)
    made.config = replace(made.config, split="ecg-qa")
    return made


def test_the_mark_is_found_through_what_wraps_a_model(stand_in, marked, tmp_path):
    assert split_of(stand_in()) is None and split_of(object()) is None
    with Store(tmp_path / "kept") as store:
        every = (marked, marked.config, Adapted(marked, "mine", "a" * 64), store.model(marked))
        assert [split_of(one) for one in every] == ["ecg-qa"] * 4
    refuse_split(stand_in(), None)
    with pytest.raises(UsageError, match=REFUSAL) as refusal:
        refuse_split(stand_in(), marked)
    assert "--part test" in refusal.value.mend


def test_evaluations_on_folds_refuse_it_before_they_log(marked, stand_in, made_up_ptbxl, tmp_path):
    log = tmp_path / "fold10.log"
    for fold in (9, 10):
        with pytest.raises(UsageError, match=REFUSAL):
            Question(made_up_ptbxl, fold, log=log).note("evaluate anything", stand_in(), marked)
    assert not log.exists()
    question = Question(made_up_ptbxl, 9, log=log)
    source = PTBXL(made_up_ptbxl)
    archive = Archive.create(tmp_path / "archive", marked)
    archive.add([source.row(source.entries[0])])
    with pytest.raises(UsageError, match=REFUSAL):
        evaluate_report(archive, question)
    with pytest.raises(UsageError, match=REFUSAL):
        shift._reference(archive, made_up_ptbxl, set(), lambda line: None, None)
    with pytest.raises(UsageError, match=REFUSAL):
        others_of(stand_in(), [marked], (), False, question)


def test_so_do_tasks_of_a_model_alone_and_beside_another(marked, stand_in, made_up_ptbxl, monkeypatch):
    monkeypatch.setattr("einthoven.evaluation.question.NEIGHBOURS", 5)
    question = Question(made_up_ptbxl, 9)
    with pytest.raises(UsageError, match=REFUSAL):
        evaluate_groups(marked, question)
    with pytest.raises(UsageError, match=REFUSAL):
        evaluate_retrieval(stand_in(), question, against=[marked])


def test_no_further_training_of_a_model_may_have_seen_it(marked, stand_in, made_up_ptbxl):
    stand = stand_in()
    stand.similarity = marked.similarity = lambda ecgs, texts: np.zeros((len(ecgs), len(texts)))
    with pytest.raises(UsageError, match=REFUSAL):
        evaluate_zero_shot(adapt(stand), Question(made_up_ptbxl, 9), again=[adapt(marked)])


def test_every_task_that_takes_further_models_names_them_all():
    for path in (HOUSE / "evaluation" / "tasks").glob("*.py"):
        for task in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(task, ast.FunctionDef):
                continue
            taken = {one.arg for one in (*task.args.args, *task.args.kwonlyargs)} & {"again", "against"}
            told = [
                {
                    part.value.id
                    for part in node.args
                    if isinstance(part, ast.Starred) and isinstance(part.value, ast.Name)
                }
                for node in ast.walk(task)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note"
            ]
            assert all(taken <= names for names in told), f"{path.name}: {task.name}"


def test_every_task_that_asks_a_fold_says_which_models_it_judges():
    calls = [
        (path, node)
        for path in (HOUSE / "evaluation").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note"
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "exam")
    ]
    silent = [node.args[0].value for _, node in calls if len(node.args) == 1 and isinstance(node.args[0], ast.Constant)]
    assert len(calls) > 10 and sorted(silent) == sorted(WITHOUT_MODEL)
    assert all(len(node.args) > 1 for _, node in calls if not isinstance(node.args[0], ast.Constant))
