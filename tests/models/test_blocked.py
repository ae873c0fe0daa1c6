"""Graphs whose convolutions got a height: none is left without, and they compute what torch does."""

from __future__ import annotations

import io

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from einthoven.models.blocked import with_height

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the older exporter: quick, and enough here


class Mixed(nn.Module):
    """Convolutions, pools of each rounding, sums, and steps between them that need three dimensions."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv1d(3, 16, 7, 2, 3), nn.BatchNorm1d(16), nn.ReLU(), nn.MaxPool1d(3, 2, 1))
        self.deep = nn.Conv1d(16, 16, 3, padding=2, dilation=2, groups=16)
        self.halved = nn.Sequential(nn.AvgPool1d(2, ceil_mode=True), nn.Conv1d(16, 16, 1))
        self.thirds = nn.AvgPool1d(3, 2, padding=1)
        self.norm = nn.LayerNorm(16)

    def forward(self, signal):
        x = self.stem(signal)
        x = torch.relu(self.deep(x) + x)
        x = x + self.norm(x.transpose(1, 2)).transpose(1, 2)
        return self.thirds(self.halved(x)), x.mean(-1)


def exported(module, signal):
    buffer = io.BytesIO()
    torch.onnx.export(module, (signal,), buffer, opset_version=18, dynamo=False)
    return onnx.load_from_string(buffer.getvalue())


def computed(graph, signal):
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: signal.numpy()})


@pytest.fixture(scope="module", params=(64, 65, 66, 67, 101))
def case(request):
    torch.manual_seed(request.param)
    module = Mixed().eval()
    module.stem[1].running_mean.normal_()
    signal = torch.randn(2, 3, request.param)
    graph = exported(module, signal)
    with_height(graph.graph)
    with torch.no_grad():
        return graph, signal, module(signal)


def kernels(graph):
    return [a.ints for node in graph.graph.node for a in node.attribute if a.name == "kernel_shape"]


def test_it_computes_what_torch_does_at_even_and_odd_lengths(case):
    graph, signal, expected = case
    onnx.checker.check_model(graph)
    for ours, theirs in zip(computed(graph, signal), expected, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-5)


def test_every_kernel_has_a_height_of_one(case):
    shapes = [list(one) for one in kernels(case[0])]
    assert len(shapes) == 6
    assert all(len(shape) == 2 and shape[0] == 1 for shape in shapes)
    convolutions = {node.input[1] for node in case[0].graph.node if node.op_type == "Conv"}
    assert {len(one.dims) for one in case[0].graph.initializer if one.name in convolutions} == {4}


def test_no_value_is_raised_or_flattened_twice(case):
    changes = [node for node in case[0].graph.node if node.op_type in ("Squeeze", "Unsqueeze")]
    assert len({(node.op_type, node.input[0]) for node in changes}) == len(changes)
    between = {out for node in changes if node.op_type == "Squeeze" for out in node.output}
    assert not between & {node.input[0] for node in changes if node.op_type == "Unsqueeze"}


def test_pairs_that_are_rounded_up_are_padded_and_other_pools_stay(case):
    pools = [node for node in case[0].graph.node if node.op_type == "AveragePool"]
    values = [{a.name: onnx.helper.get_attribute_value(a) for a in node.attribute} for node in pools]
    assert [one["pads"] for one in values] == [[0, 0, 0, 1], [0, 1, 0, 1]]
    assert not any(one.get("ceil_mode") for one in values)


def test_a_graph_without_convolutions_stays_as_it_is():
    graph = exported(nn.Linear(4, 2), torch.randn(1, 4))
    before = graph.SerializeToString()
    with_height(graph.graph)
    assert graph.SerializeToString() == before


def test_two_dimensional_convolutions_stay_as_they_are():
    graph = exported(nn.Conv2d(2, 2, 3), torch.randn(1, 2, 8, 8))
    before = graph.SerializeToString()
    with_height(graph.graph)
    assert graph.SerializeToString() == before
