"""A captioner written into a checkpoint and read back; and checkpoints that hold none, or a damaged one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from einthoven.ecg import ModelError
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.captioner_checkpoint import CaptionWriter, save_captioner, writes_captions
from einthoven.models.config import Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.generation import beam, describe
from einthoven.models.preparation import prepare
from einthoven.models.runtime import FILES
from einthoven.models.text_tower import build_tokenizer
from einthoven.testing import simulate

TOWER = TextTower(width=16, layers=1, heads=2, tokens=9, vocabulary=40)
HOW = Captioning(queries=2, pool_heads=2, layers=1, heads=2)
PREPARATION = Preparation(rate=100, seconds=2.56)


@pytest.fixture(params=[HOW, replace(HOW, views=True)], ids=["plain", "views"])
def made(request, tmp_path, small_size):
    torch.manual_seed(0)
    network = Captioner(ConvNeXt(size=small_size), TOWER, 8, request.param).eval()
    for name in FILES:
        (tmp_path / name).write_text(name)
    tokenizer = build_tokenizer(["sinus rhythm", "atrial flutter"], TOWER, marks=True)
    save_captioner(network, ConvNeXt(size=small_size), TOWER, PREPARATION, tokenizer, tmp_path)
    return network, tokenizer, tmp_path


def test_what_is_read_back_writes_what_the_network_writes(made):
    network, tokenizer, checkpoint = made
    network.load_state_dict(
        {name: value.half().float() if value.is_floating_point() else value
         for name, value in network.state_dict().items()}
    )  # fmt: skip
    ecgs = [simulate(72), simulate(40)]
    found = CaptionWriter(checkpoint)(ecgs, beam)
    prepared = prepare([ecgs[1]], PREPARATION)
    (alone,) = describe(
        network, torch.from_numpy(prepared.signal[:1]), torch.from_numpy(prepared.valid[:1]).float(), beam
    )
    assert found[1].text == tokenizer.decode(list(alone.ids)) and found[1].tokens == len(alone.ids)
    assert found[1].log_probability == pytest.approx(alone.log_probability, abs=1e-4)
    assert CaptionWriter(checkpoint)([]) == []


def test_what_is_no_captioner_of_this_checkpoint_is_refused(made, tmp_path):
    _, _, checkpoint = made
    with pytest.raises(ModelError, match="writes no captions") as refusal:
        CaptionWriter(tmp_path / "captioner")
    assert "caption" in refusal.value.mend
    weights, config = (checkpoint / "captioner" / name for name in ("model.safetensors", "config.json"))
    whole, said = weights.read_bytes(), config.read_text()
    weights.write_bytes(whole[:-10])
    with pytest.raises(ModelError, match="cannot be read"):
        CaptionWriter(checkpoint)
    weights.write_bytes(whole)
    for wrong in ({**json.loads(said), "embedding": 9}, {"embedding": 9}, 3):
        config.write_text(json.dumps(wrong))
        with pytest.raises(ModelError, match="cannot be read"):
            CaptionWriter(checkpoint)
    config.write_text(said)
    (checkpoint / "captioner" / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        CaptionWriter(checkpoint)


def test_one_of_before_there_were_views_is_read(made):
    network, _, checkpoint = made
    config = checkpoint / "captioner" / "config.json"
    said = json.loads(config.read_text())
    del said["captioning"]["views"]
    config.write_text(json.dumps(said))
    if network.config.views:
        with pytest.raises(ModelError, match="cannot be read"):
            CaptionWriter(checkpoint)
    else:
        CaptionWriter(checkpoint)


def test_one_of_another_ecg_side_is_refused(made):
    _, _, checkpoint = made
    (checkpoint / "config.json").write_text("another")
    with pytest.raises(ModelError, match="another ECG side"):
        CaptionWriter(checkpoint)


def test_what_has_seen_the_answer_or_was_not_trained_does_not_write():
    assert writes_captions(HOW, 1.0) and not writes_captions(HOW, 0.0)
    assert not writes_captions(Captioning(text_pass="bidirectional"), 1.0)
