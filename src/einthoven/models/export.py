"""The ONNX graph of a network, its weights kept outside in the checkpoint's safetensors file."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxscript import optimizer
from torch import Tensor, nn

from einthoven.models.network import Network
from einthoven.models.weights import tensor_places

OPSET = 18
SMALLEST = 64  # tensors with fewer values stay inside the graph


class _Inference(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, signal: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        embedding, logits = self.network(signal, valid)
        return embedding, logits


def export_graph(network: Network, path: Path, weights: Path) -> None:
    """Writes `path`: from `signal` (batch, 12, samples) and `valid` (batch, samples) to `embedding` and `logits`.

    Weights that lie in `weights` (safetensors, 16 bits) are referred to there and cast to 32 bits in the graph.
    """
    samples = network.config.preparation.samples
    example = (torch.randn(2, 12, samples), torch.ones(2, samples))
    batch = torch.export.Dim("batch", min=1)
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Inference(network).eval(),
            example,
            input_names=["signal", "valid"],
            output_names=["embedding", "logits"],
            dynamic_shapes=({0: batch}, {0: batch}),
            opset_version=OPSET,
            dynamo=True,
            optimize=False,  # it would fold batch normalisation into new weights, which then lie in the file twice
            verbose=False,
        )
        assert program is not None
        optimizer.inline(program.model)
        optimizer.fold_constants(program.model)
        optimizer.remove_unused_nodes(program.model)
    program.save(buffer)
    model = onnx.load_from_string(buffer.getvalue())
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
    nodes = []
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < SMALLEST:
            kept.append(tensor)
            continue
        half = value.astype(np.float16)
        if half.tobytes() in stored:
            kept.append(_reference(tensor.name + ".half", half.shape, weights.name, stored[half.tobytes()]))
            nodes.append(helper.make_node("Cast", [tensor.name + ".half"], [tensor.name], to=TensorProto.FLOAT))
        elif half.ndim == 2 and half.T.tobytes() in stored:
            place = stored[half.T.tobytes()]
            kept.append(_reference(tensor.name + ".half", half.T.shape, weights.name, place))
            nodes.append(
                helper.make_node("Cast", [tensor.name + ".half"], [tensor.name + ".full"], to=TensorProto.FLOAT)
            )
            nodes.append(helper.make_node("Transpose", [tensor.name + ".full"], [tensor.name], perm=[1, 0]))
        else:
            kept.append(tensor)
    nodes.extend(model.graph.node)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _reference(name: str, shape: tuple[int, ...], location: str, place: tuple[int, int]) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT16, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, entry in {"location": location, "offset": place[0], "length": place[1]}.items():
        tensor.external_data.add(key=key, value=str(entry))
    return tensor


def _stored(weights: Path) -> dict[bytes, tuple[int, int]]:
    raw = weights.read_bytes()
    return {raw[start : start + length]: (start, length) for start, length in tensor_places(weights).values()}
