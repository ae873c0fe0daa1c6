"""`einthoven study`."""

from __future__ import annotations

import shutil
import sys

import pytest

from einthoven.evaluation.study import SCORES, read_study, runs_of

pytest.importorskip("torch")


@pytest.fixture
def finished(study_file, finish, tmp_path):
    """The folder of a study whose runs are all done, scoring .5, .51 ..."""
    for place, run in enumerate(runs_of(read_study(study_file))):
        scores = dict.fromkeys((*SCORES, "score"), 0.5 + place / 100)
        finish(study_file, tmp_path / "out", run, {"epoch": 1, "seconds": 60.0, **scores})
    return tmp_path / "out"


def test_a_dry_run_lists_every_training_and_does_none(run, study_file, tmp_path, made_up_ptbxl, finish) -> None:
    words = ("study", "run", study_file, "--data", made_up_ptbxl, "--out", tmp_path / "out", "--dry")
    said = run(*words).out
    lines = said[: said.index("\n\n")].splitlines()
    assert "not measured" in said
    assert len(lines) == 4 and lines[1].split() == [
        *("vote:", "1", "seed", "0"),
        *("plan.rate=1e-2", "plan.vote=1", "plan.seed=0"),
    ]
    found = run(*words, "--json").json
    assert found["runs"][3] == {
        "row": "vote: 1",
        "seed": 1,
        "changes": ["plan.rate=1e-2", "plan.vote=1", "plan.seed=1"],
    }
    cost = found["costs"][0]
    assert cost["steps"] == -(-cost["records"] // 6) and cost["runs"] == 2 and cost["hours"]["32"] is None
    assert not (tmp_path / "out").exists()
    line = {"epoch": 1, "seconds": 7200.0, **dict.fromkeys((*SCORES, "score"), 0.5)}
    finish(study_file, tmp_path / "out", runs_of(read_study(study_file))[2], line)
    base, vote = run(*words, "--json").json["costs"]
    assert base["step"] == pytest.approx(7200 / base["steps"]) and vote["step"] is None
    assert base["hours"] == pytest.approx({"1": 4.0, "4": 1.0, "8": 0.5, "32": 0.125})
    assert "| 0.125 |" in run(*words).out


def test_a_setting_is_changed_in_every_row_and_a_wrong_one_refused(run, study_file, tmp_path, made_up_ptbxl) -> None:
    words = ("study", "run", study_file, "--data", made_up_ptbxl, "--out", tmp_path / "out", "--dry", "--json")
    runs = run(*words, "--set", "plan.batch=7", "--row", "vote: 1").json["runs"]
    assert runs[0]["changes"] == ["plan.rate=1e-2", "plan.batch=7", "plan.vote=1", "plan.seed=0"]
    refused = run(*words, "--set", "plan.bach=7")
    assert refused.code == 2 and "bach" in refused.json["error"]["message"]


def test_a_row_that_the_study_has_not_is_refused(run, study_file, tmp_path) -> None:
    words = ("study", "run", study_file, "--data", tmp_path, "--out", tmp_path / "out", "--row", "vote: 1")
    refused = run(*words, "--row", "no such")
    assert refused.code == 2 and "no row 'no such'" in refused.err and "base, vote: 1" in refused.err


@pytest.mark.parametrize("command", ["run", "show"])
def test_a_finished_study_is_shown(run, study_file, finished, tmp_path, command) -> None:
    words = ["study", command, study_file, "--out", finished]
    words += ["--data", tmp_path] if command == "run" else []
    said = run(*words)
    assert said.code == 0 and "| vote: 1 | 0.520 (0.020) |" in said.out and said.err == ""
    found = run(*words, "--json").json
    assert [(row["row"], row["runs"]) for row in found["rows"]] == [("base", 2), ("vote: 1", 2)]
    assert found["rows"][0]["scores"] == pytest.approx(dict.fromkeys(SCORES, 0.51))


def test_nothing_finished_is_an_empty_table(run, study_file, tmp_path) -> None:
    assert run("study", "show", study_file, "--out", tmp_path / "none", "--json").json["rows"] == []


@pytest.mark.parametrize("command", ["run", "show"])
def test_refusals(run, study_file, finished, tmp_path, command) -> None:
    words = ["--out", finished, "--json", *(["--data", tmp_path] if command == "run" else [])]
    said = run("study", command, tmp_path / "none.yaml", *words)
    assert said.code == 2 and said.json["error"]["kind"] == "usage" and said.json["error"]["mend"]
    study_file.write_text(study_file.read_text().replace("plan.vote=1", "plan.vote=2"))
    said = run("study", command, study_file, *words)
    assert said.code == 2 and "other settings" in said.json["error"]["message"]
    assert run("study", command, study_file).code == 2


def test_a_study_is_drawn(run, study_file, finished, tmp_path) -> None:
    picture = tmp_path / "study.svg"
    assert run("study", "show", study_file, "--out", finished, "--out-figure", picture).code == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    said = run("study", "show", study_file, "--out", tmp_path / "none", "--out-figure", picture, "--json")
    assert said.code == 2 and "nothing to draw" in said.json["error"]["message"]


def test_failed_runs_are_an_error(run, study_file, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    said = run("study", "run", study_file, "--data", tmp_path, "--out", tmp_path / "out", "--jobs", "4", "--json")
    assert said.code == 1 and said.json["error"]["kind"] == "study" and said.err == ""
    assert "4 of 4 runs failed" in said.json["error"]["message"] and "log.txt" in said.json["error"]["mend"]
    shown = run("study", "show", study_file, "--out", tmp_path / "out")
    assert shown.code == 0 and "| vote: 1 | seed 0: It said nothing.; seed 1: It said nothing. |" in shown.out
    assert len(run("study", "show", study_file, "--out", tmp_path / "out", "--json").json["failed"]) == 4
