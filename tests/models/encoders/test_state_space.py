"""State spaces against their recurrence in complex numbers, one sample after another."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as some

from einthoven.models.encoders import settings, state_space
from einthoven.models.encoders.sizes import S4D, Layers
from einthoven.models.encoders.state_space import (
    DiagonalStateSpace,
    StateSpace,
    convolve,
    convolve_by_fft,
    convolve_directly,
)


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    monkeypatch.setitem(S4D, "s4d_tiny", Layers(6, 2))


def tiny_encoder(**options):
    return StateSpace(settings.StateSpace(size="s4d_tiny", states=4, **options))


def stepped(slow, u, layer):
    """(channels, tokens): every channel's state, moved on token by token, from the left and from the right."""
    step = np.exp(slow.values(layer.log_step))
    A = -np.exp(slow.values(layer.log_decay)) + 1j * slow.values(layer.frequency)
    out = slow.values(layer.out)
    y = slow.values(layer.skip)[:, None] * u
    for channel in range(len(u)):
        go = np.exp(step[channel] * A)
        take = (go - 1) / A
        left, right = out[0, :, channel] + 1j * out[1, :, channel]
        state = np.zeros(len(A), complex)
        for time in range(u.shape[1]):
            state = go * state + take * u[channel, time]
            y[channel, time] += 2 * (left @ state).real
        state = np.zeros(len(A), complex)
        for time in reversed(range(u.shape[1])):
            y[channel, time] += 2 * (right @ (go * state)).real  # what lies ahead, without the token itself
            state = go * state + take * u[channel, time]
    return y


def through_encoder(slow, x, encoder, there):
    x = slow.convolved(x, encoder.stem).T
    for block in encoder.blocks:
        y = slow.normalised(x, block.norm, 1e-5) * there[:, None]
        y = slow.linear(slow.gelu(stepped(slow, y.T, block.mix_time)).T, block.mix_channels)
        content, gate = np.split(y, 2, axis=1)
        x = x + content * slow.sigmoid(gate)
    return slow.normalised(x, encoder.norm, 1e-5)


@pytest.mark.parametrize("tokens", [1, 2, 3, 4, 16, 17, 50])
@pytest.mark.parametrize("fresh", [True, False])
def test_the_layer_is_the_recurrence(slow, stirred, tokens, fresh):
    torch.manual_seed(0)
    layer = DiagonalStateSpace(5, 6) if fresh else stirred(DiagonalStateSpace(5, 6))
    u = torch.randn(2, 5, tokens)
    expected = np.stack([stepped(slow, one, layer) for one in slow.values(u)])
    np.testing.assert_allclose(slow.values(layer(u)), expected, rtol=1e-4, atol=1e-3)


@given(some.integers(1, 40), some.integers(1, 3), some.integers(1, 4), some.integers(0, 10_000))
def test_both_ways_of_convolving_are_the_sum_over_lags(tokens, batch, channels, seed):
    rng = np.random.default_rng(seed)
    u = rng.normal(size=(batch, channels, tokens))
    forwards, backwards = rng.normal(size=(2, channels, tokens))
    expected = np.zeros_like(u)
    for time in range(tokens):
        for other in range(tokens):
            lag = time - other
            kernel = forwards[:, lag] if lag >= 0 else backwards[:, -lag]
            expected[..., time] += kernel * u[..., other]
    given_tensors = [torch.from_numpy(one) for one in (u, forwards, backwards)]
    for way in (convolve_by_fft, convolve_directly, convolve):
        np.testing.assert_allclose(way(*given_tensors), expected, atol=1e-9)


def test_the_way_of_export_is_the_other_one(monkeypatch):
    def refuse(*given):
        raise AssertionError("a Fourier transform in a graph")

    monkeypatch.setattr(state_space, "convolve_by_fft", refuse)
    program = torch.export.export(tiny_encoder().eval(), (torch.randn(2, 12, 64), torch.ones(2, 64)))
    assert any("conv1d" in str(node.target) for node in program.graph.nodes)
    with pytest.raises(AssertionError, match="Fourier"):
        tiny_encoder()(torch.randn(2, 12, 64))


def test_encoder(slow, stirred):
    encoder = stirred(tiny_encoder())
    x = torch.randn(2, 12, 100)
    tokens, pooled = encoder(x)
    assert tokens.shape == (2, 12, 6)
    expected = np.stack([through_encoder(slow, one, encoder, np.ones(12)) for one in slow.values(x)])
    np.testing.assert_allclose(slow.values(tokens), expected, atol=1e-3)
    np.testing.assert_allclose(slow.values(pooled), expected.mean(1), atol=1e-3)


def test_padding_reaches_no_other_token(slow, stirred):
    encoder = stirred(tiny_encoder())
    x = torch.randn(1, 12, 96)
    valid = (torch.arange(96) < 44)[None]
    x[..., 44:] = 0  # as the encoder makes it
    tokens, pooled = encoder(x, valid)
    there = np.array([8 * token + 4 < 44 for token in range(12)])
    assert there.sum() == 5
    expected = through_encoder(slow, slow.values(x)[0], encoder, there)
    np.testing.assert_allclose(slow.values(tokens)[0], expected, atol=1e-3)
    np.testing.assert_allclose(slow.values(pooled)[0], expected[there].mean(0), atol=1e-3)


def test_every_token_feels_every_other(stirred):
    encoder = stirred(tiny_encoder())
    x = torch.zeros(1, 12, 160, requires_grad=True)
    encoder(x)[0][0, 10].square().sum().backward()
    assert (x.grad.abs().sum(1) > 0).all()


def test_the_start_is_that_of_s4d_lin(slow):
    torch.manual_seed(0)
    layer = DiagonalStateSpace(2000, 5)
    np.testing.assert_allclose(-np.exp(slow.values(layer.log_decay)), -0.5, rtol=1e-6)
    np.testing.assert_allclose(slow.values(layer.frequency), np.pi * np.arange(5), rtol=1e-6)
    step = slow.values(layer.log_step.exp())
    assert 0.001 <= step.min() < 0.0012 and 0.085 < step.max() <= 0.1
    assert math.exp(slow.values(layer.log_step).mean()) == pytest.approx(0.01, rel=0.1)  # even in its logarithm


def test_16_bits_of_training_do_not_reach_the_long_sums(stirred):
    layer = stirred(DiagonalStateSpace(5, 6))
    u = torch.randn(2, 5, 30)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = layer(u)
    assert mixed.dtype == torch.float32
    torch.testing.assert_close(mixed, layer(u))
    assert layer(u.bfloat16()).dtype == torch.bfloat16


def test_the_system_is_left_alone_by_weight_decay():
    layer = DiagonalStateSpace(5, 6)
    assert all(p.ndim == 1 for p in (layer.log_step, layer.log_decay, layer.frequency, layer.skip))


def test_parameters():
    encoder = StateSpace(settings.StateSpace())
    assert sum(p.numel() for p in encoder.parameters()) == 711_680
