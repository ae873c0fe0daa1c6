from __future__ import annotations

import json
from dataclasses import replace

import pytest

from einthoven.ecg import ModelError, UsageError
from einthoven.models.config import VERSION, ModelConfig, Pool, Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Preparation, {"rate": 0}),
        (Preparation, {"rate": -100.0}),
        (Preparation, {"rate": float("nan")}),
        (Preparation, {"seconds": 0}),
        (Preparation, {"seconds": float("inf")}),
        (Preparation, {"unit_mv": 0}),
        (Preparation, {"limit_mv": -1}),
        (Preparation, {"lowpass": 51}),
        (Preparation, {"lowpass": 0}),
        (Preparation, {"highpass": 0}),
        (Preparation, {"highpass": -0.5}),
        (Preparation, {"highpass": 40}),
        (Preparation, {"highpass": 50, "lowpass": None}),
        (ConvNeXt, {"size": "resnet"}),
        (ConvNeXt, {"norm": "batch"}),
        (ConvNeXt, {"stem_stride": 0}),
        (ConvNeXt, {"stem_kernel": 3}),
        (ConvNeXt, {"drop_path": 1.0}),
        (ConvNeXt, {"drop_path": -0.1}),
        (ConvNeXt, {"drop_path": float("nan")}),
        (TextTower, {"width": 97}),
        (TextTower, {"heads": 0}),
        (TextTower, {"layers": 0}),
        (TextTower, {"tokens": 0}),
        (TextTower, {"vocabulary": -1}),
        (Pool, {"kind": "query", "width": 10, "heads": 4}),
        (Pool, {"kind": "mean", "width": 8}),
        (ModelConfig, {"name": "x", "codes": (), "pool": Pool("vector", 8), "projection": "none"}),
        (ModelConfig, {"name": "x", "codes": ("a", "a")}),
        (ModelConfig, {"name": "x", "codes": ("a",), "embedding": 0}),
        (ModelConfig, {"name": "x", "codes": ("a",), "preparation": Preparation(seconds=0.3)}),
    ],
)
def test_illegal_values_are_refused_with_a_mend(kind, values):
    with pytest.raises(UsageError) as refusal:
        kind(**values)
    assert refusal.value.mend


def test_edges_that_are_legal():
    assert Preparation(lowpass=50, highpass=None).samples == 1000
    assert Preparation(lowpass=None, highpass=49.9).highpass == 49.9
    assert ConvNeXt().shortest == 32


def test_save_and_load(small_config, tmp_path):
    pooled = replace(small_config, codes=(), pool=Pool("query", 24, 4))
    other = replace(small_config, preparation=Preparation(highpass=None, rate=250.5))
    for config in (small_config, other, pooled):
        config.save(tmp_path / "config.json")
        assert ModelConfig.load(tmp_path / "config.json") == config


def test_an_older_file_that_names_no_text_tower_is_read(small_config, tmp_path):
    small_config.save(tmp_path / "config.json")
    values = json.loads((tmp_path / "config.json").read_text())
    del values["pool"]
    (tmp_path / "config.json").write_text(json.dumps(values | {"text": None}))
    assert ModelConfig.load(tmp_path / "config.json") == small_config


def changed(values):
    return lambda config: {**config, **values}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (changed({"colour": "red"}), "colour"),
        (changed({"version": VERSION + 1}), f"version {VERSION + 1}"),
        (changed({"version": VERSION + 1, "colour": "red"}), f"version {VERSION + 1}"),
        (changed({"codes": "NORM"}), "codes"),
        (changed({"encoder": {"norm": "batch"}}), "encoder.norm"),
        (changed({"text": {"heads": 2}}), "text tower inside"),
        (lambda config: [config], "table"),
        (lambda config: {}, "name"),
    ],
)
def test_a_config_that_cannot_be_used(small_config, tmp_path, change, says):
    path = tmp_path / "config.json"
    small_config.save(path)
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(ModelError, match=says) as refusal:
        ModelConfig.load(path)
    assert refusal.value.mend


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", None])
def test_a_config_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "config.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"config\.json") as refusal:
        ModelConfig.load(path)
    assert refusal.value.mend


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "model").write_text("")
    with pytest.raises(ModelError, match="no checkpoint"):
        ModelConfig.load(tmp_path / "model" / "config.json")
