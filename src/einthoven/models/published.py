"""Text encoders as others publish them: a folder or a name on the Hugging Face hub; safetensors, no code of theirs."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn

from einthoven.ecg import MissingPackageError, ModelError
from einthoven.models.config import HuggingFaceTower

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
WANTED = (
    "config.json",
    "*.safetensors",
    "model.safetensors.index.json",
    "tokenizer*",
    "vocab*",
    "merges.txt",
    "s*piece*.model",
)

VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model")


def published_folder(config: HuggingFaceTower) -> Path:
    """Where the encoder's files lie: its own folder, or the hub's cache on this machine, filled if need be.

    The network is touched only for a name that is no folder and not in that cache.

    Raises:
        ModelError: no such folder, or a name that the hub does not give; the message says what to do.
        MissingPackageError: transformers is not installed.
    """
    if importlib.util.find_spec("transformers") is None:
        raise MissingPackageError(
            "A Hugging Face text encoder needs the package transformers.", "Install it: pip install 'einthoven[train]'."
        )
    folder = Path(config.name).expanduser()
    if folder.is_dir():
        return folder
    if HUB_NAME.fullmatch(config.name) is None or ".." in config.name:
        raise ModelError(
            f"There is no folder {config.name} with a text encoder.",
            "Name a folder that holds config.json, tokenizer and *.safetensors, or a name on the hub.",
        )
    return _from_hub(config)


def load_config(folder: Path, name: str) -> Any:
    """The encoder's configuration, without running any code that came with it.

    Raises:
        ModelError: none, a damaged one, or one of an architecture that transformers does not have.
    """
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise ModelError(
            f"The config.json of {name} is not one of an encoder in transformers ({_first_line(fault)}).",
            "Download the encoder again, or name another.",
        ) from None


def load_tokenizer(folder: Path, name: str) -> Tokenizer:
    """A fresh copy of the encoder's tokenizer, which neither cuts nor pads, whatever it was published to do.

    Raises:
        ModelError: none, a damaged one, or one that the tokenizers package cannot run.
    """
    from transformers import AutoTokenizer

    try:
        if not any((folder / file).exists() for file in VOCABULARIES):
            raise FileNotFoundError("there is none")  # transformers would make one that knows no word
        found = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        tokenizer: Tokenizer = Tokenizer.from_str(found.backend_tokenizer.to_str())
    except Exception as fault:  # noqa: BLE001 - the Rust side raises plain Exception
        raise ModelError(
            f"The tokenizer of {name} cannot be read ({_first_line(fault)}).",
            "The folder needs tokenizer.json, or the vocabulary that it was trained with: download the encoder again.",
        ) from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_weights(folder: Path, name: str, settings: Any, pretrained: bool = True) -> nn.Module:
    """The encoder, in float32; with fresh weights where not `pretrained`.

    Raises:
        ModelError: no safetensors, damaged ones, or ones that lack some of the encoder's weights.
    """
    from transformers import AutoModel

    attention = "sdpa"  # it takes a true-or-false mask; others want numbers
    try:
        if not pretrained:
            return AutoModel.from_config(settings, trust_remote_code=False, attn_implementation=attention)  # type: ignore[no-any-return]
        if not any(folder.glob("*.safetensors")):
            raise _pickled(name)
        with _without_bars():
            model, found = AutoModel.from_pretrained(
                folder,
                config=settings,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                attn_implementation=attention,
                dtype=torch.float32,
                output_loading_info=True,
            )
    except ModelError:
        raise
    except Exception as fault:  # noqa: BLE001 - safetensors and transformers raise of many kinds
        raise ModelError(
            f"The weights of {name} cannot be loaded ({_first_line(fault)}).", "Download the encoder again."
        ) from None
    lacking = sorted(key for key in found["missing_keys"] if "pooler" not in key)
    if lacking:
        raise ModelError(
            f"{name} lacks weights of the encoder that its config.json describes: {lacking[0]} and "
            f"{len(lacking) - 1} more.",
            "Name a folder whose weights and config.json belong together.",
        )
    return model  # type: ignore[no-any-return]


@contextmanager
def _without_bars() -> Iterator[None]:
    """Inside, transformers draws no bars of its own."""
    from transformers.utils import logging

    drawn = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if drawn:
            logging.enable_progress_bar()


def _from_hub(config: HuggingFaceTower) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    fault: Exception
    for cached in (True, False):
        try:
            folder = Path(
                snapshot_download(
                    config.name, revision=config.revision, allow_patterns=list(WANTED), local_files_only=cached
                )
            )
        except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError, ValueError) as found:
            fault = found
            continue
        if (folder / "config.json").exists() and (not cached or any(folder.glob("*.safetensors"))):
            return folder
        fault = FileNotFoundError("no config.json")
    raise ModelError(
        f"The text encoder {config.name} is no folder here, is not in the hub's cache of this machine, and the hub "
        f"does not give it ({_first_line(fault)}).",
        "Check its name, or download it where there is a network and set text.name to the folder.",
    ) from None


def _pickled(name: str) -> ModelError:
    return ModelError(
        f"{name} has no weights as safetensors; others are pickles, which can run code, and are not opened.",
        "Set text.revision to one that has them (the hub's conversions are such as refs/pr/1), or convert it once on "
        "a machine apart with AutoModel.from_pretrained(NAME).save_pretrained(FOLDER), and set text.name to FOLDER.",
    )


def _first_line(fault: Exception) -> str:
    lines = str(fault).strip().splitlines()
    return (lines[0] if lines else type(fault).__name__)[:160].rstrip(".")
