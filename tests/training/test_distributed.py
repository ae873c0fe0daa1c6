"""Two gloo processes train what one trains with the whole batch; and how processes are started."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from einthoven.cli import main
from einthoven.ecg import UsageError
from einthoven.training import distributed, launch
from einthoven.training.augment import Augmentation
from einthoven.training.plan import Plan


def lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def test_two_processes_train_what_one_does_with_the_whole_batch(team):
    one, first, second = (load_file(team / f"whole{name}.safetensors") for name in ("1-0", "2-0", "2-1"))
    for name, value in one.items():
        torch.testing.assert_close(first[name], value, atol=1e-5, rtol=1e-4)
        assert torch.equal(first[name], second[name]), name
    alone, together = lines(team / "whole1"), lines(team / "whole2")
    assert len(alone) == 3
    for before, after in zip(alone, together, strict=True):
        for key in set(before) - {"seconds"}:
            assert after[key] == pytest.approx(before[key], abs=2e-5), key


def test_a_killed_team_goes_on_exactly_where_it_was(team):
    whole, killed = load_file(team / "whole2-0.safetensors"), load_file(team / "killed-0.safetensors")
    assert all(torch.equal(killed[name], value) for name, value in whole.items())
    assert [{**line, "seconds": 0} for line in lines(team / "killed")] == [
        {**line, "seconds": 0} for line in lines(team / "whole2")
    ]


def test_what_goes_wrong_in_one_process_stops_all(team):
    for place, fault in ((0, "ZeroDivisionError"), (1, "TrainingError: The first process")):
        said = (team / f"said{place}.txt").read_text().splitlines()
        assert said[0].startswith("TrainingError: The loss is not finite in epoch 1, step 1") and fault in said[1]
    stopped = json.loads((team / "broken" / "stopped.json").read_text())
    assert len(stopped["records"]) == 8, "the batch of all processes"


@pytest.fixture
def three(monkeypatch):
    """As if this were the second of three processes."""
    monkeypatch.setattr(distributed, "ranks", lambda: 3)
    monkeypatch.setattr(distributed, "rank", lambda: 1)


def test_rows_are_shared_out_whole_and_once(monkeypatch):
    monkeypatch.setattr(distributed, "ranks", lambda: 3)
    parts = []
    for place in range(3):
        monkeypatch.setattr(distributed, "rank", lambda place=place: place)
        parts.append(distributed.shared_out(np.arange(11)))
    assert np.concatenate(parts).tolist() == list(range(11)) and {len(part) for part in parts} == {3, 4}


PLAIN = Plan(batch=6, contrast=0, augmentation=Augmentation(mixup=0))


def test_a_last_step_too_small_for_all_is_left_out(three):
    assert [distributed.steps_of(n, PLAIN) for n in (12, 17, 18)] == [2, 2, 3]
    assert distributed.steps_of(16, replace(PLAIN, batch=10)) == 2
    assert distributed.steps_of(16, replace(PLAIN, batch=10, accumulate=3)) == 1


@pytest.mark.parametrize("change", [{"vote": 1.0}, {"contrast": 0.1}, {"batch": 5}, {"accumulate": 3}])
def test_plans_that_one_process_alone_can_follow(three, change):
    distributed.check_plan(PLAIN)
    with pytest.raises(UsageError) as refusal:
        distributed.check_plan(replace(PLAIN, **change))
    assert refusal.value.mend


def test_a_plan_is_refused_before_any_process_is_started(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setattr(launch.subprocess, "run", lambda *given, **more: pytest.fail("processes were started"))
    config = Path(__file__).parents[2] / "configs" / "regen_small.yaml"
    words = ["train", config, "--data", tmp_path, "--out", tmp_path / "run", "--devices", "2", "--set", "plan.batch=3"]
    monkeypatch.setattr("sys.argv", ["einthoven", *map(str, words)])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2 and capsys.readouterr().err.count("2 processes cannot share 3 ECGs") == 1


def test_one_process_alone_is_not_touched(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    layer = torch.nn.Linear(2, 1)
    layer.weight.grad = torch.ones(1, 2)
    distributed.average_gradients(layer)
    assert layer.weight.grad.tolist() == [[1, 1]] and distributed.part_seed() == []
    assert distributed.steps_of(5, PLAIN) == 1 and distributed.first_alone(lambda: 3, "cpu") == 3
    with distributed.team("cpu") as device:
        assert device == "cpu"


def test_how_processes_are_started(monkeypatch):
    for name in ("WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    asked = []

    def run(words, check):
        asked.append(words)
        return subprocess.CompletedProcess(words, 3)

    monkeypatch.setattr(launch.subprocess, "run", run)
    assert launch.launched(1, 1, ["train"]) is None
    assert launch.launched(4, 1, ["train", "x.yaml"]) == 3
    assert asked[0][1:] == [
        *("-m", "torch.distributed.run", "--nnodes", "1", "--nproc-per-node", "4", "--standalone"),
        *("--max-restarts", "0", "-m", "einthoven", "train", "x.yaml"),
    ]
    with pytest.raises(UsageError, match="where to meet") as refusal:
        launch.launched(4, 2, [])
    assert "MASTER_ADDR" in refusal.value.mend
    monkeypatch.setenv("MASTER_ADDR", "first")
    assert {"--rdzv-endpoint", "first:29400"} <= set(launch.command(4, 2))
    monkeypatch.setenv("WORLD_SIZE", "8")
    assert launch.launched(4, 2, []) is None and launch.launched(1, 1, []) is None
    with pytest.raises(UsageError, match="8 processes were started, not 4"):
        launch.launched(4, 1, [])
