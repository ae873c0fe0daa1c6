"""A checkpoint of every family of encoders: equal to torch, each weight stored once, and whole when read back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import onnx
import pytest
import torch
from onnx import TensorProto, numpy_helper
from safetensors.numpy import load_file

from einthoven.ecg import ModelError, UsageError
from einthoven.models.checkpoint import check_against_torch, load_network, save_checkpoint
from einthoven.models.config import ModelConfig, Preparation
from einthoven.models.encoders.settings import ConvTransformer, Recurrent, ResNet, Several, StateSpace, Transformer
from einthoven.models.encoders.sizes import LSTMS, M3AE, RESNET, S4D, VIT, Cells, ConvTokens, Layers, Residual
from einthoven.models.network import Network
from einthoven.models.weights import tensor_places

FEW = 64
SMALL = {  # each with a weight of every kind that is too large to lie in the graph
    "basic": (RESNET, Residual((1, 1), (64, 64)), partial(ResNet, squeeze=8)),
    "bottleneck": (RESNET, Residual((1, 1), (64, 64), 4, True), partial(ResNet, pool="mean")),
    "classic": (RESNET, Residual((2, 1), (64, 64), 4, classic=True), ResNet),
    "lstm": (LSTMS, Cells(8, 2), Recurrent),
    "lstm both ways": (LSTMS, Cells(8, 2, True), Recurrent),
    "transformer": (VIT, Layers(64, 1, 2), Transformer),
    "conv_transformer": (M3AE, ConvTokens(64, 64, 1, 2, 64, 4), ConvTransformer),
    "state_space": (S4D, Layers(64, 1), partial(StateSpace, states=64)),
}


def lived(network):
    """A network whose weights and running statistics are those of some steps of training, as far as shape goes."""
    torch.manual_seed(1)
    with torch.no_grad():
        for value in network.parameters():
            value += 0.05 * torch.randn_like(value)
    network.train()
    for _ in range(5):
        network(3 * torch.randn(8, 12, 200) + 1, torch.ones(8, 200))
    return network.eval()


def config_of(encoder, **options):
    how = {"embedding": 16, "preparation": Preparation(seconds=2), **options}
    return ModelConfig("small", ("NORM", "IMI", "SR"), encoder=encoder, **how)


@pytest.fixture(scope="module", params=[*SMALL, "several"])
def saved(request, tmp_path_factory):
    """The folder of a small network of one family, the network, and its state before it was saved."""
    with pytest.MonkeyPatch.context() as patch:
        for name, (table, shape, _) in SMALL.items():
            patch.setitem(table, name, shape)
        encoders = {name: kind(size=name) for name, (_, _, kind) in SMALL.items()}
        encoder = encoders.get(request.param) or Several((encoders["basic"], encoders["basic"]))
        network = lived(Network(config_of(encoder)))
        before = {name: value.clone() for name, value in network.state_dict().items()}
        folder = tmp_path_factory.mktemp("families") / request.param
        save_checkpoint(network, folder, "card")
        yield folder, network, before


def test_onnx_equals_torch(saved):
    folder, network, _ = saved
    assert check_against_torch(network, folder) <= 1e-4
    x, valid = torch.randn(5, 12, 200), torch.ones(5, 200)
    embedding, logits = network(x, valid)
    assert embedding.std(0).max() > 1e-3 and logits.std(0).max() > 1e-3  # not one answer for all


def test_the_graph_holds_no_weight_itself(saved):
    folder, _, _ = saved
    graph = onnx.load(folder / "model.onnx", load_external_data=False).graph
    inside = [one for one in graph.initializer if one.data_location != TensorProto.EXTERNAL]
    inside += [a.t for node in graph.node for a in node.attribute if a.type == onnx.AttributeProto.TENSOR]
    assert max(numpy_helper.to_array(one).size for one in inside) < FEW
    assert (folder / "model.onnx").stat().st_size < 100_000


def test_every_weight_of_some_size_is_referred_to(saved):
    folder, _, _ = saved
    graph = onnx.load(folder / "model.onnx", load_external_data=False).graph
    needed = {value.tobytes() for value in load_file(folder / "model.safetensors").values() if value.size >= FEW}
    raw = (folder / "model.safetensors").read_bytes()
    found = set()
    for one in graph.initializer:
        entry = {pair.key: int(pair.value) for pair in one.external_data if pair.key != "location"}
        if entry:
            found.add(raw[entry["offset"] : entry["offset"] + entry["length"]])
    assert found == needed


def test_every_tensor_survives(saved):
    folder, network, before = saved
    found = load_network(folder)
    assert found.config == network.config
    after = found.state_dict()
    assert set(after) == set(before) == set(tensor_places(folder / "model.safetensors"))
    for name, value in before.items():
        if value.is_floating_point():
            torch.testing.assert_close(after[name], value.half().float(), rtol=0, atol=0)
        else:
            assert after[name] == value and after[name].dtype == value.dtype == torch.int64
    counters = [value.item() for name, value in after.items() if name.endswith("num_batches_tracked")]
    assert set(counters) <= {5} and bool(counters) == any("running_var" in name for name in after)
    x, valid = torch.randn(3, 12, 200), torch.ones(3, 200)
    for ours, theirs in zip(network(x, valid), found(x, valid), strict=True):
        assert torch.equal(ours, theirs)


def test_running_statistics_matter(saved):
    """What is compared above is not the network of untouched statistics."""
    folder, _, before = saved
    means = [value for name, value in before.items() if name.endswith("running_mean")]
    if not means:
        pytest.skip("no batch normalisation in this family")
    assert max(mean.abs().max() for mean in means) > 0.1
    network = load_network(folder)
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if name.endswith("running_mean"):
                value.zero_()
    with pytest.raises(ModelError, match="differs"):
        check_against_torch(network, folder)


@pytest.mark.parametrize("value", [1e5, float("nan"), float("inf")])
def test_what_16_bits_do_not_hold_is_refused_before_anything_is_written(tmp_path, value):
    network = Network(config_of(ResNet()))
    network.encoder.stem[1].running_var[0] = value
    with pytest.raises(ModelError, match=r"encoder\.stem\.1\.running_var") as refusal:
        save_checkpoint(network, tmp_path / "a", "card")
    assert refusal.value.mend
    assert list(tmp_path.iterdir()) == []


def test_without_a_projection_the_embedding_is_the_pooled_vector():
    config = config_of(ResNet(), embedding=512, projection="none")
    network = Network(config).eval()
    assert not list(network.embedding.parameters())
    x, valid = torch.randn(3, 12, 200), torch.ones(3, 200)
    pooled = network.encoder(x, valid)[1]
    torch.testing.assert_close(network(x, valid)[0], pooled / pooled.norm(dim=1, keepdim=True))
    with pytest.raises(UsageError, match="512") as refusal:
        Network(replace(config, embedding=192))
    assert "512" in refusal.value.mend


def test_with_a_projection_the_embedding_is_its_image():
    network = Network(config_of(ResNet(), embedding=7)).eval()
    x, valid = torch.randn(3, 12, 200), torch.ones(3, 200)
    image = network.encoder(x, valid)[1] @ network.embedding.weight.T
    torch.testing.assert_close(network(x, valid)[0], image / image.norm(dim=1, keepdim=True))
