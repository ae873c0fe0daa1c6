"""`einthoven evaluate qa`: questions out, answers in, the check, and what is refused."""

from __future__ import annotations

import json
import shutil
from itertools import islice

import pytest

from einthoven.datasets import ECGQA
from einthoven.datasets.ecg_qa import pairs
from einthoven.evaluation.tasks import qa


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(qa, "DRAWS", 20)
    monkeypatch.setattr(pairs, "MOST", 100)


def test_questions_are_written_answered_and_scored(run, made_up_ptbxl, tmp_path):
    words = ("evaluate", "qa", "--data", made_up_ptbxl, "--part", "train")
    said = run(*words, "--write", tmp_path / "q.json", "--json")
    assert said.code == 0 and said.json["facts"]["task"] == "qa"
    asked = json.loads((tmp_path / "q.json").read_text())["questions"]
    assert len(asked) == said.json["facts"]["n"]
    (tmp_path / "mine.json").write_text(json.dumps({"answers": {one["sample"]: one["options"][:1] for one in asked}}))
    said = run(*words, "--answers", tmp_path / "mine.json", "--out", tmp_path / "out.json")
    assert said.code == 0 and "| mine |" in said.out and "baseline: most common answer of the kind" in said.out
    assert json.loads((tmp_path / "out.json").read_text())["facts"]["frozen_sha256"]


def test_what_does_not_fit_is_refused(run, made_up_ptbxl, tmp_path):
    words = ("evaluate", "qa", "--data", made_up_ptbxl, "--json")
    for more, kind, message in (
        (("--check",), "usage", "check compares"),
        (("--part", "dev"), "usage", "no part"),
        (("--questions", tmp_path), "data", "holds no ptbxl"),
        (("--answers", tmp_path / "none.json"), "data", "cannot be read"),
        (("--questions", tmp_path, "--measure"), "usage", "measured"),
    ):
        said = run(*words, *more)
        assert (
            said.code == 1 + (kind == "usage")
            and said.json["error"]["kind"] == kind
            and message in said.json["error"]["message"]
        )
    said = run("evaluate", "qa", "--data", tmp_path, "--json")
    assert said.code == 1 and said.json["error"]["mend"]


def test_the_check(run, real_data, real_ptbxl, monkeypatch, tmp_path):
    some = list(islice(ECGQA(real_data / "ecg-qa").questions("train"), 50))
    monkeypatch.setattr("einthoven.evaluation.qa_check._questions", lambda source: some)
    words = ("evaluate", "qa", "--check", "--data", real_ptbxl, "--questions", real_data / "ecg-qa")
    said = run(*words, "--log", tmp_path / "log", "--why", "a test", "--json")
    assert (tmp_path / "log").read_text().count("evaluate qa --check, labels alone  a test") == 1
    assert said.code == 0 and said.json["rows"]["all"]["equal"] == 50


def test_a_model_of_a_split_is_asked_about_that_split_alone(run, made_up_ptbxl, checkpoint, tmp_path):
    marked = tmp_path / "marked"
    shutil.copytree(checkpoint, marked)
    config = json.loads((marked / "config.json").read_text()) | {"split": "ecg-qa"}
    (marked / "config.json").write_text(json.dumps(config))
    (tmp_path / "ptbxl").mkdir()
    words = ("evaluate", "qa", "--data", made_up_ptbxl, "--ours", "--model", marked, "--json")
    lists = ("--questions", tmp_path, "--own")
    for more, said in (
        ((), "every fold of PTB-XL"),
        (("--fold", 9), "every fold of PTB-XL"),
        ((*lists, "--part", "test", "--fold", 10), "every fold of PTB-XL"),
        ((*lists, "--part", "train"), "trained on these ECGs"),
    ):
        found = run(*words, *more)
        assert found.code == 2 and said in found.json["error"]["message"], more
    found = run(*words, *lists, "--part", "test")
    assert found.code == 1 and "train_ecgs.tsv cannot be read" in found.json["error"]["message"]
