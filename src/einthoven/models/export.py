"""The ONNX graph of a network, its weights kept outside in the checkpoint's safetensors file."""

from __future__ import annotations

import io
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import NodeProto, TensorProto, helper, numpy_helper
from safetensors.torch import load_file
from torch import Tensor, nn

from einthoven.models.blocked import with_height
from einthoven.models.config import ModelConfig
from einthoven.models.network import Network
from einthoven.models.stored import SCALE, as_computed
from einthoven.models.weights import tensor_places

OPSET = 18
Place = tuple[int, int]
"""Offset and length in bytes."""
SMALLEST = 64  # tensors with fewer values stay inside the graph


class _Inference(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, signal: Tensor, valid: Tensor) -> tuple[Tensor, ...]:
        found: tuple[Tensor, ...] = self.network(signal, valid)
        return found[: len(outputs(self.network.config))]


def outputs(config: ModelConfig) -> list[str]:
    """What the graph of such a network gives: no logits where there is no head."""
    return ["embedding", "logits"] if config.codes else ["embedding"]


def export_graph(network: Network, path: Path, weights: Path) -> None:
    """Writes `path`: from `signal` (batch, 12, samples) and `valid` (batch, samples) to `embedding` and `logits`,
    or to the embedding alone where there is no head.

    Weights that lie in `weights` (safetensors, 8 or 16 bits) are referred to there and decoded to 32 bits in the graph.
    """
    samples = network.config.preparation.samples
    batch = torch.export.Dim("batch", min=1)
    export_module(
        _Inference(network),
        (torch.randn(2, 12, samples), torch.ones(2, samples)),
        ["signal", "valid"],
        outputs(network.config),
        ({0: batch}, {0: batch}),
        path,
        weights,
    )


def export_module(
    module: nn.Module,
    example: tuple[Tensor, ...],
    inputs: list[str],
    names: list[str],
    dynamic: tuple[dict[int, Any], ...],
    path: Path,
    weights: Path,
) -> None:
    """Writes any module's graph to `path`, its weights decoded from `weights` as `export_graph` does.

    Args:
        example: what the module is traced with.
        inputs, names: of inputs and outputs.
        dynamic: for each input, the places of its shape that may differ.
    """
    from onnxscript import optimizer  # a second of start that nothing but an export needs

    buffer = io.BytesIO()
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # that operators of torchvision are missing, which none has
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module.eval(),
            example,
            input_names=inputs,
            output_names=names,
            dynamic_shapes=dynamic,
            opset_version=OPSET,
            dynamo=True,
            optimize=False,  # it would fold batch normalisation into new weights, which then lie in the file twice
            verbose=False,
        )
        assert program is not None
        optimizer.inline(program.model)
        # weights stay as they are: what is made of them would lie in the graph beside them
        optimizer.fold_constants(program.model, input_size_limit=SMALLEST - 1, output_size_limit=SMALLEST - 1)
        optimizer.remove_unused_nodes(program.model)
    program.save(buffer)
    model = onnx.load_from_string(buffer.getvalue())
    with_height(model.graph)
    _refer_to(model, weights)
    del model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.value_info[:]
    path.write_bytes(model.SerializeToString())


def _refer_to(model: onnx.ModelProto, weights: Path) -> None:
    """Replaces initializers by references to equal tensors in `weights`, stored as they are or transposed."""
    stored = _stored(weights)
    kept: list[TensorProto] = []
    nodes: list[NodeProto] = []
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        turned = value.ndim == 2 and value.tobytes() not in stored
        key = value.T.tobytes() if turned else value.tobytes()
        if value.dtype != np.float32 or value.size < SMALLEST or key not in stored:
            kept.append(tensor)
            continue
        shape, name = value.shape[::-1] if turned else value.shape, tensor.name
        tensors, decoding = _decoded(name + ".stored" if turned else name, shape, stored[key], weights.name)
        kept += tensors
        nodes += decoding
        if turned:
            nodes.append(helper.make_node("Transpose", [name + ".stored"], [name], perm=[1, 0]))
    nodes.extend(model.graph.node)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _decoded(
    name: str, shape: tuple[int, ...], places: list[Place], location: str
) -> tuple[list[TensorProto], list[NodeProto]]:
    """References to a weight's parts, and the nodes that make the weight `name` of them."""
    if len(places) == 1:
        half = _reference(name + ".half", TensorProto.FLOAT16, shape, location, places[0])
        return [half], [helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT)]
    units = _reference(name + ".units", TensorProto.INT8, shape, location, places[0])
    scale = _reference(name + ".scale", TensorProto.FLOAT16, (shape[0], *[1] * (len(shape) - 1)), location, places[1])
    parts = [units, scale]
    casts = [helper.make_node("Cast", [part.name], [part.name + ".full"], to=TensorProto.FLOAT) for part in parts]
    return parts, [*casts, helper.make_node("Mul", [part.name + ".full" for part in parts], [name])]


def _reference(name: str, kind: int, shape: tuple[int, ...], location: str, place: Place) -> TensorProto:
    tensor = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, entry in {"location": location, "offset": place[0], "length": place[1]}.items():
        tensor.external_data.add(key=key, value=str(entry))
    return tensor


def _stored(weights: Path) -> dict[bytes, list[Place]]:
    """By the bytes of each weight in 32 bits, where its parts lie: itself, or its units and their scale."""
    places = tensor_places(weights)
    return {
        value.numpy().tobytes(): [places[part] for part in (name, name + SCALE) if part in places]
        for name, value in as_computed(load_file(weights)).items()
    }
