from __future__ import annotations

import pytest
import torch
from torch import nn

from einthoven.models.config import ModelConfig, Preparation
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.network import Network


@pytest.fixture(autouse=True)
def single(one_thread):
    """Every test of this folder computes on one thread."""


@pytest.fixture
def stirred():
    """Gives every parameter of a module a random value, so that none hides behind a zero or a one."""

    def stir(module: nn.Module, seed: int = 0, size: float = 0.3) -> nn.Module:
        generator = torch.Generator().manual_seed(seed)
        with torch.no_grad():
            for value in module.parameters():
                value.copy_(size * torch.randn(value.shape, generator=generator))
        return module.eval()

    return stir


@pytest.fixture
def small_config(small_size):
    return ModelConfig(
        "small",
        ("NORM", "IMI", "SR"),
        embedding=8,
        preparation=Preparation(seconds=3.2),
        encoder=ConvNeXt(size=small_size),
    )


@pytest.fixture
def small_network(small_config):
    torch.manual_seed(0)
    return Network(small_config).eval()
