"""A trained report generator on disk: `config.json`, `model.safetensors`, `tokenizer.json`; run by torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer

from einthoven.ecg import ECG, ModelError, UsageError
from einthoven.models.config import Preparation
from einthoven.models.encoders.settings import ConvNeXt, Encoder
from einthoven.models.generation import beam
from einthoven.models.generator import Generator
from einthoven.models.generator_settings import Generating
from einthoven.models.part import write_part
from einthoven.models.preparation import prepare
from einthoven.models.settings import from_dict
from einthoven.models.text_tower import read_tokenizer

KIND = "report generator"


@dataclass(frozen=True)
class GeneratorConfig:
    """All that is needed to build, feed and read a generator."""

    name: str
    preparation: Preparation = field(default_factory=Preparation)
    encoder: Encoder = field(default_factory=ConvNeXt)
    generating: Generating = field(default_factory=Generating)
    kind: str = KIND


def save_generator(
    network: Generator, config: GeneratorConfig, tokenizer: Tokenizer, folder: Path, card: str = ""
) -> None:
    """Writes the folder as a whole, or not at all."""
    write_part(folder, config, network.state_dict(), tokenizer, card)


class ReportWriter:
    """A generator, opened: ECGs in, report texts out, by beams as its configuration says.

    Raises:
        ModelError: the folder holds no generator, or a damaged one.
    """

    def __init__(self, folder: Path) -> None:
        try:
            values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            if not isinstance(values, dict) or values.get("kind") != KIND:
                raise ModelError(
                    f"{folder.name} holds no report generator.", "Train one: einthoven train configs/transformer.yaml."
                )
            self.config = from_dict(GeneratorConfig, values)
            self._network = Generator(self.config.encoder, self.config.generating)
            self._network.load_state_dict(load_file(folder / "model.safetensors"))
            self._tokenizer = read_tokenizer(folder / "tokenizer.json")
        except (OSError, ValueError, RuntimeError, SafetensorError, UsageError) as fault:
            reason = (str(fault).splitlines() or [type(fault).__name__])[0]
            raise ModelError(f"The generator in {folder.name} cannot be read ({reason}).", "Copy it again.") from None
        self._network.eval()

    @property
    def name(self) -> str:
        """What the generator calls itself."""
        return self.config.name

    @torch.inference_mode()
    def __call__(self, ecgs: Sequence[ECG]) -> list[str]:
        """A report for each ECG, of its first window."""
        prepared = prepare(ecgs, self.config.preparation)
        first = prepared.first
        signal, valid = (torch.from_numpy(part[first]) for part in (prepared.signal, prepared.valid))
        context, there = self._network.context(signal, valid.float())

        def step(ids: torch.Tensor, owner: torch.Tensor) -> torch.Tensor:
            return self._network.next_token(ids, context[owner], None if there is None else there[owner]).float()

        how = self.config.generating
        written = beam(step, len(ecgs), how.tokens - 1, width=how.beam)
        return [self._tokenizer.decode(list(text.ids)) for text in written]
