"""Two gloo processes train what one trains with the whole batch; and how processes are started."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from einthoven.cli import main
from einthoven.ecg import UsageError
from einthoven.training import distributed, faults, launch
from einthoven.training.augment import Augmentation
from einthoven.training.distributed import PeerError
from einthoven.training.faults import FOLDER, TeamError
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
    for place, fault in ((0, "ZeroDivisionError"), (1, "PeerError: The first process")):
        said = (team / f"said{place}.txt").read_text().splitlines()
        assert said[0].startswith("TrainingError: The loss is not finite in epoch 1, step 1") and fault in said[1]
    assert (team / "said0.txt").read_text().splitlines()[2].startswith("PeerError: Process 1 of 2 cannot go on")
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
    assert distributed.steps_of(5, PLAIN, 1) == 1
    with pytest.raises(UsageError, match="3 processes cannot share 5 ECGs"):
        distributed.steps_of(5, PLAIN)


@pytest.mark.parametrize("change", [{"vote": 1.0}, {"contrast": 0.1}, {"batch": 5}, {"accumulate": 3}])
def test_plans_that_one_process_alone_can_follow(three, change):
    distributed.check_plan(PLAIN)
    with pytest.raises(UsageError) as refusal:
        distributed.check_plan(replace(PLAIN, **change))
    assert refusal.value.mend


@pytest.mark.parametrize("dry", [[], ["--dry"]])
def test_a_plan_is_refused_before_any_process_is_started(dry, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setattr(launch, "_run", lambda *given: pytest.fail("processes were started"))
    config = Path(__file__).parents[2] / "configs" / "regen_small.yaml"
    words = [
        "train",
        config,
        "--data",
        tmp_path,
        "--out",
        tmp_path / "run",
        "--devices",
        "2",
        "--set",
        "plan.batch=3",
        *dry,
    ]
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
    monkeypatch.setattr(launch, "_run", lambda how, words: asked.append((how, words)))
    assert not launch.launched(1, 1, ["train"]) and not asked
    assert launch.launched(4, 1, ["train", "x.yaml"])
    (how, words) = asked[0]
    assert words == ["train", "x.yaml"] and how["rdzv_endpoint"] == "localhost:0" and how["max_restarts"] == 0
    assert (how["min_nodes"], how["max_nodes"], how["nproc_per_node"]) == (1, 1, 4)
    with pytest.raises(UsageError, match="where to meet") as refusal:
        launch.launched(4, 2, [])
    assert "MASTER_ADDR" in refusal.value.mend
    monkeypatch.setenv("MASTER_ADDR", "first")
    how = launch.settings(4, 2)
    assert how["rdzv_endpoint"] == "first:29400" and how["max_nodes"] == 2
    monkeypatch.setenv("WORLD_SIZE", "8")
    assert not launch.launched(4, 2, []) and not launch.launched(1, 1, []) and len(asked) == 1
    with pytest.raises(UsageError, match="8 processes were started, not 4"):
        launch.launched(4, 1, [])


def test_one_error_of_several_processes_is_told_once(monkeypatch, capfd, tmp_path):
    """Two real processes that both fail, as `einthoven read` of nothing does; neither they nor the launcher say so."""
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(TeamError) as fault:
        launch._run(launch.settings(2, 1), ["read", str(tmp_path / "nothing.dat")])
    assert "nothing.dat" in fault.value.message and fault.value.kind == "file" and fault.value.mend
    said = capfd.readouterr()
    assert said.err == said.out == "" and signal.getsignal(signal.SIGTERM) is before and FOLDER not in os.environ


@pytest.mark.parametrize(
    ("left", "ended", "kind", "said"),
    [
        ({1: ("file", 5.0), 0: ("peer", 4.0)}, {0: 1, 1: 1}, "file", "file of 1"),
        ({1: ("training", 5.0), 0: ("training", 4.0)}, {0: 1, 1: 1}, "training", "training of 0"),
        ({0: ("peer", 4.0)}, {0: 1, 1: -9}, "training", "Process 2 of those that train together was killed (SIGKILL)"),
        ({}, {1: -11, 0: -15}, "training", "Process 2 of those that train together was killed (SIGSEGV)"),
        ({0: ("interrupted", 4.0)}, {0: 130, 1: 1}, "training", "not foreseen"),
        ({0: ("interrupted", 4.0), 1: ("peer", 5.0)}, {0: 130, 1: 1}, "interrupted", "interrupted of 0"),
        ({0: ("peer", 4.0), 1: ("peer", 3.0)}, {0: 1, 1: 1}, "peer", "peer of 1"),
        ({0: ("usage", 4.0)}, {0: 2, 1: -9}, "usage", "usage of 0"),
    ],
)
def test_what_is_told_of_several_failures(left, ended, kind, said, monkeypatch, tmp_path):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    for rank, (what, at) in left.items():
        monkeypatch.setenv("RANK", str(rank))
        monkeypatch.setattr(faults.time, "time", lambda at=at: at)
        assert faults.leave(TeamError(f"{what} of {rank}", "mend", what))
    found = faults.told(tmp_path, ended)
    assert found.kind == kind and said in found.message and found.mend


def test_a_process_that_answers_no_more_is_told_of(monkeypatch):
    """gloo's own faults have no type; any other is not touched."""
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(distributed.distributed, "init_process_group", lambda backend: None)
    monkeypatch.setattr(distributed.distributed, "destroy_process_group", lambda: None)
    closed = RuntimeError("[gloo/transport/tcp/pair.cc:547] Connection closed by peer")
    for fault, kind in (
        (closed, PeerError),
        (torch.distributed.DistNetworkError("x"), PeerError),
        (RuntimeError(), None),
    ):
        with pytest.raises(kind or RuntimeError) as raised, distributed.team("cpu"):
            raise fault
        assert raised.type is (kind or RuntimeError)
