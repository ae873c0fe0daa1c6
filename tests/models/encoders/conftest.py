"""Layers in numpy and float64, one output at a time, to hold the encoders against."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn


class Slow:
    @staticmethod
    def values(tensor):
        return tensor.detach().double().numpy()

    @classmethod
    def convolved(cls, x, layer):
        """Cross-correlation of (channels, time), one output sample at a time."""
        weight = cls.values(layer.weight)
        bias = np.zeros(len(weight)) if layer.bias is None else cls.values(layer.bias)
        (kernel,), (stride,), (pad,) = layer.kernel_size, layer.stride, layer.padding
        padded = np.pad(x, ((0, 0), (pad, pad)))
        out = np.empty((len(weight), (padded.shape[1] - kernel) // stride + 1))
        own = x.shape[0] // layer.groups
        for channel in range(len(weight)):
            first = channel // (len(weight) // layer.groups) * own
            for time in range(out.shape[1]):
                seen = padded[first : first + own, time * stride : time * stride + kernel]
                out[channel, time] = (weight[channel] * seen).sum() + bias[channel]
        return out

    @classmethod
    def normalised(cls, x, layer, eps=1e-6):
        """Each row of (time, channels) to mean 0 and variance 1, then gain and bias."""
        centred = x - x.mean(1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(1, keepdims=True) + eps)
        return centred / spread * cls.values(layer.weight) + cls.values(layer.bias)

    @staticmethod
    def gelu(x):
        return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))

    @staticmethod
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    @classmethod
    def linear(cls, x, layer):
        return x @ cls.values(layer.weight).T + cls.values(layer.bias)


@pytest.fixture
def slow():
    return Slow


@pytest.fixture
def lived():
    """Gives the batch normalisations of a module running statistics as of real data, away from 0 and 1."""

    def live(module: nn.Module, seed: int = 1) -> nn.Module:
        generator = torch.Generator().manual_seed(seed)
        for layer in module.modules():
            if isinstance(layer, nn.BatchNorm1d):
                layer.running_mean.copy_(torch.randn(layer.running_mean.shape, generator=generator))
                layer.running_var.copy_(torch.rand(layer.running_var.shape, generator=generator) * 2 + 0.5)
                layer.num_batches_tracked.fill_(7)
        return module.eval()

    return live
