"""The encoder against numpy, written out sample by sample."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from einthoven.models.encoders.convnextv2 import Block, ChannelNorm, ConvNeXtV2, GlobalResponseNorm
from einthoven.models.encoders.settings import ConvNeXt


def channel_normalised(slow, x, layer):
    if layer.over == "layer":
        return slow.normalised(x.T, layer).T
    out = np.empty_like(x)
    for channel, row in enumerate(x):
        spread = math.sqrt(sum((row - row.mean()) ** 2) / (len(row) - 1))  # unbiased, as ESI's code has it
        out[channel] = slow.values(layer.weight)[channel] * (row - row.mean()) / (spread + 1e-6)
        out[channel] += slow.values(layer.bias)[channel]
    return out


def responded(slow, x, layer):
    """Response normalisation of (time, channels)."""
    energy = [math.sqrt(sum(value * value for value in channel)) for channel in x.T]
    relative = np.array(energy) / (sum(energy) / len(energy) + 1e-6)
    return slow.values(layer.gain) * (x * relative) + slow.values(layer.bias) + x


def through_block(slow, x, block):
    y = slow.normalised(slow.convolved(x, block.depthwise).T, block.norm)
    return x + slow.linear(responded(slow, slow.gelu(slow.linear(y, block.widen)), block.response), block.narrow).T


def through_encoder(slow, x, encoder):
    for reduce, stage in zip(encoder.reduce, encoder.stages, strict=True):
        for layer in reduce:
            x = channel_normalised(slow, x, layer) if isinstance(layer, ChannelNorm) else slow.convolved(x, layer)
        for block in stage:
            x = through_block(slow, x, block)
    return x.T


def test_response_norm(slow, stirred):
    layer = stirred(GlobalResponseNorm(6))
    x = torch.randn(3, 11, 6)
    expected = np.stack([responded(slow, one, layer) for one in slow.values(x)])
    np.testing.assert_allclose(slow.values(layer(x)), expected, atol=1e-5)


def test_norms_over_time_see_what_is_there_alone(slow, stirred):
    """A masked record against the slow norm of its own tokens, record by record."""
    there = torch.tensor([[1.0] * 11, [1.0] * 6 + [0.0] * 5, [0.0] * 2 + [1.0] * 9])[..., None]
    response, instance = stirred(GlobalResponseNorm(6)), stirred(ChannelNorm(6, "instance"))
    x = 2 * torch.randn(3, 11, 6) + 1
    responses, instances = response(x, there), instance(x.transpose(1, 2), there)
    for record, one in enumerate(slow.values(x)):
        own = there[record, :, 0].numpy() > 0
        np.testing.assert_allclose(slow.values(responses)[record, own], responded(slow, one[own], response), atol=1e-5)
        expected = channel_normalised(slow, one[own].T, instance)
        np.testing.assert_allclose(slow.values(instances)[record][:, own], expected, atol=1e-5)


def test_norms_over_no_time_are_finite_and_have_a_slope():
    for layer, shape in ((GlobalResponseNorm(4), (1, 5, 4)), (ChannelNorm(4, "instance"), (1, 4, 5))):
        x = torch.randn(shape, requires_grad=True)
        y = layer(x, torch.zeros(1, 5, 1))
        y.sum().backward()
        assert torch.isfinite(y).all() and torch.isfinite(x.grad).all()


def test_response_norm_starts_as_the_identity_and_has_a_slope_at_silence():
    layer = GlobalResponseNorm(4)
    x = torch.randn(2, 5, 4)
    assert torch.equal(layer(x), x)
    silence = torch.zeros(2, 5, 4, requires_grad=True)
    layer(silence).sum().backward()
    assert torch.isfinite(silence.grad).all() and torch.isfinite(layer.gain.grad).all()


@pytest.mark.parametrize("over", ["layer", "instance"])
def test_channel_norm(slow, stirred, over):
    layer = stirred(ChannelNorm(5, over))
    x = 3 * torch.randn(2, 5, 9) + 1
    expected = np.stack([channel_normalised(slow, one, layer) for one in slow.values(x)])
    np.testing.assert_allclose(slow.values(layer(x)), expected, atol=1e-5)


def test_instance_norm_takes_amplitude_away_and_layer_norm_does_not():
    x = torch.randn(1, 4, 50)
    louder = x * torch.tensor([1.0, 2.0, 3.0, 4.0])[:, None]
    instance, layer = ChannelNorm(4, "instance"), ChannelNorm(4, "layer")
    assert torch.allclose(instance(x), instance(louder), atol=1e-4)
    assert not torch.allclose(layer(x), layer(louder), atol=1e-1)


def test_block(slow, stirred):
    block = stirred(Block(6, drop_path=0.5))
    x = torch.randn(2, 6, 13)
    expected = np.stack([through_block(slow, one, block) for one in slow.values(x)])
    np.testing.assert_allclose(slow.values(block(x)), expected, atol=1e-4)


@pytest.mark.parametrize("norm", ["layer", "instance"])
@pytest.mark.parametrize("kernel", [4, 7, 8])
def test_encoder(slow, stirred, small_size, norm, kernel):
    encoder = stirred(ConvNeXtV2(ConvNeXt(size=small_size, stem_kernel=kernel, norm=norm)))
    x = torch.randn(2, 12, 200)
    tokens, pooled = encoder(x)
    expected = np.stack([through_encoder(slow, one, encoder) for one in slow.values(x)])
    np.testing.assert_allclose(slow.values(tokens), expected, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(
        slow.values(pooled), slow.normalised(expected.mean(1), encoder.norm), rtol=1e-3, atol=1e-3
    )


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


def test_padding_does_not_enter_the_mean(slow, stirred, small_size):
    encoder = stirred(ConvNeXtV2(ConvNeXt(size=small_size)))
    x = torch.randn(1, 12, 1000)
    x[:, :, 500:] = 0
    valid = (torch.arange(1000) < 500)[None]
    tokens, pooled = encoder(x, valid)
    inside = [token for token in range(tokens.shape[1]) if 32 * token + 16 < 500]
    assert len(inside) == 16
    expected = slow.normalised(slow.values(tokens)[:, inside].mean(1), encoder.norm)
    np.testing.assert_allclose(slow.values(pooled), expected, atol=1e-4)
    assert not torch.allclose(pooled, encoder(x)[1], atol=1e-3)


def test_without_a_valid_sample_the_pooled_vector_is_finite(small_size):
    encoder = ConvNeXtV2(ConvNeXt(size=small_size)).eval()
    assert torch.isfinite(encoder(torch.zeros(1, 12, 64), torch.zeros(1, 64))[1]).all()


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
