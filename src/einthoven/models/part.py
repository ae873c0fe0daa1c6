"""A network of torch's with its tokenizer in a folder: `config.json`, `model.safetensors`, `tokenizer.json`."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from einthoven.collection import replace_folder


def write_part(
    folder: Path, config: Any, weights: Mapping[str, Tensor], tokenizer: Tokenizer, card: str | None = None
) -> None:
    """Writes the folder as a whole, or not at all, in place of one that is there.

    Args:
        config: a dataclass. card: the text of its `README.md`, where it has one.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        text = json.dumps(dataclasses.asdict(config), indent=1) + "\n"
        (new / "config.json").write_text(text, encoding="utf-8", newline="\n")
        save_file(
            {name: value.cpu().clone().contiguous() for name, value in weights.items()}, new / "model.safetensors"
        )
        tokenizer.save(str(new / "tokenizer.json"))
        if card is not None:
            (new / "README.md").write_text(card, encoding="utf-8")
        replace_folder(new, folder, Path(scratch) / "old")
