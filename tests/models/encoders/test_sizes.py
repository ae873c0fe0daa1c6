from __future__ import annotations

import re
from itertools import pairwise

import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models import build
from einthoven.models.encoders.settings import FAMILIES
from einthoven.models.encoders.sizes import CONVNEXTV2, stages


@pytest.mark.parametrize(
    ("size", "parameters"),
    [
        ("convnextv2_base", 85_563_653),
        ("convnextv2_tiny", 26_817_989),
        ("convnextv2_nano", 14_266_965),
        ("convnextv2_atto", 3_177_325),
        ("vit1d_base", 85_244_933),
        ("m3ae_base", 90_374_016 - 2 * 256 * 256 * 2 + 5 * 769),  # with 2 of its 4 convolutions
        ("xresnet1d_101", 1_807_237),
        ("lstm1d", 806_661),
        ("lstm1d_bidirectional", 2_137_605),
    ],
)
def test_parameters_with_12_leads_and_5_classes(size, parameters):
    for options in ({}, {"norm": "instance"}) if size in CONVNEXTV2 else ({},):
        with torch.device("meta"):
            network = build(size, classes=5, **options)
        assert sum(p.numel() for p in network.parameters()) == parameters


@pytest.mark.parametrize("size", ["femto", "pico", "large", "huge"])
def test_parameters_from_depths_and_widths(size):
    """Of the sizes whose count no paper gives in one dimension: added up from the layers' description."""
    depths, widths = stages(f"convnextv2_{size}")
    count = 12 * 4 * widths[0] + 3 * widths[0]  # stem and its norm
    for before, after in pairwise(widths):
        count += 2 * before + 2 * before * after + after
    for depth, c in zip(depths, widths, strict=True):
        count += depth * (7 * c + c + 2 * c + c * 4 * c + 4 * c + 2 * 4 * c + 4 * c * c + c)
    count += 2 * widths[-1] + 5 * widths[-1] + 5
    with torch.device("meta"):
        assert sum(p.numel() for p in build(f"convnextv2_{size}", classes=5).parameters()) == count


def test_build_names_every_encoder():
    listed = set(re.findall(r"[a-z0-9]+_[a-z0-9]+|lstm1d\b", build.__doc__.split("Args:")[0]))
    known = {size for table in FAMILIES.values() for size in table if not size.endswith("_test")}
    assert known <= listed


@pytest.mark.parametrize(
    ("name", "meant"),
    [("xresnet1d101", "xresnet1d_101"), ("ViT1d_base", "vit1d_base"), ("LSTM", "lstm1d"), ("resnet50", "resnet1d_50")],
)
def test_build_refuses_an_unknown_name_with_what_was_meant(name, meant):
    with pytest.raises(UsageError, match=f"no encoder '{name}'") as refusal:
        build(name, classes=5)
    guess, rest = refusal.value.mend.split("? ")
    assert meant in guess and "convnextv2_huge" in rest
    with pytest.raises(UsageError) as refusal:
        build("zzz", classes=5)
    assert refusal.value.mend.startswith("Choose one of convnextv2_zepto")


@pytest.mark.parametrize("size", ["convnextv2_atto", "lstm1d"])
def test_a_classifier_takes_both_masks(size):
    network = build(size, classes=5).eval()
    x, valid, leads = torch.randn(2, 12, 96), torch.ones(2, 96), torch.ones(2, 12)
    leads[:, 3], valid[:, 64:] = 0, 0
    noise = x.clone()
    noise[:, 3], noise[:, :, 64:] = torch.nan, torch.nan
    assert network(x, valid, leads).shape == (2, 5)
    assert torch.equal(network(x, valid, leads), network(noise, valid, leads))


def test_channels_double_from_stage_to_stage():
    for depths, widths in CONVNEXTV2.values():
        assert len(depths) == len(widths) == 4
        assert all(after == 2 * before for before, after in pairwise(widths))


def test_the_published_table():
    assert stages("convnextv2_atto") == ((2, 2, 6, 2), (40, 80, 160, 320))
    assert stages("convnextv2_nano") == ((2, 2, 8, 2), (80, 160, 320, 640))
    assert stages("convnextv2_tiny") == ((3, 3, 9, 3), (96, 192, 384, 768))
    assert stages("convnextv2_base") == ((3, 3, 27, 3), (128, 256, 512, 1024))
    for size, width in {"femto": 384, "pico": 512, "large": 1536, "huge": 2816}.items():
        assert stages(f"convnextv2_{size}")[1][-1] == width


def test_an_unknown_size_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match="convnextv2_base"):
        stages("resnet18")


@pytest.mark.parametrize("options", [{"nrom": "layer"}, {"norm": "batch"}, {"stem_kernel": 4.0}])
def test_build_refuses_what_no_encoder_has(options):
    with pytest.raises(UsageError) as refusal:
        build("convnextv2_atto", 5, **options)
    assert refusal.value.mend


def test_build_refuses_no_class():
    with pytest.raises(UsageError, match="0 classes"):
        build("convnextv2_atto", 0)
