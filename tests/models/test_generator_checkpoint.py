"""A generator written, read back, and asked; and folders that hold none."""

from __future__ import annotations

import json

import pytest
import torch

from einthoven.ecg import ModelError
from einthoven.models.config import Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.generation import beam
from einthoven.models.generator import Generator
from einthoven.models.generator_checkpoint import GeneratorConfig, ReportWriter, save_generator
from einthoven.models.generator_settings import Generating
from einthoven.models.preparation import prepare
from einthoven.models.text_tower import build_tokenizer
from einthoven.testing import simulate


@pytest.fixture
def folder(tmp_path, small_size):
    how = Generating(width=16, layers=1, heads=2, memory=8, looked_at=3, tokens=9, vocabulary=40, beam=2)
    config = GeneratorConfig("small", Preparation(rate=100, seconds=2.56), ConvNeXt(size=small_size), how)
    tokenizer = build_tokenizer(["sinus rhythm", "atrial flutter"], TextTower(tokens=9, vocabulary=40), marks=True)
    torch.manual_seed(0)
    save_generator(Generator(config.encoder, how).eval(), config, tokenizer, tmp_path / "made", "A card.")
    return tmp_path / "made"


def test_what_is_read_back_writes_what_was_written(folder):
    writer, ecgs = ReportWriter(folder), [simulate(72), simulate(40)]
    assert writer.name == "small" and (folder / "README.md").read_text() == "A card."
    texts = writer(ecgs)
    network = writer._network
    prepared = prepare([ecgs[1]], writer.config.preparation)
    with torch.inference_mode():
        context, _ = network.context(
            torch.from_numpy(prepared.signal[:1]), torch.from_numpy(prepared.valid[:1]).float()
        )
        alone = beam(lambda ids, owner: network.next_token(ids, context[owner]), 1, 8, width=2)
    assert texts[1] == writer._tokenizer.decode(list(alone[0].ids)) and len(texts) == 2 and writer(ecgs) == texts


def test_what_is_no_generator_is_refused(folder, tmp_path):
    with pytest.raises(ModelError, match="cannot be read"):
        ReportWriter(tmp_path / "nothing")
    weights = folder / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-10])
    with pytest.raises(ModelError, match="cannot be read"):
        ReportWriter(folder)
    weights.write_bytes(whole)
    words = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").write_text(words[:-9])
    with pytest.raises(ModelError, match=r"tokenizer\.json in .* cannot be read"):
        ReportWriter(folder)
    (folder / "tokenizer.json").write_text(words)
    values = json.loads((folder / "config.json").read_text())
    for wrong, message in (({"kind": "other"}, "holds no report generator"), ({"name": 3}, "cannot be read")):
        (folder / "config.json").write_text(json.dumps(values | wrong))
        with pytest.raises(ModelError, match=message):
            ReportWriter(folder)
