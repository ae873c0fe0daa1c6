"""Floor 3: encoders, text towers, checkpoints, and running one by onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from einthoven.models.config import ModelConfig, Preparation
from einthoven.models.preparation import prepare
from einthoven.models.runtime import BUNDLED, Model, load_model

if TYPE_CHECKING:
    from torch import nn

__all__ = ["BUNDLED", "Model", "ModelConfig", "Preparation", "build", "load_model", "prepare"]


def build(name: str, classes: int, **options: Any) -> nn.Module:
    """An ECG classifier with fresh weights: (batch, 12, samples) to logits (batch, classes). Needs the `train` extra.

    Its `encoder` gives features over time and a pooled vector; how it is called, and what masks it takes, is in
    `models.encoders`. These there are:

    - ConvNeXt-V2 (ESI's encoder): convnextv2_zepto, convnextv2_atto, convnextv2_femto, convnextv2_pico,
      convnextv2_nano, convnextv2_tiny, convnextv2_base, convnextv2_large, convnextv2_huge;
      `norm="instance"` for the norm of ESI's public code
    - residual networks: resnet1d_small, resnet1d_medium, resnet1d_18, resnet1d_50, xresnet1d_50, xresnet1d_101
    - ViT: vit1d_small, vit1d_base
    - a transformer over convolutional tokens (M3AE's, ECG-ReGen's encoder): m3ae_small, m3ae_base
    - diagonal state spaces: s4d_small
    - LSTM: lstm1d, lstm1d_bidirectional

    Args:
        name: one of them.
        classes: length of the last layer.
        options: fields of its settings in `models.encoders.settings`.

    Raises:
        UsageError: no such size or option.
    """
    from einthoven.models.classifier import Classifier

    return Classifier(name, classes, **options)
