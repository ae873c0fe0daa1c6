"""Two gloo processes, each with a part of the network, train what one trains that has all of it."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from einthoven.ecg import UsageError
from einthoven.training.estimate import sizes_of
from einthoven.training.plan import Plan
from einthoven.training.shards import units
from einthoven.training.state import FILE

KINDS = ("captioner", "masked", "generator", "supervised")


@pytest.fixture
def models():
    import team_models

    with team_models.small_sizes():
        yield team_models


def lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("kind", [*KINDS, "unparted"])
def test_parts_are_trained_as_the_whole_is(team, kind):
    """Unequal parts of a batch, pieces, a long gradient that is shortened, averaged weights, judging epochs."""
    alone = "masked" if kind == "unparted" else kind
    one = load_file(team / f"{alone}1-0.safetensors")
    first, second = (load_file(team / f"{kind}2-{place}.safetensors") for place in (0, 1))
    with safe_open(team / f"{kind}2" / FILE, "pt") as state:
        assert {name: tuple(state.get_tensor(f"mean.{name}").shape) for name in one} == {
            name: tuple(value.shape) for name, value in one.items()
        }
    began = load_file(team / f"{alone}1" / "start.safetensors")
    assert max((one[name] - value).abs().max() for name, value in began.items()) > 1e-3, "nothing was learned"
    for name, value in one.items():
        torch.testing.assert_close(first[name], value, atol=1e-6, rtol=1e-5, msg=name)
        assert torch.equal(first[name], second[name]), name
    for before, after in zip(lines(team / f"{alone}1"), lines(team / f"{kind}2"), strict=True):
        assert before.keys() == after.keys()
        for key in set(before) - {"seconds"}:
            assert after[key] == pytest.approx(before[key], abs=2e-5), key


def test_a_killed_run_in_parts_goes_on_exactly(team):
    whole, killed = (load_file(team / f"{name}2-0.safetensors") for name in ("supervised", "killed"))
    assert all(torch.equal(killed[name], value) for name, value in whole.items())
    without = [[{**line, "seconds": 0} for line in lines(team / f"{name}2")] for name in ("supervised", "killed")]
    assert without[0] == without[1]


def test_one_process_goes_on_where_two_with_parts_were_killed(team, models, tmp_path):
    """The state on disk is the ordinary one."""
    folder = shutil.copytree(team / "left2", tmp_path / "run")
    assert len(lines(folder)) == 1
    found = models.train("supervised", models.PLAN, folder, seed=5).state_dict()
    for name, value in load_file(team / "supervised1-0.safetensors").items():
        torch.testing.assert_close(found[name], value, atol=1e-6, rtol=1e-5, msg=name)
    assert len(lines(folder)) == 2


def test_what_is_fetched_as_one_is_a_layer_and_never_within_another(models):
    network = models.Captioner(
        models.ConvNeXt(size="convnextv2_team"), models.TOWER, 8, models.Captioning(layers=3, heads=2, pool_heads=2)
    )
    found = units(network)
    names = {id(part): name for name, part in network.named_modules()}
    assert [names[id(one)] for one in found if not names[id(one)].startswith("encoder.")] == [
        "text.layers.layers.0",
        *(f"decoder.layers.{n}" for n in range(3)),
    ]
    every = [id(p) for one in found for p in one.parameters()]
    assert len(every) == len(set(every)) and sum(names[id(one)].startswith("encoder.stages") for one in found) == 4


def test_a_device_of_four_holds_a_quarter_of_six_copies_and_once_the_weights():
    network = torch.nn.Linear(9, 10)
    assert sizes_of(network, 1).state == 4 * 6 * 100
    assert sizes_of(network, 4).state == 4 * (6 * 25 + 200), "weights and gradient, for nothing of it is a layer"


def test_compiled_layers_are_not_sharded():
    with pytest.raises(UsageError, match="Compiled layers") as refusal:
        Plan(shard=True, compile=True)
    assert refusal.value.mend


def test_one_process_alone_has_nothing_to_share(task, tmp_path):
    with pytest.raises(UsageError, match="no others to share") as refusal:
        task(Plan(epochs=1, batch=5, contrast=0, shard=True), tmp_path)
    assert "plan.shard" in refusal.value.mend
