"""What joins texts to the ECGs of a masked autoencoder, in its checkpoint's folder and out of it."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from safetensors import safe_open

from einthoven.ecg import ECG, ModelError
from einthoven.models import checkpoint
from einthoven.models.config import ModelConfig, Preparation, TextTower
from einthoven.models.encoders.settings import ConvTransformer
from einthoven.models.encoders.sizes import M3AE, ConvTokens
from einthoven.models.fused import FusedEmbedding, load_fused, save_fused
from einthoven.models.masked_autoencoder import MaskedAutoencoder, leaking_embedding
from einthoven.models.masked_settings import MaskedConfig, Masking
from einthoven.models.network import Network
from einthoven.models.preparation import prepare
from einthoven.models.runtime import checkpoint_hash
from einthoven.models.text_tower import build_tokenizer, encode

SAID = ["sinus rhythm normal ecg", "atrial fibrillation"]
TOWER = TextTower(width=16, layers=1, heads=2, tokens=12, vocabulary=60)
SMALL = Masking(width=12, heads=2, layers=2, read_from=1, decoder_width=8, decoder_heads=2, decoder_layers=1)


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer(SAID, TOWER, marks=True)


@pytest.fixture(scope="module")
def kept(tmp_path_factory, tokenizer):
    """A masked autoencoder and its checkpoint."""
    folder = tmp_path_factory.mktemp("fused") / "checkpoint"
    M3AE["fused_test"] = ConvTokens(6, 8, 2, 2, 5, 2)
    config = MaskedConfig(Preparation(seconds=1.2), ConvTransformer(size="fused_test"), TOWER, SMALL)
    torch.manual_seed(1)
    model = MaskedAutoencoder(config).eval()
    with torch.no_grad():
        for value in model.parameters():
            value.add_(0.3 * torch.randn_like(value))
            value.copy_(value.half())  # what is stored
    alone = Network(ModelConfig("small", (), 8, config.preparation, config.encoder, projection="none"))
    alone.encoder.load_state_dict(model.encoder.state_dict())
    with pytest.MonkeyPatch.context() as patch:  # the graph takes ten seconds to trace
        patch.setattr(checkpoint, "export_graph", lambda network, path, weights: path.write_bytes(b"graph"))
        patch.setattr(checkpoint, "check_against_torch", lambda network, folder: 0.0)
        checkpoint.save_checkpoint(alone, folder, "", beside=lambda new: save_fused(model, tokenizer, new))
    yield model, folder
    del M3AE["fused_test"]


@pytest.fixture
def copied(kept, tmp_path):
    return shutil.copytree(kept[1], tmp_path / "copied")


def cut(ecg, samples):
    return ECG(ecg.signal[:, :samples], ecg.rate, ecg.leads)


def test_it_comes_back_whole_and_holds_the_encoder_once(kept, tokenizer):
    model, folder = kept
    found, words = load_fused(folder)
    assert words.get_vocab() == tokenizer.get_vocab() and not found.training
    own = model.state_dict()
    assert found.state_dict().keys() == own.keys()
    for name, value in found.state_dict().items():
        assert torch.equal(value, own[name]), name
    with safe_open(folder / "fused" / "model.safetensors", "pt") as file:
        assert not [name for name in file.keys() if name.startswith("encoder.")]  # noqa: SIM118


def test_texts_enter_its_embedding_as_they_do_in_training(kept, make_ecg, tokenizer):
    model, folder = kept
    fused, ecgs = FusedEmbedding(folder), [cut(make_ecg(n), samples) for n, samples in enumerate((120, 80))]
    prepared = prepare(ecgs, model.config.preparation)
    with torch.no_grad():
        wanted = leaking_embedding(
            model, torch.from_numpy(prepared.signal), encode(tokenizer, SAID), torch.from_numpy(prepared.valid).float()
        )
    np.testing.assert_allclose(fused(ecgs, SAID), wanted.numpy(), atol=1e-5)
    assert np.abs(fused(ecgs, SAID[::-1]) - wanted.numpy()).max() > 1e-3
    assert fused(ecgs, SAID).shape == (2, 12) and fused.sha256 == checkpoint_hash(folder)


def test_a_checkpoint_without_it_is_the_same_and_says_what_lacks(kept, copied):
    shutil.rmtree(copied / "fused")
    assert checkpoint_hash(copied) == checkpoint_hash(kept[1])
    with pytest.raises(ModelError, match="does not hold what joins") as refusal:
        load_fused(copied)
    assert "masked autoencoder" in refusal.value.mend


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_damage_is_refused(copied, file, damage):
    path = copied / "fused" / file
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9] if damage == "cut" else b"{}")
    with pytest.raises(ModelError) as refusal:
        load_fused(copied)
    assert refusal.value.mend


def test_another_checkpoints_is_refused(copied):
    path = copied / "fused" / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"ecg_side": "0" * 64}))
    with pytest.raises(ModelError, match="another checkpoint"):
        load_fused(copied)
