"""From an encoder's settings to the network."""

from __future__ import annotations

from einthoven.models.encoders.convnextv2 import ConvNeXtV2
from einthoven.models.encoders.resnet import ResNet
from einthoven.models.encoders.settings import ConvNeXt, Encoder
from einthoven.models.encoders.settings import Several as SeveralSettings
from einthoven.models.encoders.several import Several


def build_encoder(config: Encoder) -> ConvNeXtV2 | ResNet | Several:
    """An encoder with fresh weights, as `encoders/__init__` says what it takes and gives."""
    match config:
        case ConvNeXt():
            return ConvNeXtV2(config)
        case SeveralSettings():
            members = [build_encoder(member) for member in config.members]
            return Several(members, [member.width for member in members], config.stride)
        case _:
            return ResNet(config)
