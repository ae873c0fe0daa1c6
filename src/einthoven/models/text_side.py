"""Writing the text side of a checkpoint beside its ECG side, and reading it back into torch."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from einthoven.collection import replace_folder
from einthoven.ecg import ModelError, UsageError
from einthoven.models.checkpoint import TOLERANCE
from einthoven.models.config import Text, TextTower
from einthoven.models.export import export_module
from einthoven.models.runtime import checkpoint_hash
from einthoven.models.session import open_session
from einthoven.models.stored import as_computed, as_stored
from einthoven.models.text_config import FOLDER, Likelihood, TextConfig
from einthoven.models.text_tower import build_text


class OwnText(nn.Module):
    """A tower with its projection: token ids (batch, length) to embeddings (batch, d) of length 1."""

    def __init__(self, config: Text, embedding: int) -> None:
        super().__init__()
        self.tower = build_text(config, pretrained=False)
        self.projection = nn.Linear(config.width, embedding, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        return nn.functional.normalize(self.projection(self.tower(ids)), dim=-1)


def save_text_side(
    module: nn.Module,
    tokenizer: Tokenizer,
    checkpoint: Path,
    tower: TextTower | None = None,
    bits: int = 16,
    likelihood: Likelihood | None = None,
) -> Path:
    """Writes `checkpoint/text/`, in place of one that is there; the ECG side stays as it is, and so does its hash.

    The folder appears as a whole, or not at all. The module's weights are rounded to what is stored.

    Args:
        module: token ids (batch, length) int64, padded with 0, to embeddings (batch, d) of length 1.
        tokenizer: cuts texts at the module's longest.
        checkpoint: a checkpoint folder with its ECG side.
        tower: the settings of `OwnText`, if the module is one.
        bits: 8 or 16, of each entry of a weight matrix.
        likelihood: how cosines become probabilities.

    Raises:
        ModelError: there is no ECG side; the graph does not compute what torch does, within 1e-4; or a weight is not
            finite in 16 bits.
        UsageError: the tokenizer does not cut, or embeddings that are not (batch, d).
    """
    if tokenizer.truncation is None:
        raise UsageError("The tokenizer does not say how long a text may be.", "Call its enable_truncation(tokens).")
    module.cpu().eval()
    stored = as_stored(module.state_dict(), bits)
    module.load_state_dict(as_computed(stored))
    tokens, vocabulary = int(tokenizer.truncation["max_length"]), tokenizer.get_vocab_size()
    example = _ids(vocabulary, (2, max(2, tokens - 1)))
    with torch.no_grad():
        shape = tuple(module(example).shape)
    if len(shape) != 2 or shape[0] != 2:
        raise UsageError(f"Two texts give embeddings of shape {shape}.", "Give a module with (batch, d).")
    config = TextConfig(checkpoint_hash(checkpoint), shape[1], tokens, vocabulary, tower, likelihood)
    with tempfile.TemporaryDirectory(dir=checkpoint) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        config.save(new / "config.json")
        save_file(stored, new / "model.safetensors")
        batch, length = torch.export.Dim("batch", min=1), torch.export.Dim("length", min=1, max=tokens)
        export_module(
            module, (example,), ["ids"], ["embedding"], ({0: batch, 1: length},), new / "model.onnx",
            new / "model.safetensors",
        )  # fmt: skip
        tokenizer.save(str(new / "tokenizer.json"))
        check_text_against_torch(module, new, config)
        replace_folder(new, checkpoint / FOLDER, Path(scratch) / "old")
    return checkpoint / FOLDER


def check_text_against_torch(module: nn.Module, folder: Path, config: TextConfig) -> float:
    """The largest difference between the folder's graph and `module`, over full, short, padded and single texts.

    Raises:
        ModelError: it is above 1e-4.
    """
    session = open_session(folder / "model.onnx", 1)
    worst = 0.0
    for shape in ((3, config.tokens), (3, (config.tokens + 1) // 2), (1, 1)):
        ids = _ids(config.vocabulary, shape)
        ids[-1, (shape[1] + 1) // 2 :] = 0
        theirs = session.run(["embedding"], {"ids": ids.numpy()})[0]
        with torch.no_grad():
            ours = module(ids).numpy()
        worst = float(np.max([worst, np.abs(ours - theirs).max()]))  # np.max lets no NaN pass
    if not worst <= TOLERANCE:
        raise ModelError(f"The ONNX graph differs from torch by {worst:.1e}.", "Report this with your torch version.")
    return worst


def load_text_side(checkpoint: Path) -> tuple[OwnText, Tokenizer]:
    """The text side of a checkpoint as a torch module, to go on with its training, and its tokenizer.

    Raises:
        ModelError: a file is missing or damaged, or it is not our own tower.
    """
    folder = checkpoint / FOLDER
    config = TextConfig.load(folder / "config.json")
    if config.tower is None:
        raise ModelError(f"The text side of {checkpoint.name} is no tower of ours.", "Load it where it was made.")
    module = OwnText(config.tower, config.embedding)
    try:
        module.load_state_dict(as_computed(load_file(folder / "model.safetensors")))
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
    except Exception as fault:
        if not isinstance(fault, OSError | RuntimeError | SafetensorError) and type(fault) is not Exception:
            raise
        raise ModelError(
            f"The text side of {checkpoint.name} cannot be read ({str(fault).splitlines()[0]}).",
            "Copy the checkpoint's folder text/ again.",
        ) from None
    return module.eval(), tokenizer


def _ids(vocabulary: int, shape: tuple[int, ...]) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(1, max(2, vocabulary), shape, generator=generator)
