from __future__ import annotations

import onnx
import pytest
from onnx import TensorProto, numpy_helper
from safetensors.numpy import load_file

FEW = 64


@pytest.fixture(scope="module")
def graph(checkpoint):
    return onnx.load(checkpoint / "model.onnx", load_external_data=False).graph


def test_the_graph_holds_no_large_tensor_itself(graph, checkpoint):
    inside = [one for one in graph.initializer if one.data_location != TensorProto.EXTERNAL]
    inside += [a.t for node in graph.node for a in node.attribute if a.type == onnx.AttributeProto.TENSOR]
    assert inside
    assert max(numpy_helper.to_array(one).size for one in inside) < FEW
    assert (checkpoint / "model.onnx").stat().st_size < 150_000


def test_weights_lie_once_in_the_safetensors_file(graph, checkpoint):
    size = (checkpoint / "model.safetensors").stat().st_size
    outside = [one for one in graph.initializer if one.data_location == TensorProto.EXTERNAL]
    assert outside
    for one in outside:
        entry = {pair.key: pair.value for pair in one.external_data}
        assert entry["location"] == "model.safetensors"
        assert int(entry["offset"]) + int(entry["length"]) <= size
        assert one.data_type == TensorProto.FLOAT16
    assert {path.suffix for path in checkpoint.iterdir() if path.is_file()} == {".md", ".json", ".onnx", ".safetensors"}


def test_every_encoder_weight_of_some_size_is_referred_to(graph, checkpoint):
    weights = load_file(checkpoint / "model.safetensors")
    needed = {
        value.tobytes()
        for name, value in weights.items()
        if name.startswith(("encoder", "statements", "embedding")) and value.size >= FEW
    }
    raw = (checkpoint / "model.safetensors").read_bytes()
    found = set()
    for one in graph.initializer:
        entry = {pair.key: int(pair.value) for pair in one.external_data if pair.key != "location"}
        if entry:
            found.add(raw[entry["offset"] : entry["offset"] + entry["length"]])
    assert found == needed


def test_inputs_and_outputs(graph):
    def shape(one):
        return [d.dim_param or d.dim_value for d in one.type.tensor_type.shape.dim]

    assert {one.name: shape(one) for one in graph.input} == {"signal": ["batch", 12, 1000], "valid": ["batch", 1000]}
    assert {one.name: shape(one) for one in graph.output} == {"embedding": ["batch", 24], "logits": ["batch", 71]}


def test_nothing_tells_of_the_machine_that_exported(checkpoint):
    raw = (checkpoint / "model.onnx").read_bytes()
    assert b"/site-packages/" not in raw and b".py" not in raw and b"/home" not in raw and b"/tmp" not in raw
