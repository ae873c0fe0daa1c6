"""A study on two Ray workers of this machine."""

from __future__ import annotations

import os
import sys

import pytest

from einthoven.evaluation import study_runs
from einthoven.evaluation.study import failures, is_finished, read_study, runs_of
from einthoven.evaluation.study_ray import ray_workers
from einthoven.evaluation.study_runs import StudyError, run_study

pytest.importorskip("ray")
asked = pytest.mark.skipif("EINTHOVEN_TEST_RAY" not in os.environ, reason="Ray takes a minute to start; set this")

TRAINING = """#!/bin/sh
# Stands in for `python -m einthoven train CONFIG ... --out DIR --resume`.
all="$*"
while [ "$1" != --out ]; do shift; done
case "$all" in *plan.vote=1*plan.seed=1*) echo "no room for $OMP_NUM_THREADS"; exit 3;; esac
mkdir "$2/checkpoint"
"""


@asked
def test_rows_run_as_tasks_and_one_that_fails_is_marked(study_file, tmp_path, monkeypatch):
    script = tmp_path / "training"
    script.write_text(TRAINING)
    script.chmod(0o700)
    monkeypatch.setattr(study_runs, "PAUSE", 0.05)
    monkeypatch.setattr(study_runs.os, "cpu_count", lambda: 2)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    study, out = read_study(study_file), tmp_path / "out"
    with ray_workers(2) as start, pytest.raises(StudyError, match=r"1 of 4 runs failed: vote-1.seed1"):
        monkeypatch.setattr(sys, "executable", str(script))  # Ray itself has started by then
        run_study(study, study_file, tmp_path, out, 2, start=start)
    assert [is_finished(run, out) for run in runs_of(study)] == [True, True, True, False]
    (failed,) = failures(study, out)
    assert (failed.row, failed.seed, failed.error) == ("vote: 1", 1, "no room for 1")
