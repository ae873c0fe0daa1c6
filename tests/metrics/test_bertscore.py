from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import MissingPackageError, ModelError
from einthoven.metrics import bert_score, load_language_model
from einthoven.metrics import bertscore as module

OURS = ["sinus rhythm", "normal ecg of a heart", "", "atrial rhythm atrial"]
THEIRS = ["sinus rhythm", "atrial ecg", "sinus", "a normal heart rhythm of sinus"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of 2 layers with random weights."""
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    pytest.importorskip("bert_score")
    path = tmp_path_factory.mktemp("language") / "tiny"
    path.mkdir()
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set(" ".join(OURS + THEIRS).split()))]
    (path / "vocab.txt").write_text("\n".join(tokens) + "\n")
    transformers.BertTokenizer(vocab=str(path / "vocab.txt")).save_pretrained(path)
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    transformers.BertModel(transformers.BertConfig(vocab_size=len(tokens), **size)).save_pretrained(path)
    return path


def test_scores_are_those_of_a_slow_greedy_match(folder: Path) -> None:
    import torch

    model = load_language_model(folder)
    assert model.name.startswith("tiny ") and len(model.name) == len("tiny 01234567")
    found = bert_score(OURS, THEIRS, model)
    assert found[0] == pytest.approx(1.0, abs=1e-5) and found[2] == 0.0

    def vectors(text: str) -> np.ndarray:
        with torch.no_grad():
            hidden = model.network(**model.tokenizer(text, return_tensors="pt")).last_hidden_state[0].numpy()
        return hidden / np.linalg.norm(hidden, axis=1, keepdims=True)

    for n in (1, 3):
        alike = vectors(OURS[n]) @ vectors(THEIRS[n]).T  # the first and the last only frame the text
        precision, recall = alike.max(1)[1:-1].mean(), alike.max(0)[1:-1].mean()
        assert found[n] == pytest.approx(2 * precision * recall / (precision + recall), abs=1e-4)


def test_folders_without_a_model_are_refused(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match=r"config\.json and model\.safetensors"):
        load_language_model(tmp_path)
    (tmp_path / "config.json").write_text((folder / "config.json").read_text())
    (tmp_path / "model.safetensors").write_bytes(b"none")
    with pytest.raises(ModelError, match="cannot be read"):
        load_language_model(tmp_path)
    monkeypatch.setattr(module, "MINILM", "no_such_package")
    with pytest.raises(MissingPackageError, match="no language model"):
        load_language_model()
