"""The encoder of M3AE against layers in numpy, and the sizes that the facts on it give."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models.encoders.conv_transformer import ConvTransformer
from einthoven.models.encoders.settings import ConvTransformer as Settings
from einthoven.models.encoders.sizes import M3AE, ConvTokens


@pytest.fixture
def config(monkeypatch):
    monkeypatch.setitem(M3AE, "tiny", ConvTokens(6, 8, 2, 2, 5, 2))
    return Settings(size="tiny", convolutions=2)


@pytest.fixture
def encoder(config, stirred):
    return stirred(ConvTransformer(config))


def tokens_of(slow, encoder, signal):
    x = signal
    for place, layer in enumerate(encoder.stem.layers):
        x = slow.convolved(x, layer)
        if place == 0:
            x = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
            x = x * slow.values(encoder.stem.gain)[:, None] + slow.values(encoder.stem.shift)[:, None]
        x = slow.gelu(x)
    x = slow.linear(slow.normalised(x.T, encoder.widen[0], 1e-5), encoder.widen[1])
    return x + positions_of(slow, encoder.positions, x)


def positions_of(slow, layer, x):
    direction, gain = slow.values(layer.direction), slow.values(layer.gain)
    width, inner, kernel = direction.shape
    weight = np.empty_like(direction)
    for place in range(kernel):
        weight[:, :, place] = gain[0, 0, place] * direction[:, :, place] / np.linalg.norm(direction[:, :, place])
    out = np.empty_like(x)
    for time in range(len(x)):
        for channel in range(width):
            first = channel // (width // layer.groups) * inner
            total = slow.values(layer.bias)[channel]
            for place in range(kernel):
                at = time + place - kernel // 2
                if 0 <= at < len(x):
                    total += weight[channel, :, place] @ x[at, first : first + inner]
            out[time, channel] = total
    return slow.gelu(out)


def attended(slow, layer, x, source):
    width, heads = x.shape[1], layer.heads
    query = slow.linear(x, layer.ask)
    key, value = np.split(slow.linear(source, layer.answer), 2, 1)
    out = np.empty_like(x)
    for head in range(heads):
        own = slice(head * width // heads, (head + 1) * width // heads)
        score = np.exp(query[:, own] @ key[:, own].T / math.sqrt(width // heads))
        out[:, own] = score / score.sum(1, keepdims=True) @ value[:, own]
    return slow.linear(out, layer.join)


def through_layers(slow, layers, x):
    for layer in layers:
        x = slow.normalised(x + attended(slow, layer.own, x, x), layer.after_own, 1e-5)
        inner = slow.linear(slow.gelu(slow.linear(x, layer.mlp[0])), layer.mlp[2])
        x = slow.normalised(x + inner, layer.after_mlp, 1e-5)
    return x


def test_against_numpy(slow, encoder):
    signal = np.random.default_rng(0).standard_normal((12, 61))
    tokens = tokens_of(slow, encoder, signal)
    x = np.concatenate([slow.values(encoder.whole.row)[None], tokens])
    states = through_layers(slow, encoder.layers, slow.normalised(x, encoder.norm, 1e-5))
    given = torch.from_numpy(signal[None].astype(np.float32))
    embedded, there = encoder.embed(given)
    assert there is None and tokens.shape == (15, 8)  # the 61st sample makes no token
    np.testing.assert_allclose(embedded[0].detach().numpy(), tokens, atol=1e-5)
    features, pooled = encoder(given)
    np.testing.assert_allclose(features[0].detach().numpy(), states[1:], atol=1e-4)
    np.testing.assert_allclose(pooled[0].detach().numpy(), states[1:].max(0), atol=1e-4)
    np.testing.assert_allclose(encoder.through(embedded)[0].detach().numpy(), states, atol=1e-4)


def test_the_class_token_matters_and_is_no_feature(encoder):
    x = torch.randn(1, 12, 80)
    before, pooled = encoder(x)
    assert before.shape == (1, 20, 8)
    with torch.no_grad():
        encoder.whole.row[0] += 1
    assert not torch.allclose(encoder(x)[1], pooled, atol=1e-4)


def test_the_papers_size():
    with torch.device("meta"):
        encoder = ConvTransformer(Settings(size="m3ae_base", convolutions=4))
    assert encoder.stride == 16  # 32 ms at 500 Hz
    stem = 12 * 256 * 2 + 3 * 256 * 256 * 2 + 2 * 256
    widen, places = 2 * 256 + 257 * 768, 768 * 48 * 128 + 128 + 768
    layer = 12 * 768 * 768 + 13 * 768
    assert sum(p.numel() for p in encoder.parameters()) == stem + widen + places + 768 + 2 * 768 + 12 * layer


def test_the_papers_shapes(monkeypatch):
    monkeypatch.setitem(M3AE, "one_layer", replace(M3AE["m3ae_base"], layers=1))
    encoder = ConvTransformer(Settings(size="one_layer", convolutions=4)).eval()
    with torch.no_grad():
        features, pooled = encoder(torch.randn(1, 12, 5000))
    assert features.shape == (1, 312, 768) and pooled.shape == (1, 768)


def test_a_token_at_100_hz_spans_40_ms():
    encoder = ConvTransformer(Settings())
    assert encoder.stride == Settings().stride == 4
    assert encoder(torch.zeros(1, 12, 1000))[0].shape[1] == 250


@pytest.mark.parametrize("count", [0, 9])
def test_other_numbers_of_convolutions_are_refused(count):
    with pytest.raises(UsageError, match="convolutions"):
        Settings(convolutions=count)


def test_amplitude_does_not_come_through_but_shape_does(encoder):
    x = torch.randn(1, 12, 80)
    torch.testing.assert_close(encoder(3 * x)[1], encoder(x)[1], atol=1e-4, rtol=1e-4)
    assert not torch.allclose(encoder(x.flip(-1))[1], encoder(x)[1], atol=1e-3, rtol=1e-3)
