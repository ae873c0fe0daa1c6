from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch

from einthoven.ecg import ModelError, UsageError
from einthoven.models import BUNDLED, load_model
from einthoven.models import text_side as module
from einthoven.models.config import TextTower
from einthoven.models.text_side import OwnText, load_text_side, save_text_side
from einthoven.models.text_tower import build_tokenizer, encode

TOWER = TextTower(width=16, layers=1, heads=2, tokens=12, vocabulary=300)
TEXTS = ["sinus rhythm", "normal", "atrial fibrillation with left bundle branch block and much more than fits in there"]


@pytest.fixture
def tokenizer():
    return build_tokenizer(["sinus rhythm", "atrial fibrillation", "left bundle branch block"], TOWER)


@pytest.fixture
def tower(stirred):
    return stirred(OwnText(TOWER, 71))


@pytest.fixture
def checkpoint(tmp_path):
    folder = tmp_path / "one"
    shutil.copytree(BUNDLED, folder)
    return folder


@pytest.fixture
def no_export(monkeypatch):
    monkeypatch.setattr(module, "export_module", lambda *given: given[-2].write_bytes(b"graph"))
    monkeypatch.setattr(module, "check_text_against_torch", lambda *given: 0.0)


def test_onnx_equals_torch_and_the_ecg_side_stays(tower, tokenizer, checkpoint):
    before = load_model(checkpoint).sha256
    folder = save_text_side(tower, tokenizer, checkpoint, TOWER, bits=8)
    assert sorted(path.name for path in folder.iterdir()) == sorted(module_files())
    assert sorted(path.name for path in checkpoint.iterdir()) == sorted(path.name for path in BUNDLED.iterdir())
    model = load_model(checkpoint)
    assert model.sha256 == before and model.text.config.tower == TOWER and model.text.config.likelihood is None
    with torch.no_grad():
        ours = tower(encode(tokenizer, TEXTS)).numpy()
    np.testing.assert_allclose(model.embed_text(TEXTS), ours, atol=1e-4)
    again, words = load_text_side(checkpoint)
    with torch.no_grad():
        np.testing.assert_allclose(again(encode(words, TEXTS)).numpy(), ours, atol=1e-6)


def module_files():
    return ("config.json", "model.onnx", "model.safetensors", "tokenizer.json")


@pytest.mark.parametrize("bits", [8, 16])
def test_what_is_stored_is_what_is_computed(tower, tokenizer, checkpoint, no_export, bits):
    save_text_side(tower, tokenizer, checkpoint, TOWER, bits)
    again, _ = load_text_side(checkpoint)
    for name, value in tower.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])


@pytest.mark.parametrize("step", ["export_module", "check_text_against_torch", "replace_folder"])
def test_a_failure_leaves_the_old_text_side(tower, tokenizer, checkpoint, no_export, monkeypatch, step):
    before = {path.name: path.read_bytes() for path in (checkpoint / "text").iterdir()}

    def fail(*given):
        raise OSError("no space left")

    monkeypatch.setattr(module, step, fail)
    with pytest.raises(OSError, match="no space"):
        save_text_side(tower, tokenizer, checkpoint, TOWER)
    assert {path.name: path.read_bytes() for path in (checkpoint / "text").iterdir()} == before
    assert sorted(path.name for path in checkpoint.iterdir()) == sorted(path.name for path in BUNDLED.iterdir())


def test_a_graph_that_computes_something_else_is_refused(tower, tokenizer, checkpoint, no_export, monkeypatch):
    class Other:
        def run(self, names, inputs):
            return [np.zeros((len(inputs["ids"]), 71), np.float32)]

    monkeypatch.undo()
    monkeypatch.setattr(module, "export_module", lambda *given: given[-2].write_bytes(b"graph"))
    monkeypatch.setattr(module, "open_session", lambda path, threads: Other())
    with pytest.raises(ModelError, match="differs from torch"):
        save_text_side(tower, tokenizer, checkpoint, TOWER)


def test_what_cannot_be_meant_is_refused(tower, tokenizer, checkpoint, no_export, tmp_path):
    with pytest.raises(ModelError, match=r"lacks config\.json"):
        (tmp_path / "empty").mkdir()
        save_text_side(tower, tokenizer, tmp_path / "empty", TOWER)
    with pytest.raises(UsageError, match="shape"):
        save_text_side(torch.nn.Embedding(300, 71), tokenizer, checkpoint)
    tokenizer.no_truncation()
    with pytest.raises(UsageError, match="how long"):
        save_text_side(tower, tokenizer, checkpoint, TOWER)


def test_a_weight_that_is_no_number_is_refused(tower, tokenizer, checkpoint, no_export):
    with torch.no_grad():
        tower.projection.weight[0, 0] = float("nan")
    with pytest.raises(ModelError, match="no number"):
        save_text_side(tower, tokenizer, checkpoint, TOWER)


def test_a_foreign_tower_cannot_be_loaded_back(tower, tokenizer, checkpoint, no_export):
    save_text_side(tower, tokenizer, checkpoint)
    with pytest.raises(ModelError, match="no tower of ours"):
        load_text_side(checkpoint)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_one_cannot_be_loaded_back(checkpoint, name):
    path = checkpoint / "text" / name
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(ModelError, match="cannot be read"):
        load_text_side(checkpoint)


def test_the_same_texts_give_the_same_tokenizer():
    """The trainer itself numbers the letters within words by a hash that it draws anew each time."""
    texts = ["sinusrhythmus", "vorhofflimmern mit schneller überleitung", "st-hebung in v2 bis v4, 0.3 mv", "AV-block"]
    one = build_tokenizer(texts, TOWER, marks=True)
    assert one.encode("##a [SEP]").tokens[1:3] != ["##a", "[SEP]"], "a letter within words is no mark"
    others = [build_tokenizer(some, TOWER, marks=True) for some in (texts, texts[::-1], 2 * texts)]
    assert [other.to_str() for other in others] == 3 * [one.to_str()]
