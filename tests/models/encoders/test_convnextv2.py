"""The encoder against numpy, written out sample by sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from einthoven.models.encoders.convnextv2 import Block, ChannelNorm, ConvNeXtV2, DropPath, GlobalResponseNorm
from einthoven.models.encoders.settings import ConvNeXt


def values(tensor):
    return tensor.detach().double().numpy()


def convolved(x, layer):
    """Cross-correlation of (channels, time), one output sample at a time."""
    weight, bias = values(layer.weight), values(layer.bias)
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


def normalised(x, layer, eps=1e-6):
    """Each row of (time, channels) to mean 0 and variance 1, then gain and bias."""
    centred = x - x.mean(1, keepdims=True)
    return centred / np.sqrt(np.square(centred).mean(1, keepdims=True) + eps) * values(layer.weight) + values(
        layer.bias
    )


def channel_normalised(x, layer):
    if layer.over == "layer":
        return normalised(x.T, layer).T
    out = np.empty_like(x)
    for channel, row in enumerate(x):
        spread = math.sqrt(sum((row - row.mean()) ** 2) / (len(row) - 1))  # unbiased, as ESI's code has it
        out[channel] = values(layer.weight)[channel] * (row - row.mean()) / (spread + 1e-6)
        out[channel] += values(layer.bias)[channel]
    return out


def responded(x, layer):
    """Response normalisation of (time, channels)."""
    energy = [math.sqrt(sum(value * value for value in channel)) for channel in x.T]
    relative = np.array(energy) / (sum(energy) / len(energy) + 1e-6)
    return values(layer.gain) * (x * relative) + values(layer.bias) + x


def gelu(x):
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def linear(x, layer):
    return x @ values(layer.weight).T + values(layer.bias)


def through_block(x, block):
    y = normalised(convolved(x, block.depthwise).T, block.norm)
    return x + linear(responded(gelu(linear(y, block.widen)), block.response), block.narrow).T


def through_encoder(x, encoder):
    for reduce, stage in zip(encoder.reduce, encoder.stages, strict=True):
        for layer in reduce:
            x = channel_normalised(x, layer) if isinstance(layer, ChannelNorm) else convolved(x, layer)
        for block in stage:
            x = through_block(x, block)
    return x.T


def test_response_norm(stirred):
    layer = stirred(GlobalResponseNorm(6))
    x = torch.randn(3, 11, 6)
    expected = np.stack([responded(one, layer) for one in values(x)])
    np.testing.assert_allclose(values(layer(x)), expected, atol=1e-5)


def test_response_norm_starts_as_the_identity_and_has_a_slope_at_silence():
    layer = GlobalResponseNorm(4)
    x = torch.randn(2, 5, 4)
    assert torch.equal(layer(x), x)
    silence = torch.zeros(2, 5, 4, requires_grad=True)
    layer(silence).sum().backward()
    assert torch.isfinite(silence.grad).all() and torch.isfinite(layer.gain.grad).all()


@pytest.mark.parametrize("over", ["layer", "instance"])
def test_channel_norm(stirred, over):
    layer = stirred(ChannelNorm(5, over))
    x = 3 * torch.randn(2, 5, 9) + 1
    expected = np.stack([channel_normalised(one, layer) for one in values(x)])
    np.testing.assert_allclose(values(layer(x)), expected, atol=1e-5)


def test_instance_norm_takes_amplitude_away_and_layer_norm_does_not():
    x = torch.randn(1, 4, 50)
    louder = x * torch.tensor([1.0, 2.0, 3.0, 4.0])[:, None]
    instance, layer = ChannelNorm(4, "instance"), ChannelNorm(4, "layer")
    assert torch.allclose(instance(x), instance(louder), atol=1e-4)
    assert not torch.allclose(layer(x), layer(louder), atol=1e-1)


def test_block(stirred):
    block = stirred(Block(6, drop_path=0.5))
    x = torch.randn(2, 6, 13)
    expected = np.stack([through_block(one, block) for one in values(x)])
    np.testing.assert_allclose(values(block(x)), expected, atol=1e-4)


@pytest.mark.parametrize("norm", ["layer", "instance"])
@pytest.mark.parametrize("kernel", [4, 7, 8])
def test_encoder(stirred, small_size, norm, kernel):
    encoder = stirred(ConvNeXtV2(ConvNeXt(size=small_size, stem_kernel=kernel, norm=norm)))
    x = torch.randn(2, 12, 200)
    tokens, pooled = encoder(x)
    expected = np.stack([through_encoder(one, encoder) for one in values(x)])
    np.testing.assert_allclose(values(tokens), expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(values(pooled), normalised(expected.mean(1), encoder.norm), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("kernel", range(4, 12))
def test_lengths_are_those_of_esi(small_size, kernel):
    encoder = ConvNeXtV2(ConvNeXt(size=small_size, stem_kernel=kernel)).eval()
    x = torch.zeros(1, 12, 5000)
    lengths = []
    for reduce, stage in zip(encoder.reduce, encoder.stages, strict=True):
        x = stage(reduce(x))
        lengths.append(x.shape[-1])
    assert lengths == [1250, 625, 312, 156]
    assert encoder.stride == 32


@pytest.mark.parametrize("samples", [32, 33, 47, 48, 49, 63, 64, 320, 1000])
def test_the_mask_covers_every_token(small_size, samples):
    encoder = ConvNeXtV2(ConvNeXt(size=small_size)).eval()
    x = torch.randn(1, 12, samples)
    plain, masked = encoder(x)[1], encoder(x, torch.ones(1, samples))[1]
    assert torch.allclose(plain, masked, atol=1e-5)


def test_padding_does_not_enter_the_mean(stirred, small_size):
    encoder = stirred(ConvNeXtV2(ConvNeXt(size=small_size)))
    x = torch.randn(1, 12, 1000)
    x[:, :, 500:] = 0
    valid = (torch.arange(1000) < 500)[None]
    tokens, pooled = encoder(x, valid)
    inside = [token for token in range(tokens.shape[1]) if 32 * token + 16 < 500]
    assert len(inside) == 16
    expected = normalised(values(tokens)[:, inside].mean(1), encoder.norm)
    np.testing.assert_allclose(values(pooled), expected, atol=1e-4)
    assert not torch.allclose(pooled, encoder(x)[1], atol=1e-3)


def test_without_a_valid_sample_the_pooled_vector_is_finite(small_size):
    encoder = ConvNeXtV2(ConvNeXt(size=small_size)).eval()
    assert torch.isfinite(encoder(torch.zeros(1, 12, 64), torch.zeros(1, 64))[1]).all()


def test_drop_path_keeps_the_mean_and_drops_whole_records():
    torch.manual_seed(0)
    layer = DropPath(0.3).train()
    out = layer(torch.ones(20_000, 2, 3))
    assert out.mean().item() == pytest.approx(1, abs=0.02)
    per_record = out.reshape(len(out), -1)
    assert (per_record == per_record[:, :1]).all()
    np.testing.assert_allclose(np.unique(out.numpy()), [0, 1 / 0.7], rtol=1e-6)


def test_drop_path_is_the_identity_in_use():
    x = torch.randn(4, 2, 3)
    assert DropPath(0.9).eval()(x) is x
    assert DropPath(0.0).train()(x) is x


def test_drop_rates_rise_from_block_to_block():
    with torch.device("meta"):
        encoder = ConvNeXtV2(ConvNeXt(size="convnextv2_atto", drop_path=0.22))
    rates = [block.drop_path.rate for stage in encoder.stages for block in stage]
    np.testing.assert_allclose(rates, np.arange(12) * 0.02, atol=1e-7)


def test_only_the_layer_norm_gets_a_stem_bias(small_size):
    biases = {
        norm: ConvNeXtV2(ConvNeXt(size=small_size, norm=norm)).reduce[0][0].bias for norm in ("layer", "instance")
    }
    assert biases["layer"].abs().min() > 0
    assert (biases["instance"] == 0).all()
