"""The layers of an encoder from its input to its output."""

from __future__ import annotations

from torch import nn

from einthoven.models.encoders.conv_transformer import ConvTransformer
from einthoven.models.encoders.convnextv2 import ConvNeXtV2
from einthoven.models.encoders.lstm import Recurrent
from einthoven.models.encoders.resnet import ResNet
from einthoven.models.encoders.several import Several
from einthoven.models.encoders.state_space import StateSpace
from einthoven.models.encoders.transformer import Transformer


def layers_of(encoder: nn.Module) -> list[list[nn.Module]]:
    """Each network in an encoder as its layers in order: stem, blocks, norm; several where it is an ensemble.

    Raises:
        TypeError: an encoder of an unknown family.
    """
    match encoder:
        case ConvNeXtV2():
            pairs = zip(encoder.reduce, encoder.stages, strict=True)
            return [[*(layer for reduce, stage in pairs for layer in (reduce, *stage.children())), encoder.norm]]
        case ResNet():
            return [[encoder.stem, *encoder.blocks]]
        case Transformer():
            return [[encoder.stem, *encoder.layers, encoder.norm]]
        case ConvTransformer():
            before = [encoder.stem, encoder.widen, encoder.positions, encoder.whole, encoder.norm]
            return [[*before, *encoder.layers]]
        case StateSpace():
            return [[encoder.stem, *encoder.blocks, encoder.norm]]
        case Recurrent():
            return [[*encoder.layers]]
        case Several():
            return [layers for member in encoder.members for layers in layers_of(member)]
    raise TypeError(f"{type(encoder).__name__} has no known layers")
