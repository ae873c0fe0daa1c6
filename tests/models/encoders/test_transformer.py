"""The transformer against numpy, query by query."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from einthoven.models.encoders import settings
from einthoven.models.encoders.sizes import VIT, Layers
from einthoven.models.encoders.transformer import Attention, Transformer, positions


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(VIT, "vit1d_tiny", Layers(12, 2, 3))


def tiny_settings(**options):
    return settings.Transformer(size="vit1d_tiny", **options)


def attended(slow, x, attention, seen):
    """(tokens, width): one head and one query after the other, over the keys in `seen`."""
    tokens, width = x.shape
    each = width // attention.heads
    query, key, value = np.split(slow.linear(x, attention.ask), 3, axis=1)
    out = np.zeros_like(x)
    for head in range(attention.heads):
        own = slice(head * each, (head + 1) * each)
        for token in range(tokens):
            scores = {other: query[token, own] @ key[other, own] / math.sqrt(each) for other in seen}
            total = sum(math.exp(score) for score in scores.values())
            for other, score in scores.items():
                out[token, own] += math.exp(score) / total * value[other, own]
    return slow.linear(out, attention.join)


def through_encoder(slow, x, encoder, seen):
    x = slow.convolved(x, encoder.stem).T
    for token in range(len(x)):
        for wave in range(encoder.width // 2):
            angle = token / 10_000 ** (wave / (encoder.width // 2))
            x[token, wave] += math.sin(angle)
            x[token, encoder.width // 2 + wave] += math.cos(angle)
    for layer in encoder.layers:
        x = x + attended(slow, slow.normalised(x, layer.before_attention, 1e-5), layer.attention, seen)
        y = slow.linear(slow.normalised(x, layer.before_mlp, 1e-5), layer.mlp[0])
        x = x + slow.linear(slow.gelu(y), layer.mlp[2])
    return slow.normalised(x, encoder.norm, 1e-5)


@pytest.mark.parametrize("seen", [range(7), [0, 1, 2, 5]])
def test_attention(slow, stirred, seen):
    attention = stirred(Attention(12, 3))
    x = torch.randn(2, 7, 12)
    mask = torch.tensor([token in seen for token in range(7)]).expand(2, 1, 1, 7)
    expected = np.stack([attended(slow, one, attention, seen) for one in slow.values(x)])
    np.testing.assert_allclose(slow.values(attention(x, mask)), expected, atol=1e-5)


@pytest.mark.parametrize(("kernel", "stride", "samples"), [(20, 12, 100), (10, 10, 100), (16, 10, 95)])
def test_encoder(slow, stirred, kernel, stride, samples):
    encoder = stirred(Transformer(tiny_settings(stem_kernel=kernel, stem_stride=stride)))
    x = torch.randn(2, 12, samples)
    tokens, pooled = encoder(x)
    expected = np.stack([through_encoder(slow, one, encoder, range(tokens.shape[1])) for one in slow.values(x)])
    np.testing.assert_allclose(slow.values(tokens), expected, atol=1e-4)
    np.testing.assert_allclose(slow.values(pooled), expected.mean(1), atol=1e-4)


def test_padding_is_looked_at_by_none_and_not_in_the_mean(slow, stirred):
    encoder = stirred(Transformer(tiny_settings()))
    x = torch.randn(1, 12, 120)
    valid = (torch.arange(120) < 66)[None]
    x[..., 66:] = 0  # as the encoder makes it
    tokens, pooled = encoder(x, valid)
    inside = [token for token in range(tokens.shape[1]) if 12 * token + 6 < 66]
    assert inside == [0, 1, 2, 3, 4]
    expected = through_encoder(slow, slow.values(x)[0], encoder, inside)
    np.testing.assert_allclose(slow.values(tokens)[0], expected, atol=1e-4)
    np.testing.assert_allclose(slow.values(pooled)[0], expected[inside].mean(0), atol=1e-4)


def test_a_crop_has_the_positions_of_its_own_start():
    whole, crop = positions(100, 16, torch.device("cpu")), positions(40, 16, torch.device("cpu"))
    assert torch.equal(whole[:40], crop)
    assert len(torch.unique((whole * 1e4).round(), dim=0)) == 100
    assert whole.abs().max() <= 1


def test_order_in_time_matters(stirred):
    encoder = stirred(Transformer(tiny_settings(stem_kernel=10, stem_stride=10)))
    torch.manual_seed(0)
    x = torch.randn(1, 12, 100)
    turned = x.reshape(1, 12, 10, 10).flip(2).reshape(1, 12, 100)
    assert not torch.allclose(encoder(x)[1], encoder(turned)[1], atol=1e-3)


def test_drop_rates_rise_from_layer_to_layer():
    encoder = Transformer(settings.Transformer(drop_path=0.3))
    np.testing.assert_allclose([layer.drop[1].rate for layer in encoder.layers], [0, 0.1, 0.2, 0.3], atol=1e-7)


def test_parameters():
    with torch.device("meta"):
        count = {
            size: sum(p.numel() for p in Transformer(settings.Transformer(size=size, stem_kernel=20)).parameters())
            for size in ("vit1d_small", "vit1d_base")
        }
    # 12 layers of 768 channels have 12 x 12 x 768^2 = 84.9 million weights; biases, norms and patches come on top
    assert count == {"vit1d_small": 1_826_112, "vit1d_base": 85_241_088}
    layer = 12 * 768**2 + (3 + 1 + 4 + 1) * 768 + 2 * 2 * 768
    assert count["vit1d_base"] == 12 * layer + 12 * 20 * 768 + 768 + 2 * 768
    assert count["vit1d_base"] + 5 * 768 + 5 == pytest.approx(84.92e6, rel=0.004)  # ESI, table 5(b); see sizes.py
