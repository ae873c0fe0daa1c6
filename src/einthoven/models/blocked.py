"""A graph's one-dimensional convolutions and pools, written as two-dimensional ones of height 1.

They compute the same, but onnxruntime keeps blocked kernels (NCHWc) for two dimensions alone: the networks of this
room run about a third faster by them (docs/speed.md).
"""

from __future__ import annotations

import numpy as np
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, helper, numpy_helper

SPATIAL = ("Conv", "AveragePool", "MaxPool")
FOLLOWING = ("BatchNormalization", "Relu", "Add")
"""What does not ask how many dimensions come behind the channels, if all that enters has as many."""
AXIS = "height"


class _Height:
    """Walks through a graph and keeps, of each value, the form with a height, the form without it, or both."""

    def __init__(self, graph: GraphProto) -> None:
        self.weights: dict[str, TensorProto] = {tensor.name: tensor for tensor in graph.initializer}
        self.high: dict[str, str] = {}
        self.flat: set[str] = set(self.weights) | {value.name for value in graph.input}
        self.nodes: list[NodeProto] = []
        for node in graph.node:
            if node.op_type in SPATIAL and self._is_one_dimensional(node):
                self._spatial(node)
            elif node.op_type in FOLLOWING and self._streams(node) <= self.high.keys():
                self._write_high(node)
            else:
                self._as_it_is(node)
        for output in graph.output:
            self._flatten(output.name)

    def _is_one_dimensional(self, node: NodeProto) -> bool:
        kernel = [attribute.ints for attribute in node.attribute if attribute.name == "kernel_shape"]
        return [*map(len, kernel)] == [1] and (node.op_type != "Conv" or node.input[1] in self.weights)

    def _streams(self, node: NodeProto) -> set[str]:
        """The inputs that carry signal: the first one, and for a sum both."""
        return set(node.input if node.op_type == "Add" else node.input[:1])

    def _spatial(self, node: NodeProto) -> None:
        self._raise(node.input[0])
        for attribute in node.attribute:
            _widen(attribute)
        if node.op_type == "Conv" and len(self.weights[node.input[1]].dims) == 3:
            weight = self.weights[node.input[1]]
            weight.dims.insert(2, 1)
        if node.op_type == "AveragePool":
            _pad_instead_of_ceiling(node)
        self._write_high(node)

    def _write_high(self, node: NodeProto) -> None:
        for place, name in enumerate(node.input):
            node.input[place] = self.high.get(name, name)
        name = node.output[0]
        node.output[0] = self.high[name] = f"{name}.high"
        self.nodes.append(node)

    def _as_it_is(self, node: NodeProto) -> None:
        for name in node.input:
            self._flatten(name)
        self.flat.update(node.output)
        self.nodes.append(node)

    def _raise(self, name: str) -> None:
        if name not in self.high:
            self.high[name] = f"{name}.high"
            self.nodes.append(helper.make_node("Unsqueeze", [name, AXIS], [self.high[name]]))

    def _flatten(self, name: str) -> None:
        if name in self.high and name not in self.flat:
            self.flat.add(name)
            self.nodes.append(helper.make_node("Squeeze", [self.high[name], AXIS], [name]))


def with_height(graph: GraphProto) -> None:
    """Rewrites `graph` in place: convolutions of (batch, channels, time) become those of (batch, channels, 1, time)."""
    nodes = _Height(graph).nodes
    if any(AXIS in node.input for node in nodes):
        graph.initializer.append(numpy_helper.from_array(np.array([2], np.int64), AXIS))
    del graph.node[:]
    graph.node.extend(nodes)


def _widen(attribute: AttributeProto) -> None:
    values = list(attribute.ints)
    if attribute.name in ("kernel_shape", "strides", "dilations"):
        attribute.ints[:] = [1, *values]
    elif attribute.name == "pads":
        attribute.ints[:] = [0, values[0], 0, values[1]]


def _pad_instead_of_ceiling(node: NodeProto) -> None:
    """A pool of pairs whose last pair may be half there, in the form that has a blocked kernel.

    Rounding the length up is the same as padding by one and leaving the padding out of the mean.
    """
    values = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    pairs = values["kernel_shape"] == values.get("strides") == [1, 2]
    if pairs and values.get("ceil_mode") and not any(values.get("pads", [])):
        del node.attribute[:]
        pool = {"kernel_shape": [1, 2], "strides": [1, 2], "pads": [0, 0, 0, 1], "count_include_pad": 0}
        node.attribute.extend(helper.make_attribute(name, value) for name, value in pool.items())
