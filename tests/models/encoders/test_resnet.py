"""Residual networks against numpy, written out sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from einthoven.models import build
from einthoven.models.encoders import settings
from einthoven.models.encoders.drop_path import DropPath
from einthoven.models.encoders.resnet import ResNet, SqueezeExcite
from einthoven.models.encoders.sizes import RESNET, Residual

TINY = {
    "basic": Residual((1, 2, 1), (4, 4, 6)),
    "bottleneck": Residual((2, 1), (3, 4), 4),
    "deep": Residual((1, 2), (4, 6), 1, True),
    "deep_bottleneck": Residual((1, 1, 1), (4, 4, 4), 4, True),
    "classic": Residual((2, 2), (4, 4), 4, classic=True),
    "classic_basic": Residual((2, 1), (4, 6), classic=True),
}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    for name, shape in TINY.items():
        monkeypatch.setitem(RESNET, name, shape)


def relu(x):
    return np.where(x > 0, x, 0)


def batch_normalised(slow, x, layer):
    mean, spread = slow.values(layer.running_mean), np.sqrt(slow.values(layer.running_var) + 1e-5)
    weight, bias = slow.values(layer.weight), slow.values(layer.bias)
    return np.stack([(row - mean[c]) / spread[c] * weight[c] + bias[c] for c, row in enumerate(x)])


def through_convolution(slow, x, layer):
    x = batch_normalised(slow, slow.convolved(x, layer[0]), layer[1])
    return relu(x) if len(layer) == 3 else x


def pairs(x):
    """The mean of each two samples; an odd last one stays as it is."""
    return np.stack([x[:, at : at + 2].mean(1) for at in range(0, x.shape[1], 2)], 1)


def threes(x):
    """The largest of every second sample and its neighbours."""
    return np.stack([x[:, max(0, at - 1) : at + 2].max(1) for at in range(0, x.shape[1], 2)], 1)


def through_block(slow, x, block, halves, classic=False):
    y = x
    for layer in block.branch:
        if isinstance(layer, SqueezeExcite):
            gate = slow.linear(relu(slow.linear(y.mean(1), layer.narrow)), layer.widen)
            y = y * slow.sigmoid(gate)[:, None]
        elif not isinstance(layer, DropPath):
            y = through_convolution(slow, y, layer)
    if halves and not classic:
        x = pairs(x)
    if len(x) != len(y) or (halves and classic):
        x = through_convolution(slow, x, block.shortcut[-1])
    return relu(x + y)


def through_encoder(slow, x, encoder, shape):
    if shape.deep_stem:
        for layer in encoder.stem[:3]:
            x = through_convolution(slow, x, layer)
        x = threes(x)
    elif shape.classic:
        x = threes(through_convolution(slow, x, encoder.stem[0]))
    else:
        x = through_convolution(slow, x, encoder.stem)
    blocks = iter(encoder.blocks)
    for stage, depth in enumerate(shape.depths):
        for place in range(depth):
            x = through_block(slow, x, next(blocks), stage > 0 and place == 0, shape.classic)
    assert next(blocks, None) is None
    return x.T


@pytest.mark.parametrize("size", TINY)
@pytest.mark.parametrize("squeeze", [0, 2])
@pytest.mark.parametrize("samples", [64, 65, 71])
def test_encoder(slow, stirred, lived, size, squeeze, samples):
    encoder = lived(stirred(ResNet(settings.ResNet(size=size, squeeze=squeeze))))
    x = torch.randn(2, 12, samples)
    tokens, pooled = encoder(x)
    expected = np.stack([through_encoder(slow, one, encoder, TINY[size]) for one in slow.values(x)])
    assert np.abs(expected).max() > 0.1
    np.testing.assert_allclose(slow.values(tokens), expected, rtol=1e-4, atol=1e-4)
    both = np.concatenate([expected.mean(1), expected.max(1)], 1)
    np.testing.assert_allclose(slow.values(pooled), both, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kernel", [1, 3, 9])
@pytest.mark.parametrize(("stem_kernel", "stem_stride"), [(9, 2), (3, 1), (15, 4)])
def test_kernels_and_stems(slow, stirred, lived, kernel, stem_kernel, stem_stride):
    config = settings.ResNet(size="basic", kernel=kernel, stem_kernel=stem_kernel, stem_stride=stem_stride, pool="mean")
    encoder = lived(stirred(ResNet(config)))
    x = torch.randn(1, 12, 100)
    tokens, pooled = encoder(x)
    expected = through_encoder(slow, slow.values(x)[0], encoder, TINY["basic"])
    np.testing.assert_allclose(slow.values(tokens)[0], expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(slow.values(pooled)[0], expected.mean(0), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("pool", ["mean", "mean+max"])
def test_padding_does_not_enter_the_pool(stirred, lived, pool):
    encoder = lived(stirred(ResNet(settings.ResNet(size="basic", pool=pool))))
    x = torch.randn(2, 12, 200)
    valid = torch.arange(200) < torch.tensor([200, 90])[:, None]
    tokens, pooled = encoder(x, valid)
    for record, samples in enumerate((200, 90)):
        inside = [token for token in range(tokens.shape[1]) if 8 * token + 4 < samples]
        own = tokens[record, inside]
        expected = torch.cat([own.mean(0), own.amax(0)]) if pool == "mean+max" else own.mean(0)
        torch.testing.assert_close(pooled[record], expected)
    assert len(inside) == 11
    assert not torch.allclose(pooled[1], encoder(x)[1][1], atol=1e-3)


def test_a_fresh_block_is_its_shortcut():
    encoder = ResNet(settings.ResNet(size="basic")).eval()
    x = torch.randn(1, 12, 64)
    stem = encoder.stem(x)
    torch.testing.assert_close(encoder.blocks[0](stem), torch.relu(stem))


def test_drop_rates_rise_and_dropout_is_only_of_the_pooled_vector():
    encoder = ResNet(settings.ResNet(size="basic", drop_path=0.3, dropout=0.5))
    rates = [module.rate for module in encoder.modules() if isinstance(module, DropPath)]
    np.testing.assert_allclose(rates, [0, 0.1, 0.2, 0.3], atol=1e-7)
    assert [type(m) for m in encoder.children() if isinstance(m, nn.Dropout)] == [nn.Dropout]
    x = torch.randn(4, 12, 200)
    pooled = encoder.train()(x)[1]
    assert 0.3 < (pooled == 0).float().mean() < 0.7
    assert (encoder.eval()(x)[1] == 0).float().mean() < 0.3


@pytest.mark.parametrize(
    ("size", "parameters", "whole"),
    [
        ("xresnet1d_101", 1_804_672, 1_807_237),  # the literature says 1.80 million of XResNet1d101
        ("xresnet1d_50", 886_400, 888_965),
        ("resnet1d_50", 3_854_080, 3_859_205),
        ("resnet1d_small", 1_245_248, 1_247_813),
        ("resnet1d_18", 6_291_584, 6_296_709),
    ],
)
def test_parameters_of_the_encoder_and_with_a_head_of_5_classes(size, parameters, whole):
    with torch.device("meta"):
        network = build(size, 5)
    assert sum(p.numel() for p in network.encoder.parameters()) == parameters
    assert sum(p.numel() for p in network.parameters()) == whole


def test_101_layers():
    with torch.device("meta"):
        encoder = ResNet(settings.ResNet(size="xresnet1d_101"))
    convolutions = [layer for layer in encoder.modules() if isinstance(layer, nn.Conv1d)]
    shortcuts = sum(isinstance(m, nn.Conv1d) for block in encoder.blocks for m in block.shortcut.modules())
    # 101 counts one layer of the stem, three of each block and the head; the deep stem has two more
    assert len(convolutions) - shortcuts == 101 - 1 + 2
    assert {block.branch[1][0].out_channels for block in encoder.blocks} == {64}


def test_resnet50_is_that_of_the_benchmark_layer_by_layer():
    """Weights counted from its description: 128 inner channels, a kernel of 5 in the stem and where a stage begins."""
    count = 12 * 128 * 5 + 2 * 128
    before = 128
    for depth in (3, 4, 6, 3):
        for place in range(depth):
            count += before * 128 + 128 * 128 * (3 if place else 5) + 128 * 512 + 2 * (128 + 128 + 512)
            count += 0 if place else before * 512 + 2 * 512  # the shortcut
            before = 512
    with torch.device("meta"):
        encoder = ResNet(settings.ResNet(size="resnet1d_50"))
    assert sum(p.numel() for p in encoder.parameters()) == count == 3_854_080
    assert encoder.stride == 32 and encoder.width == 1024


def test_a_classic_block_starts_with_its_branch():
    with torch.device("cpu"):
        fresh = ResNet(settings.ResNet(size="classic"))
    assert all((m.weight == 1).all() for m in fresh.modules() if isinstance(m, nn.BatchNorm1d))
