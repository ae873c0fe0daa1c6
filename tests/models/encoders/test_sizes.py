from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models import build
from einthoven.models.encoders.sizes import CONVNEXTV2, stages


@pytest.mark.parametrize(
    ("size", "parameters"),
    [
        ("convnextv2_base", 85_563_653),
        ("convnextv2_tiny", 26_817_989),
        ("convnextv2_nano", 14_266_965),
        ("convnextv2_atto", 3_177_325),
    ],
)
@pytest.mark.parametrize("norm", ["layer", "instance"])
def test_parameters_with_12_leads_and_5_classes(size, parameters, norm):
    with torch.device("meta"):
        network = build(size, classes=5, norm=norm)
    assert sum(p.numel() for p in network.parameters()) == parameters


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
