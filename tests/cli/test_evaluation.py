"""`einthoven evaluate`: what it refuses before it computes, and where its numbers go."""

from __future__ import annotations

import importlib.util
import json
import shutil

import pytest

from einthoven.models import BUNDLED, load_model


@pytest.mark.parametrize("task", ["retrieval", "groups", "risk"])
def test_evaluate_refuses_an_empty_folder(run, tmp_path, task) -> None:
    said = run("evaluate", task, "--data", tmp_path, "--fold", "9", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "data"


def test_evaluate_against_needs_checkpoints_and_others_than_the_model(run, tmp_path) -> None:
    words = ("evaluate", "retrieval", "--data", tmp_path, "--fold", "9", "--json")
    said = run(*words, "--against", tmp_path / "none")
    assert said.code == 1 and said.json["error"]["kind"] == "model"
    said = run(*words, "--against", BUNDLED)
    assert said.code == 2 and "compared with itself" in said.json["error"]["message"]


def test_the_audit_goes_into_the_card_of_what_was_audited(run, real_ptbxl, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("einthoven.evaluation.tasks.groups.DRAWS", 20)
    folder = shutil.copytree(BUNDLED, tmp_path / "model")
    words = ("evaluate", "groups", "--data", real_ptbxl, "--fold", "9", "--model", folder, "--json")
    said = run(*words, "--card", folder, "--out", tmp_path / "audit.json")
    assert said.code == 0 and json.loads((tmp_path / "audit.json").read_text()) == said.json
    assert [part["title"].split()[0] for part in said.json["parts"]] == [
        *("Calibration", "Reliability", "Reliability", "Statements")
    ]
    card = (folder / "README.md").read_text()
    assert card.startswith((BUNDLED / "README.md").read_text().split("<!--")[0].rstrip())
    assert f"{said.json['facts']['ecgs']} ECGs of" in card and "| all | " in card and "| superclasses (5) | " in card
    assert load_model(folder).sha256 == said.json["facts"]["model_sha256"]


def test_a_card_of_another_checkpoint_or_of_a_part_is_refused(run, tmp_path, checkpoint) -> None:
    words = ("evaluate", "groups", "--data", tmp_path, "--fold", "9", "--json", "--card", checkpoint)
    said = run(*words)
    assert said.code == 1 and "--model" in said.json["error"]["mend"]
    said = run(*words, "--model", checkpoint, "--limit", "50")
    assert said.code == 2 and "--limit" in said.json["error"]["mend"]


def test_packages_of_text_metrics_and_language_models_are_asked_for_first(run, tmp_path, monkeypatch) -> None:
    find = importlib.util.find_spec
    lacking = {"pycocoevalcap"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name in lacking else find(name, *a))
    words = ("evaluate", "report", "--data", tmp_path, "--fold", "9", "--json")
    said = run(*words)
    assert said.code == 1 and "pycocoevalcap" in said.json["error"]["message"]
    assert "einthoven[eval]" in said.json["error"]["mend"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "bert_score" else object())
    said = run(*words, "--language-model", tmp_path)
    assert said.code == 1 and "einthoven[bertscore]" in said.json["error"]["mend"]


def test_an_audit_says_by_its_exit_code_that_something_is_shared(run, tmp_path, make_ecg, stand_in) -> None:
    from einthoven.retrieval import Archive

    for name, numbers in (("one", range(4)), ("two", range(2, 6)), ("three", range(60, 64))):
        Archive.create(tmp_path / name, stand_in()).add((f"{name}{n}", make_ecg(n)) for n in numbers)
    words = ("evaluate", "audit", tmp_path / "one", tmp_path / "two")
    said = run(*words, "--json")
    assert said.code == 1 and said.json["facts"]["shared_ecgs"] == 2
    assert said.json["rows"]["the same samples"]["shared"] == 2
    said = run(*words, "--report-only")
    assert said.code == 0 and "| the same samples | 2 |" in said.out
    assert run("evaluate", "audit", tmp_path / "one", tmp_path / "three", "--threshold", "1").code == 0
    said = run("evaluate", "audit", tmp_path / "one", tmp_path / "none", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "collection"
