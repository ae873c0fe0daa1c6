"""The tasks of `einthoven evaluate` that judge a model alone: options, files, and what they refuse first."""

from __future__ import annotations

import json
import shutil

import pytest

from einthoven.models import BUNDLED

MINE = """
import numpy as np

class Mine:
    sha256 = "ef" * 32
    def embed(self, ecgs):
        return np.array([[*ecg.signal.std(1), *np.abs(ecg.signal).max(1)] for ecg in ecgs])
"""


@pytest.fixture
def folder(tiny_ptbxl, make_ecg):
    """12 ECGs in folds 1-7, 24 in fold 8 and 40 in fold 9."""
    for n in range(76):
        fold = 3 if n < 12 else 8 if n < 36 else 9
        kind, codes = ("slow", "{'IMI': 100.0}") if n // 2 % 2 else ("normal", "{'NORM': 100.0}")
        tiny_ptbxl.add(make_ecg(n, kind=kind), strat_fold=str(fold), scp_codes=codes, patient_id=f"{n // 2}.0")
    return tiny_ptbxl.write()


@pytest.fixture(autouse=True)
def _quick(monkeypatch, tmp_path, one_thread) -> None:
    monkeypatch.setattr("einthoven.evaluation.classified.DRAWS", 20)
    monkeypatch.setattr("einthoven.evaluation.tasks.reidentify.DRAWS", 20)
    monkeypatch.setattr("einthoven.evaluation.benchmark.MET", 4)
    monkeypatch.chdir(tmp_path)


def test_a_model_of_ones_own_is_probed(run, folder, tmp_path, monkeypatch) -> None:
    (tmp_path / "mine_of_cli.py").write_text(MINE)
    words = (
        "evaluate",
        "probe",
        "--data",
        folder,
        "--model",
        "mine_of_cli:Mine",
        "--seeds",
        "1",
        "--kept",
        tmp_path / "kept",
    )
    said = run(*words, "--out", tmp_path / "x.json", "--plot", tmp_path / "x.svg", "--json")
    assert said.code == 0 and json.loads((tmp_path / "x.json").read_text()) == said.json
    assert said.json["facts"]["model"] == "mine_of_cli:Mine"
    assert said.json["facts"]["test"] == "fold 9, 40 ECGs of 20 patients"
    assert (tmp_path / "x.svg").read_text().startswith("<svg")
    assert set(said.json["facts"]["data_sha256"]) == {"train", "val", "test"}
    assert len(list((tmp_path / "kept").iterdir())) == 3
    monkeypatch.setattr("einthoven.evaluation.store._Shelf.save", lambda shelf: pytest.fail("new") if shelf._new else 0)
    assert run(*words, "--json").json["rows"] == said.json["rows"]


def test_retrieval_keeps_what_models_make_of_ecgs(run, folder, tmp_path, monkeypatch, stand_in) -> None:
    monkeypatch.setattr("einthoven.evaluation.tasks.retrieval.DRAWS", 20)
    monkeypatch.setattr("einthoven.cli.evaluation.open_model", lambda name: stand_in())
    words = ("evaluate", "retrieval", "--data", folder, "--fold", "9", "--kept", tmp_path / "kept", "--json")
    first = run(*words)
    assert first.code == 0 and len(list((tmp_path / "kept").iterdir())) == 2
    monkeypatch.setattr("einthoven.evaluation.store._Shelf.save", lambda shelf: pytest.fail("new") if shelf._new else 0)
    assert run(*words).json["rows"] == first.json["rows"]


@pytest.mark.parametrize("task", ["probe", "few-shot", "identify", "reidentify", "finetune"])
def test_an_empty_folder_is_refused(run, tmp_path, task) -> None:
    said = run("evaluate", task, "--data", tmp_path, "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "data"


def test_zero_shot_names_what_it_needs(run, tmp_path) -> None:
    bare = shutil.copytree(BUNDLED, tmp_path / "bare", ignore=lambda *_: ["text"])
    said = run("evaluate", "zero-shot", "--data", tmp_path, "--model", bare, "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "model"
    assert "text tower" in said.json["error"]["message"] and "similarity" in said.json["error"]["mend"]
    for words in (("--withheld", "rhythm"), ("--withheld", "rhythm=model"), ("--elsewhere", "=x")):
        said = run("evaluate", "zero-shot", "--data", tmp_path, *words, "--json")
        assert said.code == 2 and said.json["error"]["kind"] == "usage"


def test_lengths_and_rates_that_are_none_are_wrong_usage(run, folder) -> None:
    tasks = (("identify", "--seconds"), ("few-shot", "--share"), ("finetune", "--rate"), ("finetune", "--decay"))
    for task, option in tasks:
        said = run("evaluate", task, "--data", folder, option, "nan", "--json")
        assert said.code == 2 and said.json["error"]["kind"] == "usage", task


def test_a_module_that_is_not_there_is_refused(run, tmp_path) -> None:
    said = run("evaluate", "identify", "--data", tmp_path, "--model", "no_such_module:x", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "model"
    said = run("evaluate", "finetune", "--data", tmp_path, "--model", "no_such_module:x", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "model"
