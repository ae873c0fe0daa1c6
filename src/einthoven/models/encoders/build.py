"""From an encoder's settings to the network."""

from __future__ import annotations

from einthoven.models.encoders import settings
from einthoven.models.encoders.conv_transformer import ConvTransformer
from einthoven.models.encoders.convnextv2 import ConvNeXtV2
from einthoven.models.encoders.lstm import Recurrent
from einthoven.models.encoders.resnet import ResNet
from einthoven.models.encoders.several import Several
from einthoven.models.encoders.state_space import StateSpace
from einthoven.models.encoders.transformer import Transformer

AnyEncoder = ConvNeXtV2 | ResNet | Transformer | ConvTransformer | StateSpace | Recurrent | Several


def build_encoder(config: settings.Encoder) -> AnyEncoder:
    """An encoder with fresh weights, as `encoders/__init__` says what it takes and gives."""
    match config:
        case settings.ConvNeXt():
            return ConvNeXtV2(config)
        case settings.ResNet():
            return ResNet(config)
        case settings.Transformer():
            return Transformer(config)
        case settings.ConvTransformer():
            return ConvTransformer(config)
        case settings.StateSpace():
            return StateSpace(config)
        case settings.Recurrent():
            return Recurrent(config)
        case settings.Several():
            members = [build_encoder(member) for member in config.members]
            return Several(members, [member.width for member in members], config.stride)
