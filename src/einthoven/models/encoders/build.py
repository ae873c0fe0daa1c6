"""From an encoder's settings to the network."""

from __future__ import annotations

from einthoven.models.encoders.convnextv2 import ConvNeXtV2
from einthoven.models.encoders.resnet import ResNet
from einthoven.models.encoders.settings import ConvNeXt, Encoder


def build_encoder(config: Encoder) -> ConvNeXtV2 | ResNet:
    """An encoder with fresh weights, as `encoders/__init__` says what it takes and gives."""
    match config:
        case ConvNeXt():
            return ConvNeXtV2(config)
        case _:
            return ResNet(config)
