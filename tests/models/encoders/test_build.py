"""What every encoder promises, of each family and in its smallest size."""

from __future__ import annotations

import math

import pytest
import torch

from einthoven.models.encoders.build import build_encoder
from einthoven.models.encoders.settings import (
    FAMILIES,
    ConvNeXt,
    ConvTransformer,
    Recurrent,
    ResNet,
    Several,
    StateSpace,
    Transformer,
)
from einthoven.training.precision import mixed

SMALL = [
    "convnextv2_zepto",
    "resnet1d_small",
    "xresnet1d_50",
    "vit1d_small",
    "m3ae_small",
    "s4d_small",
    "lstm1d",
    "lstm1d_bidirectional",
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
    for precision in ("float32", "bfloat16"):  # as trainings compute here: some layers cannot be imitated at all
        # twice: what starts at zero shuts off what lies before it at the first step
        for _ in range(2):
            with mixed(precision, "cpu"):
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


@pytest.mark.parametrize("what", [1e4, math.nan, math.inf])
def test_what_stands_in_a_missing_lead_or_in_padding_is_not_read(encoder, stirred, what):
    stirred(encoder, size=0.1)
    x = torch.randn(3, 12, 400)
    leads = torch.ones(3, 12)
    leads[0, 5] = leads[1, :6] = 0
    valid = torch.ones(3, 400, dtype=torch.bool)
    valid[2, 300:] = False
    silent, foreign = x.clone(), x.clone()
    for record, lead in (leads == 0).nonzero():
        silent[record, lead], foreign[record, lead] = 0, what
    silent[~valid[:, None].expand_as(x)] = 0
    foreign[~valid[:, None].expand_as(x)] = what
    plain = encoder(silent, valid)
    for one, other, with_it in zip(plain, encoder(foreign, valid, leads), encoder(x, valid), strict=True):
        assert torch.isfinite(one).all() and torch.equal(one, other)
        assert not torch.allclose(one[0], with_it[0])  # what is told to be missing was heard before
    assert torch.isfinite(encoder(foreign[:, :, :300], None, leads)[1]).all()
    assert torch.isfinite(encoder(foreign, torch.zeros_like(valid), torch.zeros(3, 12))[1]).all()


SEEING = [
    ConvNeXt(),
    ConvNeXt(norm="instance"),
    ConvNeXt(stem_kernel=7),
    Transformer(),
    ConvTransformer(),
    StateSpace(),
    Recurrent(),
    Recurrent(size="lstm1d_bidirectional"),
]


@pytest.mark.parametrize("config", SEEING, ids=str)
def test_a_padded_record_is_the_short_record(config, stirred):
    torch.manual_seed(0)
    encoder = stirred(build_encoder(config), size=0.1)
    short = torch.randn(2, 12, (60 if config.stride == 1 else 8) * config.stride)
    tokens, pooled = encoder(short)
    length = tokens.shape[1]
    for more in (1, config.stride, 5 * config.stride + 3):
        padded = torch.cat([short, torch.randn(2, 12, more)], -1)
        valid = torch.arange(padded.shape[-1]) < short.shape[-1]
        both = encoder(padded, valid.expand(2, -1))
        torch.testing.assert_close(both[0][:, :length], tokens, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(both[1], pooled, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(encoder(padded)[1], pooled, atol=1e-3)


def test_in_a_residual_network_padding_reaches_tokens_near_the_end_alone(stirred, lived):
    """As `encoders/__init__` documents: the tokens within the convolutions' reach, and no other."""
    encoder = lived(stirred(build_encoder(ResNet()), size=0.1))
    short = torch.randn(2, 12, 1600)
    valid = torch.arange(2400) < 1600
    tokens = encoder(torch.cat([short, torch.zeros(2, 12, 800)], -1), valid.expand(2, -1))[0]
    differs = ~torch.isclose(tokens[:, :50], encoder(short)[0], atol=1e-5).all(-1).all(0)
    assert differs[-1] and not differs[:-6].any()
