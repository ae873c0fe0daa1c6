"""Diagonal state spaces over time, S4D-Lin (Gu 2022, "On the Parameterization and Initialization of Diagonal State
Space Models"), read forwards and backwards."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from einthoven.models.encoders.drop_path import DropPath
from einthoven.models.encoders.masking import heard
from einthoven.models.encoders.pooling import mean_over_time, token_mask
from einthoven.models.encoders.settings import StateSpace as Settings
from einthoven.models.encoders.sizes import S4D

SHORTEST_STEP, LONGEST_STEP = 1e-3, 1e-1  # of the state's time to one token, at the start


class DiagonalStateSpace(nn.Module):
    """(batch, channels, tokens) to the same: each channel through its own linear system, in both directions.

    A channel's system is x' = A x + u, y = 2 Re(C x), with a diagonal A that all channels share, sampled at the
    channel's own step by zero-order hold. Its response to an impulse is a kernel over time, so that the whole is
    one convolution.
    """

    def __init__(self, channels: int, states: int) -> None:
        super().__init__()
        low, high = math.log(SHORTEST_STEP), math.log(LONGEST_STEP)
        self.log_step = nn.Parameter(torch.rand(channels) * (high - low) + low)
        self.log_decay = nn.Parameter(torch.full((states,), math.log(0.5)))
        self.frequency = nn.Parameter(math.pi * torch.arange(states, dtype=torch.float32))
        # the real and the imaginary part of C, forwards and backwards
        self.out = nn.Parameter(torch.randn(2, 2, channels, states) * math.sqrt(0.5))
        self.skip = nn.Parameter(torch.randn(channels))

    def kernels(self, tokens: int) -> Tensor:
        """The response to an impulse at lags 0 to tokens - 1, (2, channels, tokens): forwards and backwards.

        Written in real numbers, which ONNX has. The powers of exp(step A) up to `tokens` are products of
        powers of few and of many steps, which makes the Vandermonde product a matrix product.
        """
        step = self.log_step.exp()[:, None]
        real, imag = -self.log_decay.exp() * step, self.frequency * step  # of step A, (channels, states)
        # what a state holds of an impulse that lasts one step: (exp(step A) - 1) / A
        more_real, more_imag = real.exp() * imag.cos() - 1, real.exp() * imag.sin()
        per = step / (real.square() + imag.square())
        held = ((more_real * real + more_imag * imag) * per)[..., None]
        held_imag = ((more_imag * real - more_real * imag) * per)[..., None]
        out, out_imag = self.out.unsqueeze(-1)
        first, first_imag = out * held - out_imag * held_imag, out * held_imag + out_imag * held
        few = math.isqrt(tokens - 1) + 1
        near, near_imag = _powers(real, imag, 1, few)
        far, far_imag = _powers(real, imag, few, -(-tokens // few))
        left = torch.cat([first * far - first_imag * far_imag, first * far_imag + first_imag * far], 2)
        right = torch.cat([near, -near_imag], 1)  # (channels, 2 states, few); left is (2, channels, 2 states, many)
        return 2 * (left.transpose(2, 3) @ right).flatten(2)[..., :tokens]

    def forward(self, u: Tensor) -> Tensor:
        with torch.autocast(u.device.type, enabled=False):  # long sums, and transforms that have no 16 bits
            forwards, backwards = self.kernels(u.shape[-1])
            response = convolve(u.float(), forwards, backwards)
        return response.to(u.dtype) + self.skip[:, None].to(u.dtype) * u


def _powers(real: Tensor, imag: Tensor, stride: int, count: int) -> tuple[Tensor, Tensor]:
    """exp(real + i imag) to the powers 0, stride, 2 stride ...: two (channels, states, count)."""
    power = torch.arange(0, stride * count, stride, device=real.device)
    size, angle = (real[..., None] * power).exp(), imag[..., None] * power
    return size * angle.cos(), size * angle.sin()


def convolve(u: Tensor, forwards: Tensor, backwards: Tensor) -> Tensor:
    """y[t] = sum of u[t - lag] forwards[lag] over lag >= 0, and of u[t + lag] backwards[lag] over lag >= 1."""
    if torch.compiler.is_exporting():
        return convolve_directly(u, forwards, backwards)
    return convolve_by_fft(u, forwards, backwards)


def convolve_by_fft(u: Tensor, forwards: Tensor, backwards: Tensor) -> Tensor:
    """`convolve` by Fourier transforms: quick for many records, and not in every ONNX runtime."""
    tokens = u.shape[-1]
    length = 1 << (2 * tokens - 1).bit_length()  # a power of two is quick; above 2 tokens, nothing wraps around
    gap = torch.zeros(len(forwards), length - 2 * tokens + 1, device=u.device)
    circular = torch.cat([forwards, gap, backwards[:, 1:].flip(1)], 1)
    product = torch.fft.rfft(u, length) * torch.fft.rfft(circular)
    y: Tensor = torch.fft.irfft(product, length)
    return y[..., :tokens]


def convolve_directly(u: Tensor, forwards: Tensor, backwards: Tensor) -> Tensor:
    """`convolve` by one convolution a channel."""
    kernel = torch.cat([forwards.flip(1), backwards[:, 1:]], 1)
    return nn.functional.conv1d(u, kernel[:, None], padding=u.shape[-1] - 1, groups=u.shape[1])


class Block(nn.Module):
    """Norm, state space, GELU, and a linear layer with gates, added to what came in."""

    def __init__(self, width: int, config: Settings, drop_path: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix_time = DiagonalStateSpace(width, config.states)
        self.mix_channels = nn.Linear(width, 2 * width)
        self.drop = nn.Sequential(nn.Dropout(config.dropout), DropPath(drop_path))

    def forward(self, x: Tensor, there: Tensor | None) -> Tensor:
        """(batch, tokens, width) and (batch, tokens, 1), 0 for tokens that shall not reach into others."""
        y = self.norm(x)
        if there is not None:
            y = y * there
        y = nn.functional.gelu(self.mix_time(y.transpose(1, 2))).transpose(1, 2)
        y = nn.functional.glu(self.mix_channels(y))
        branch: Tensor = self.drop(y)
        return x + branch


class StateSpace(nn.Module):
    """(batch, 12, time) to features over time (batch, tokens, width) and pooled (batch, width)."""

    def __init__(self, config: Settings) -> None:
        super().__init__()
        shape = S4D[config.size]
        self.width, self.stride = shape.width, config.stem_stride
        pad = (config.stem_kernel - config.stem_stride + 1) // 2
        self.stem = nn.Conv1d(12, shape.width, config.stem_kernel, config.stem_stride, padding=pad)
        rates = torch.linspace(0, config.drop_path, shape.layers, device="cpu").tolist()
        self.blocks = nn.ModuleList(Block(shape.width, config, rate) for rate in rates)
        self.norm = nn.LayerNorm(shape.width)

    def forward(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `encoders/__init__` says; no other token feels padding."""
        x = self.stem(heard(signal, valid, leads)).transpose(1, 2)
        there = None if valid is None else token_mask(valid, self.stride, x.shape[1]).to(x.dtype)
        weight = None if there is None else there.unsqueeze(-1)
        for block in self.blocks:
            x = block(x, weight)
        tokens = self.norm(x)
        return tokens, mean_over_time(tokens, there)
