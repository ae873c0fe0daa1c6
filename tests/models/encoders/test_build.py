"""What every encoder promises, of each family and in its smallest size."""

from __future__ import annotations

import pytest
import torch

from einthoven.models.encoders.build import build_encoder
from einthoven.models.encoders.settings import FAMILIES, ResNet, Several, StateSpace, Transformer

SMALL = [
    "convnextv2_zepto",
    "resnet1d_small",
    "xresnet1d_50",
    "vit1d_small",
    "s4d_small",
]


@pytest.fixture(params=[*SMALL, "several"])
def config(request):
    if request.param == "several":
        return Several((ResNet(), ResNet(pool="mean")))
    return next(kind(size=request.param) for kind, sizes in FAMILIES.items() if request.param in sizes)


@pytest.fixture
def encoder(config):
    torch.manual_seed(0)
    return build_encoder(config).eval()


def test_tokens_and_a_pooled_vector(encoder, config):
    for samples in (config.shortest, config.shortest + 1, 500, 777):
        tokens, pooled = encoder(torch.randn(3, 12, samples), torch.ones(3, samples))
        assert tokens.shape[0] == 3 and abs(tokens.shape[1] - samples / encoder.stride) <= 1
        assert pooled.shape == (3, encoder.width)
        assert torch.isfinite(tokens).all() and torch.isfinite(pooled).all()
    assert encoder.stride == config.stride


def test_a_mask_of_ones_is_no_mask(encoder):
    x = torch.randn(2, 12, 333)
    plain = encoder(x)
    for mask in (torch.ones(2, 333), torch.ones(2, 333, dtype=torch.bool)):
        for one, other in zip(plain, encoder(x, mask), strict=True):
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


def test_records_do_not_see_each_other(encoder):
    x = torch.randn(3, 12, 300)
    valid = torch.arange(300) < torch.tensor([300, 200, 100])[:, None]
    together = encoder(x, valid)[1]
    for record in range(3):
        alone = encoder(x[record : record + 1], valid[record : record + 1])[1]
        torch.testing.assert_close(together[record : record + 1], alone, atol=1e-5, rtol=1e-4)


def test_nothing_but_padding_is_finite(encoder):
    tokens, pooled = encoder(torch.zeros(2, 12, 200), torch.zeros(2, 200))
    assert torch.isfinite(tokens).all() and torch.isfinite(pooled).all()


def test_every_parameter_learns_in_both_precisions(encoder):
    encoder.train()
    target = torch.randn(8, encoder.width)
    for enabled in (False, True):
        # twice: what starts at zero shuts off what lies before it at the first step
        for _ in range(2):
            with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
                loss = (encoder(torch.randn(8, 12, 320), torch.ones(8, 320))[1].float() - target).square().mean()
            encoder.zero_grad()
            loss.backward()
            slopes = {name: value.grad for name, value in encoder.named_parameters()}
            assert all(slope is not None and torch.isfinite(slope).all() for slope in slopes.values())
            with torch.no_grad():
                for value in encoder.parameters():
                    value += 0.02 * torch.randn_like(value)
        still = [name for name, slope in slopes.items() if not slope.abs().max() > 0]
        assert not still


@pytest.mark.parametrize("kind", [Transformer, StateSpace])
def test_a_padded_record_is_the_short_record(kind):
    """Where every token may see every other, those in padding are hidden: the record's own do not change."""
    config = kind()
    torch.manual_seed(0)
    encoder = build_encoder(config).eval()
    short = torch.randn(2, 12, 25 * config.stride)
    reach = (config.stem_kernel - config.stem_stride + 1) // 2
    short[..., -reach:] = 0  # beyond its end, the last patch sees zeros or padding: the same
    padded = torch.cat([short, torch.zeros(2, 12, 20 * config.stride)], -1)
    valid = torch.arange(padded.shape[-1]) < short.shape[-1]
    tokens, pooled = encoder(padded, valid.expand(2, -1))
    torch.testing.assert_close(tokens[:, :25], encoder(short)[0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(pooled, encoder(short)[1], atol=1e-4, rtol=1e-4)
