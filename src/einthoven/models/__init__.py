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

    Args:
        name: the size of an encoder, such as "convnextv2_base".
        classes: length of the last layer.
        options: fields of its settings in `models.encoders.settings`.

    Raises:
        UsageError: no such size or option.
    """
    from einthoven.models.classifier import Classifier

    return Classifier(name, classes, **options)
