"""What judges a study's runs: which commands are given, in which order, and where their numbers come to stand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation import study_runs
from einthoven.evaluation.study import failures, outcomes, read_study, runs_of, table_of
from einthoven.evaluation.study_judged import Judge, lacking
from einthoven.evaluation.study_runs import StudyError, run_study

pytest.importorskip("torch")

PROBE = Judge("probe", "probe", "model", "macro-AUC", ("--fold=9", "--labels=super"))
BESIDE = replace(PROBE, name="beside", row="baseline: random")
PEOPLE = Judge("people", "identify", "model: linear", "accuracy", ("--fold=9",), part="Segments of two")


@pytest.fixture
def study(study_file, monkeypatch):
    monkeypatch.setattr(study_runs, "PAUSE", 0)
    found = read_study(study_file)
    first, *others = found.rows
    return replace(
        found,
        seeds=(0, 1),
        judges=(PROBE, BESIDE, PEOPLE),
        rows=(first, *(replace(o, unjudged=("people",)) for o in others)),
    )


class Done:
    """A command that ended at once."""

    def __init__(self, code: int = 0) -> None:
        self.code = code

    def poll(self) -> int:
        return self.code

    def terminate(self) -> None: ...

    def wait(self) -> None: ...


def commands(study_file: Path, broken: str = ""):
    """Stand-ins for train and evaluate: they leave what the commands leave; and what was asked of them."""
    given: list[tuple[str, str]] = []

    def start(command, log, threads):
        assert command[1:3] == ["-m", "einthoven"]
        task = command[4] if command[3] == "evaluate" else "train"
        given.append((task, log.parent.parent.name + "/" + log.parent.name))
        if task == broken:
            log.write_text("Error: it was broken\n")
            return Done(1)
        if task == "train":
            folder = Path(command[command.index("--out") + 1])
            (folder / "checkpoint").mkdir(parents=True)
            return Done()
        out, model = (Path(command[command.index(option) + 1]) for option in ("--out", "--model"))
        assert model == out.parent / "checkpoint"
        seed = int(out.parent.name[-1])
        rows = {"model": {"macro-AUC": [0.8 + seed / 10, 0.7, 0.9]}, "baseline: random weights": {"macro-AUC": 0.6}}
        parts = [
            {"title": "Segments of two recordings, 9", "rows": {"model: linear probe": {"accuracy": [0.5, 0.4, 0.6]}}}
        ]
        out.write_text(json.dumps({"rows": rows, "parts": parts}))
        return Done()

    return start, given


@pytest.fixture
def without_scores(monkeypatch):
    """Runs whose own scores are not looked at."""
    from einthoven.evaluation import study as room

    kept = room._Kept({}, {}, 0.5, 60.0, 1000)
    monkeypatch.setattr(room, "_kept", lambda folder: kept)
    monkeypatch.setattr(study_runs, "check_finished", lambda *given: None)


def test_each_run_is_trained_then_judged_once_a_table(study, study_file, tmp_path, without_scores):
    start, given = commands(study_file)
    run_study(study, study_file, tmp_path, tmp_path / "out", start=start)
    first, second = (f"{row.folder}/seed0" for row in study.rows)
    assert [task for task, run in given if run == first] == ["train", "probe", "identify"]
    assert [task for task, run in given if run == second] == ["train", "probe"]
    found = {one.row: one for one in outcomes(study, tmp_path / "out")}
    ours = found[study.rows[0].name].judged
    assert (ours["probe"].value, ours["probe"].low, ours["probe"].high) == (
        pytest.approx(0.85),
        0.8,
        pytest.approx(0.9),
    )
    assert ours["beside"].value == 0.6 and ours["people"].value == 0.5
    assert "people" not in found[study.rows[1].name].judged
    assert "0.850 (0.100)" in table_of(study, list(found.values())).markdown()
    given.clear()
    run_study(study, study_file, tmp_path, tmp_path / "out", start=start)
    assert given == []
    (tmp_path / "out" / first / PROBE.file).unlink()
    run_study(study, study_file, tmp_path, tmp_path / "out", start=start)
    assert given == [("probe", first)]


def test_a_judge_that_fails_is_told_and_tried_again(study, study_file, tmp_path, without_scores):
    start, given = commands(study_file, broken="identify")
    with pytest.raises(StudyError, match="2 of 4"):
        run_study(study, study_file, tmp_path, tmp_path / "out", start=start)
    told = failures(study, tmp_path / "out")
    assert [(one.row, one.seed, one.error) for one in told] == [
        (study.rows[0].name, s, "it was broken") for s in (0, 1)
    ]
    start, given = commands(study_file)
    run_study(study, study_file, tmp_path, tmp_path / "out", start=start)
    assert {task for task, _ in given} == {"identify"} and failures(study, tmp_path / "out") == []


def test_a_judge_says_what_it_is(tmp_path):
    assert PROBE.file == BESIDE.file == "probe-fold-9-labels-super.json" and PEOPLE.file == "identify-fold-9.json"
    assert lacking([PROBE, BESIDE, PEOPLE], tmp_path) == [PROBE, PEOPLE] and PROBE.value(tmp_path) is None
    (tmp_path / PROBE.file).write_text(json.dumps({"rows": {"model": {"other": 1}}, "parts": []}))
    with pytest.raises(UsageError, match="does not say 'model', 'macro-AUC'"):
        PROBE.value(tmp_path)
    with pytest.raises(UsageError, match="cannot be judged"):
        replace(PROBE, task="all")
    with pytest.raises(UsageError, match="one word"):
        replace(PROBE, options=("--fold", "9"))


def test_a_row_may_have_judges_of_its_own_that_know_its_folder(study):
    own = Judge("unseen", "zero-shot", "unseen labels", "macro-AUC", ("--withheld=rhythm={run}/checkpoint",))
    first, *others = study.rows
    found = runs_of(replace(study, rows=(replace(first, judges=(own,)), *others)))
    assert found[0].judges == (own,) and found[1].judges == (PROBE, BESIDE)
    words = own.command(Path("runs") / "a", Path("data"), Path("kept"))
    assert f"--withheld=rhythm={Path('runs/a')}/checkpoint" in words and "--kept" not in words
    assert own.file == "zero-shot-withheld-rhythm-run-checkpoint.json"
    with pytest.raises(UsageError, match="Name each judge once"):
        replace(study, rows=(replace(first, judges=(own, own)), *others))


def test_judges_of_one_name_and_strangers_are_refused(study):
    with pytest.raises(UsageError, match="Name each judge once"):
        replace(study, judges=(PROBE, PROBE))
    with pytest.raises(UsageError, match="Name each judge once"):
        replace(study, judges=(PROBE,))
