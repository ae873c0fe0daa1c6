"""What joins texts to the ECGs of a masked autoencoder, kept in its checkpoint's folder `fused/`.

No search, archive or report opens it: it is there for the one row of the evaluation in which an ECG's own report has
entered the embedding that is to find it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer

from einthoven.ecg import ECG, ModelError, UsageError
from einthoven.models.checkpoint import load_network
from einthoven.models.masked_autoencoder import MaskedAutoencoder, leaking_embedding
from einthoven.models.masked_settings import MaskedConfig
from einthoven.models.part import write_part
from einthoven.models.preparation import prepare
from einthoven.models.runtime import checkpoint_hash
from einthoven.models.settings import from_dict
from einthoven.models.stored import as_computed, as_stored
from einthoven.models.text_tower import encode, read_tokenizer

FOLDER = "fused"
ENCODER = "encoder."
"""What the names of weights begin with that the checkpoint itself holds."""


@dataclass(frozen=True)
class FusedConfig:
    """What `fused/config.json` holds: the checkpoint's hash, tokens of its vocabulary, and the whole autoencoder."""

    ecg_side: str
    vocabulary: int
    model: MaskedConfig = field(default_factory=MaskedConfig)


def save_fused(model: MaskedAutoencoder, tokenizer: Tokenizer, checkpoint: Path, bits: int = 16) -> Path:
    """Writes `checkpoint/fused/`: all weights but those of the ECG's encoder, and the tokenizer.

    The folder appears as a whole, or not at all; the checkpoint's hash stays as it is.

    Args:
        checkpoint: a folder with the ECG side of this very model.
        bits: 8 or 16, of each entry of a weight matrix.

    Raises:
        ModelError: there is no ECG side, or a weight is not finite in 16 bits.
    """
    config = FusedConfig(checkpoint_hash(checkpoint), tokenizer.get_vocab_size(), model.config)
    rest = {name: value for name, value in model.state_dict().items() if not name.startswith(ENCODER)}
    write_part(checkpoint / FOLDER, config, as_stored(rest, bits), tokenizer)
    return checkpoint / FOLDER


def load_fused(checkpoint: Path) -> tuple[MaskedAutoencoder, Tokenizer]:
    """The whole autoencoder of a checkpoint, and its tokenizer.

    Raises:
        ModelError: there is no checkpoint, it has no folder `fused/`, or one that is damaged or of another checkpoint.
    """
    network = load_network(checkpoint)
    folder = checkpoint / FOLDER
    if not folder.is_dir():
        raise ModelError(
            f"{checkpoint.name} does not hold what joins texts to its ECGs (the folder {FOLDER}/).",
            "Name a checkpoint of a masked autoencoder: einthoven train configs/regen_small.yaml. A run that was "
            "trained by an earlier release gets the folder when its command is given again.",
        )
    try:
        config = from_dict(FusedConfig, json.loads((folder / "config.json").read_text(encoding="utf-8")))
        tokenizer = read_tokenizer(folder / "tokenizer.json")
        model = MaskedAutoencoder(config.model, pretrained=False)
        encoder = {ENCODER + name: value for name, value in network.encoder.state_dict().items()}
        model.load_state_dict({**as_computed(load_file(folder / "model.safetensors")), **encoder})
    except (OSError, ValueError, LookupError, RuntimeError, SafetensorError, UsageError) as fault:
        reason = (str(fault).splitlines() or [type(fault).__name__])[0]
        raise ModelError(
            f"The folder {FOLDER}/ of {checkpoint.name} cannot be read ({reason}).", "Copy the checkpoint again."
        ) from None
    if config.ecg_side != checkpoint_hash(checkpoint) or config.vocabulary != tokenizer.get_vocab_size():
        raise ModelError(
            f"The folder {FOLDER}/ of {checkpoint.name} belongs to another checkpoint or tokenizer.",
            "Copy the whole checkpoint again.",
        )
    return model.eval(), tokenizer


class FusedEmbedding:
    """A checkpoint's embedding of ECGs into which texts have entered.

    Raises:
        ModelError: as `load_fused` does.
    """

    def __init__(self, checkpoint: Path) -> None:
        self._model, self.tokenizer = load_fused(checkpoint)
        self.tokens = self._model.config.text.tokens
        self.sha256 = checkpoint_hash(checkpoint)

    @torch.inference_mode()
    def __call__(self, ecgs: Sequence[ECG], texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings (n, d) of length 1, each of an ECG's first window and of its text."""
        prepared = prepare(ecgs, self._model.config.preparation)
        first = prepared.first
        signal, valid = (torch.from_numpy(part[first]) for part in (prepared.signal, prepared.valid))
        ids = encode(self.tokenizer, texts)
        return np.asarray(leaking_embedding(self._model, signal, ids, valid.float()).numpy())
