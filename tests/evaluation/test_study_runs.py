"""Running a study: in this process, by stand-ins for the command, and once for real."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from statistics import fmean
from types import SimpleNamespace

import pytest
import yaml

from einthoven.cli import main
from einthoven.ecg import UsageError
from einthoven.evaluation import study_runs
from einthoven.evaluation.study import SCORES, failures, outcomes, read_study, runs_of
from einthoven.evaluation.study_runs import StudyError, run_study

pytest.importorskip("torch")


@pytest.fixture
def in_process(monkeypatch, without_export, one_thread):
    """Commands that a study starts are run here, one after the other; their words."""
    commands: list[list[str]] = []

    class InProcess:
        def __init__(self, command, stdout, stderr, env):
            assert command[1:4] == ["-m", "einthoven", "train"] and stderr == subprocess.STDOUT
            commands.append(command)
            said = io.StringIO()
            with monkeypatch.context() as patch, contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                patch.setattr(sys, "argv", command[2:])
                try:
                    main()
                except SystemExit as done:
                    self.returncode = int(done.code or 0)
            stdout.write(said.getvalue().encode())

        def poll(self):
            return self.returncode

    only_here = SimpleNamespace(Popen=InProcess, STDOUT=subprocess.STDOUT)  # a training asks git for its commit
    monkeypatch.setattr(study_runs, "subprocess", only_here)
    monkeypatch.setattr(study_runs, "PAUSE", 0)
    return commands


def metrics(folder: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_a_study_is_run_and_what_is_lacking_run_again(study_file, made_up_ptbxl, tmp_path, in_process):
    study, out, said = read_study(study_file), tmp_path / "out", []
    run_study(study, study_file, made_up_ptbxl, out, progress=said.append)
    assert [command[command.index("--out") + 1] for command in in_process] == [
        str(out / name) for name in ("base/seed0", "vote-1/seed0", "base/seed1", "vote-1/seed1")
    ]
    assert said == [f"{done} of 4 runs ended" for done in range(1, 5)]
    for found, name in zip(outcomes(study, out), ("base", "vote-1"), strict=True):
        lines = [metrics(out / name / f"seed{seed}")[-1] for seed in (0, 1)]
        assert ("vote" in lines[0]) == (name == "vote-1") and lines[0] != lines[1]
        for key in SCORES:
            assert found.scores[key].value == pytest.approx(fmean(one[key] for one in lines))
            spread = found.scores[key].high - found.scores[key].low
            assert spread == pytest.approx(abs(lines[0][key] - lines[1][key]))
        assert found.runs == 2
    before = {path: path.read_bytes() for path in out.rglob("*.jsonl")}
    gone = out / "vote-1" / "seed0"
    kept = metrics(gone)
    shutil.rmtree(gone)
    in_process.clear()
    run_study(study, study_file, made_up_ptbxl, out)
    assert len(in_process) == 1 and str(gone) in in_process[0]
    assert [{**one, "seconds": 0} for one in metrics(gone)] == [{**one, "seconds": 0} for one in kept]
    assert {path: path.read_bytes() for path in out.rglob("*.jsonl") if gone not in path.parents} == {
        path: content for path, content in before.items() if gone not in path.parents
    }


def test_a_row_that_fails_is_named_and_the_others_finish(study_file, made_up_ptbxl, tmp_path, in_process):
    values = yaml.safe_load(study_file.read_text())
    values["seeds"] = [0]
    values["rows"].insert(0, {"name": "broken", "set": ["teachers={folders: [nowhere]}"]})
    study_file.write_text(yaml.safe_dump(values))
    study, out = read_study(study_file), tmp_path / "out"
    with pytest.raises(StudyError, match=r"1 of 3 runs failed: broken.seed0") as failure:
        run_study(study, study_file, made_up_ptbxl, out)
    assert "log.txt" in failure.value.mend and failure.value.kind == "study"
    assert "config.json" in (out / "broken" / "seed0" / "log.txt").read_text()
    assert "checkpoint in" in (out / "base" / "seed0" / "log.txt").read_text()
    assert [one.row for one in outcomes(study, out)] == ["base", "vote: 1"]
    (failed,) = failures(study, out)
    assert (failed.row, failed.seed) == ("broken", 0)
    assert failed.error == "The checkpoint nowhere lacks config.json. Copy the whole folder, or export it again."
    in_process.clear()
    with pytest.raises(StudyError, match="1 of 1 runs failed"):
        run_study(study, study_file, made_up_ptbxl, out)
    assert len(in_process) == 1


def test_a_finished_run_of_other_settings_stops_all(study_file, finish, tmp_path, in_process):
    study = read_study(study_file)
    scores = dict.fromkeys((*SCORES, "score", "seconds"), 0.5)
    finish(study_file, tmp_path / "out", runs_of(study)[0], scores)
    study_file.write_text(study_file.read_text().replace("1e-2", "2e-2"))
    with pytest.raises(UsageError, match="other settings"):
        run_study(read_study(study_file), study_file, tmp_path, tmp_path / "out")
    assert not in_process


TRAINING = """#!/bin/sh
# Stands in for `python -m einthoven train CONFIG ... --out DIR --resume`: waits for a second one, and is done.
echo "+ $OMP_NUM_THREADS" >> "$TRACE"
for turn in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ "$(grep -c + "$TRACE")" -ge 2 ] && break
    sleep 0.2
done
while [ "$1" != --out ]; do shift; done
mkdir "$2/checkpoint"
echo - >> "$TRACE"
"""


def test_runs_share_the_cores_and_are_never_more_than_asked(study_file, tmp_path, monkeypatch):
    script, trace = tmp_path / "training", tmp_path / "trace"
    script.write_text(TRAINING)
    script.chmod(0o700)
    monkeypatch.setenv("TRACE", str(trace))
    monkeypatch.setattr(sys, "executable", str(script))
    monkeypatch.setattr(study_runs, "PAUSE", 0.02)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    said = []
    run_study(read_study(study_file), study_file, tmp_path, tmp_path / "out", jobs=2, progress=said.append)
    lines = trace.read_text().splitlines()
    assert sorted(lines) == ["+ 3"] * 4 + ["-"] * 4
    working = [sum(1 if line[0] == "+" else -1 for line in lines[: end + 1]) for end in range(8)]
    assert max(working) == 2
    assert said[-1] == "4 of 4 runs ended"


def test_an_interrupted_study_leaves_no_process_and_can_go_on(study_file, made_up_ptbxl, tmp_path):
    base = yaml.safe_load((tmp_path / "base.yaml").read_text())
    base["encoder"]["size"] = "resnet1d_small"  # the other process knows the sizes that ship
    base["plan"] |= {"epochs": 100_000, "augmentation": {"crop_seconds": 1}, "judge_every": 1000}
    (tmp_path / "base.yaml").write_text(yaml.safe_dump(base))
    out = tmp_path / "out"
    words = ["study", "run", str(study_file), "--data", str(made_up_ptbxl), "--out", str(out)]
    process = subprocess.Popen([sys.executable, "-m", "einthoven", *words], start_new_session=True)
    try:
        until = time.monotonic() + 300
        while not (out / "base/seed0/state.safetensors").exists():
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)  # to the study alone: it must end its trainings itself
        assert process.wait(120) == 130
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert metrics(out / "base/seed0")[0]["epoch"] == 1
    assert not list(out.rglob("checkpoint")) and outcomes(read_study(study_file), out) == []
    assert "Interrupted" in (out / "base/seed0/log.txt").read_text()
