from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models.encoders.settings import ResNet
from einthoven.training.state import FILE, State, claim, load_state, save_state


@pytest.fixture
def saved(task, plan, tmp_path):
    """A network after a step, its optimizer, and the folder of its state."""
    network = task.network()
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.randn(2, 12, 64))[1].sum().backward()
    optimizer.step()
    state = State.start(network)
    state.epoch, state.seconds, state.lines = 3, 4.5, [{"epoch": 3.0}]
    save_state(tmp_path / "run", state, network, optimizer, plan)
    return network, optimizer, tmp_path / "run"


def test_the_average_follows_the_formula(task):
    network = task.network()
    state = State.start(network)
    expected = {name: value.double().clone() for name, value in network.state_dict().items()}
    for decay in (0.1, 0.5, 0.9):
        with torch.no_grad():
            for value in network.parameters():
                value.add_(torch.randn_like(value))
        state.average(network, decay)
        for name, value in network.state_dict().items():
            expected[name] = decay * expected[name] + (1 - decay) * value.double()
    for name, value in state.mean.items():
        np.testing.assert_allclose(value.numpy(), expected[name].numpy(), atol=1e-5)


def test_statistics_are_averaged_and_counters_copied(task, small_resnet):
    network = task.network(encoder=ResNet(size=small_resnet))
    state = State.start(network)
    norm = network.encoder.stem[1]
    name = "encoder.stem.1."
    network.train()
    for step in range(1, 4):
        before = state.mean[name + "running_mean"].clone()
        network(torch.randn(4, 12, 64) + step)
        state.average(network, 0.75)
        np.testing.assert_allclose(
            state.mean[name + "running_mean"], 0.75 * before + 0.25 * norm.running_mean, rtol=1e-5, atol=1e-7
        )
        counter = state.mean[name + "num_batches_tracked"]
        assert counter.item() == norm.num_batches_tracked.item() == step and not counter.is_floating_point()
    with state.averaged(network):
        assert not torch.equal(norm.running_mean, before) and norm.num_batches_tracked.item() == 3


def test_inside_averaged_the_network_has_the_averaged_weights_and_after_it_its_own(task):
    network = task.network()
    state = State.start(network)
    with torch.no_grad():
        network.scale.log.add_(1)
    own = network.scale.log.item()
    with pytest.raises(ValueError), state.averaged(network):
        assert network.scale.log.item() == pytest.approx(own - 1)
        raise ValueError
    assert network.scale.log.item() == own


def test_the_best_is_kept_and_a_tie_goes_to_the_first(task):
    network = task.network()
    state = State.start(network)
    kept = {}
    for score in (0.1, 0.3, 0.3, 0.2):
        with torch.no_grad():
            network.scale.log.add_(1)
        kept.setdefault(score, network.scale.log.item())
        state.keep_best(network, score)
    state.load_best(network)
    assert state.score == 0.3 and network.scale.log.item() == kept[0.3]


def test_saved_and_loaded(saved, task, plan):
    network, optimizer, folder = saved
    other = task.network(seed=1)
    its = torch.optim.AdamW(other.parameters())
    state = load_state(folder, other, its, plan)
    assert (state.epoch, state.seconds, state.lines) == (3, 4.5, [{"epoch": 3.0}])
    for name, value in network.state_dict().items():
        assert torch.equal(other.state_dict()[name], value)
        assert torch.equal(state.mean[name], value) and torch.equal(state.best[name], value)
    ours, theirs = optimizer.state_dict()["state"], its.state_dict()["state"]
    assert ours.keys() == theirs.keys() and ours
    for index, values in ours.items():
        for key, value in values.items():
            assert torch.equal(theirs[index][key], value)


def test_no_state_is_none(task, plan, tmp_path):
    network = task.network()
    assert load_state(tmp_path, network, torch.optim.AdamW(network.parameters()), plan) is None


def test_the_state_of_another_plan_is_refused(saved, plan):
    network, optimizer, folder = saved
    for other in (replace(plan, rate=0.1), replace(plan, augmentation=replace(plan.augmentation, gain=0.2))):
        with pytest.raises(UsageError, match="another configuration") as refusal:
            load_state(folder, network, optimizer, other)
        assert refusal.value.mend


def test_the_state_of_another_network_is_refused(saved, task, plan):
    network, optimizer, folder = saved
    network.config = replace(network.config, embedding=16)
    with pytest.raises(UsageError, match="another configuration"):
        load_state(folder, network, optimizer, plan)


@pytest.mark.parametrize("keep", [0.0, 0.01, 0.5, 0.999])
def test_a_damaged_state_is_refused(saved, plan, keep):
    network, optimizer, folder = saved
    raw = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(raw[: int(keep * len(raw))])
    with pytest.raises(UsageError, match="damaged") as refusal:
        load_state(folder, network, optimizer, plan)
    assert refusal.value.mend


def test_a_state_without_its_note_is_refused(saved, plan):
    from safetensors.torch import load_file, save_file

    network, optimizer, folder = saved
    save_file(load_file(folder / FILE), folder / "bare")
    (folder / "bare").replace(folder / FILE)
    with pytest.raises(UsageError, match="damaged"):
        load_state(folder, network, optimizer, plan)


def test_a_kill_while_saving_leaves_the_old_state(saved, plan, monkeypatch):
    network, optimizer, folder = saved
    before = (folder / FILE).read_bytes()

    def cut_short(tensors, path, note):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("einthoven.training.state.save_file", cut_short)
    with pytest.raises(KeyboardInterrupt):
        save_state(folder, State.start(network), network, optimizer, plan)
    assert (folder / FILE).read_bytes() == before


def test_a_folder_with_a_state_belongs_to_its_recipe_and_data(saved):
    folder = saved[2]
    facts = {"recipe": {"folds": (1, 2)}, "train": {"sha256": "a"}, "torch": "1"}
    claim(folder, facts)
    claim(folder, {**facts, "torch": "2"})
    for other in ({**facts, "train": {"sha256": "b"}}, {**facts, "recipe": {}}):
        with pytest.raises(UsageError, match="other data"):
            claim(folder, other)
    (folder / "recipe.json").write_text("{")
    with pytest.raises(UsageError):
        claim(folder, facts)


def test_a_folder_without_a_state_belongs_to_nobody(tmp_path):
    claim(tmp_path / "run", {"recipe": 1})
    claim(tmp_path / "run", {"recipe": 2})
    assert '"recipe": 2' in (tmp_path / "run" / "recipe.json").read_text()
