from __future__ import annotations

from dataclasses import asdict, fields
from typing import get_args

import pytest

from einthoven.ecg import ModelError, UsageError
from einthoven.models.config import ModelConfig
from einthoven.models.encoders import settings
from einthoven.models.encoders.settings import (
    FAMILIES,
    ConvNeXt,
    Recurrent,
    ResNet,
    Several,
    StateSpace,
    Transformer,
    family_of,
)
from einthoven.models.settings import from_dict


def test_every_single_family_has_its_sizes_and_a_name_of_its_own():
    singles = get_args(settings.Single)
    assert set(FAMILIES) == set(singles)
    families = {"convnextv2", "resnet", "transformer", "conv_transformer", "state_space", "lstm"}
    assert {kind.family for kind in singles} == families
    sizes = [size for table in FAMILIES.values() for size in table]
    assert len(sizes) == len(set(sizes))
    for kind, table in FAMILIES.items():
        assert kind().size in table


def test_a_size_tells_its_family():
    for kind, table in FAMILIES.items():
        for size in table:
            assert family_of(size) is kind
            assert kind(size=size).size == size
    with pytest.raises(UsageError, match="resnet1d_smal'") as refusal:
        family_of("resnet1d_smal")
    assert refusal.value.mend.startswith("Did you mean resnet1d_small") and "vit1d_base" in refusal.value.mend


@pytest.mark.parametrize(
    "encoder",
    [
        ConvNeXt(norm="instance"),
        ResNet(squeeze=8, pool="mean"),
        Transformer(stem_kernel=10, stem_stride=10),
        StateSpace(states=16, dropout=0.1),
        Recurrent(size="lstm1d_bidirectional", dropout=0.5),
        Several((ResNet(), ResNet(kernel=7))),
    ],
)
def test_through_json_and_back(encoder, tmp_path):
    config = ModelConfig("x", ("NORM",), encoder=encoder)
    config.save(tmp_path / "config.json")
    assert ModelConfig.load(tmp_path / "config.json") == config


def test_without_a_family_it_is_a_convnext():
    table = asdict(ModelConfig("x", ("NORM",)))
    table["encoder"] = {"size": "convnextv2_atto"}
    assert from_dict(ModelConfig, table).encoder == ConvNeXt(size="convnextv2_atto")
    table["encoder"] = {}
    assert from_dict(ModelConfig, table).encoder == ConvNeXt()


@pytest.mark.parametrize(
    ("encoder", "says"),
    [
        ({"family": "vgg"}, "encoder.family cannot be 'vgg'"),
        ({"family": None}, "encoder.family cannot be None"),
        ({"family": ["resnet"]}, "encoder.family cannot be"),
        ({"family": "resnet", "norm": "layer"}, "encoder.norm"),
        ({"family": "resnet", "size": "convnextv2_atto"}, "no encoder 'convnextv2_atto'"),
        ({"family": "transformer", "states": 3}, "encoder.states"),
        ({"family": "state_space", "states": 3.0}, "encoder.states"),
        ({"size": "resnet1d_small"}, "no encoder 'resnet1d_small'"),
    ],
)
def test_settings_that_no_encoder_has(encoder, says):
    table = asdict(ModelConfig("x", ("NORM",))) | {"encoder": encoder}
    with pytest.raises(UsageError, match=says) as refusal:
        from_dict(ModelConfig, table)
    assert refusal.value.mend


ILLEGAL = {
    ConvNeXt: [{"norm": "batch"}],
    ResNet: [{"kernel": 4}, {"kernel": 0}, {"kernel": -3}, {"squeeze": -1}, {"pool": "max"}],
    Transformer: [],
    StateSpace: [{"states": 0}, {"states": -2}],
    Recurrent: [{"stem_stride": 2}],
}
SHARES = [-0.1, 1.0, float("nan")]


@pytest.mark.parametrize("kind", ILLEGAL)
def test_illegal_settings_are_refused_with_a_mend(kind):
    shares = {"drop_path", "dropout"} & {field.name for field in fields(kind)}
    common = [{"size": "vgg"}, {"family": "vgg"}]
    if kind is not Recurrent:  # which has no stem
        common += [{"stem_stride": 0}, {"stem_kernel": 2, "stem_stride": 3}]
    for options in [*common, *ILLEGAL[kind], *({name: share} for name in shares for share in SHARES)]:
        with pytest.raises(UsageError) as refusal:
            from_dict(kind, options) if set(options) - {field.name for field in fields(kind)} else kind(**options)
        assert refusal.value.mend, options


def test_several_need_a_company_of_one_stride():
    for members in ((), (ResNet(),), (ResNet(), Transformer())):
        with pytest.raises(UsageError, match="one stride"):
            Several(members)


def test_an_lstm_reads_every_sample():
    assert Recurrent().stride == Recurrent().shortest == 1


def test_a_window_shorter_than_one_token_is_refused():
    from einthoven.models.config import Preparation

    for encoder, samples in ((ResNet(), 32), (Transformer(), 12), (StateSpace(), 8)):
        assert encoder.shortest == samples
        for seconds in (samples / 100, (samples - 1) / 100):
            how = {"encoder": encoder, "preparation": Preparation(seconds=seconds)}
            if seconds == samples / 100:
                ModelConfig("x", ("NORM",), **how)
            else:
                with pytest.raises((UsageError, ModelError), match="not one token"):
                    ModelConfig("x", ("NORM",), **how)
