"""What writes captions, in the folder `captioner/` of a checkpoint: `config.json`, `model.safetensors`,
`tokenizer.json`; run by torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import Tokenizer

from einthoven.ecg import ECG, ModelError, UsageError
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.config import Preparation, Text
from einthoven.models.encoders.settings import Encoder
from einthoven.models.generation import Write, describe
from einthoven.models.part import write_part
from einthoven.models.preparation import prepare
from einthoven.models.runtime import checkpoint_hash
from einthoven.models.settings import from_dict
from einthoven.models.stored import as_computed, as_stored

FOLDER = "captioner"
"""Of a checkpoint: the sub-folder that what writes captions lies in."""


@dataclass(frozen=True)
class CaptionerConfig:
    """All that is needed to build, feed and read a captioner.

    Args:
        ecg_side: `checkpoint_hash` of the ECG side that was trained with it.
    """

    ecg_side: str
    preparation: Preparation
    encoder: Encoder
    text: Text
    embedding: int
    captioning: Captioning


@dataclass(frozen=True)
class Caption:
    """What was written for an ECG.

    Args:
        log_probability: natural logarithm, of all its tokens given the ECG.
        tokens: how many. ended: False where it was cut at the longest text.
    """

    text: str
    log_probability: float
    tokens: int
    ended: bool


def save_captioner(
    network: Captioner,
    encoder: Encoder,
    text: Text,
    preparation: Preparation,
    tokenizer: Tokenizer,
    checkpoint: Path,
    bits: int = 16,
) -> None:
    """Writes `checkpoint/captioner/` as a whole, or not at all; the weights are rounded to what is stored.

    Args:
        encoder, text, preparation: what the network was made of and is fed with.
        checkpoint: a checkpoint folder with its ECG side.

    Raises:
        ModelError: there is no ECG side, or a weight is not finite in 16 bits.
    """
    embedding = network.ecg_embedding.out_features
    config = CaptionerConfig(checkpoint_hash(checkpoint), preparation, encoder, text, embedding, network.config)
    write_part(checkpoint / FOLDER, config, as_stored(network.state_dict(), bits), tokenizer)


class CaptionWriter:
    """The captioner of a checkpoint, opened: ECGs in, captions out.

    Raises:
        ModelError: the checkpoint writes no captions, its captioner is damaged or belongs to another ECG side, or the
            text encoder of others that it was made with is not to be had.
    """

    def __init__(self, checkpoint: Path) -> None:
        folder = checkpoint / FOLDER
        if not folder.is_dir():
            raise ModelError(
                f"The checkpoint {checkpoint.name} writes no captions.",
                "Train one that does: einthoven train configs/esi_small.yaml, with captioning.caption above 0 and a "
                "text_pass other than bidirectional.",
            )
        try:
            values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            self.config = from_dict(CaptionerConfig, values)
            made = self.config
            self._network = Captioner(made.encoder, made.text, made.embedding, made.captioning, pretrained=False)
            self._network.load_state_dict(as_computed(load_file(folder / "model.safetensors")))
            self._tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
        except ModelError:
            raise
        except Exception as fault:
            known = OSError | ValueError | RuntimeError | KeyError | SafetensorError | UsageError
            if not isinstance(fault, known) and type(fault) is not Exception:  # the tokenizer's own
                raise
            reason = (str(fault).splitlines() or [type(fault).__name__])[0]
            raise ModelError(
                f"The captioner of {checkpoint.name} cannot be read ({reason}).", "Copy its folder captioner/ again."
            ) from None
        if made.ecg_side != checkpoint_hash(checkpoint):
            raise ModelError(
                f"The captioner in {checkpoint.name} was trained with another ECG side.", "Copy the whole checkpoint."
            )
        self._network.eval()

    @torch.inference_mode()
    def __call__(self, ecgs: Sequence[ECG], write: Write | None = None) -> list[Caption]:
        """A caption for each ECG, of its first window; greedily, unless `write` says (`models.generation`).

        Raises:
            ModelError: the network gives numbers that are not finite.
        """
        if not ecgs:
            return []
        prepared = prepare(ecgs, self.config.preparation)
        first = prepared.first
        signal, valid = (torch.from_numpy(part[first]) for part in (prepared.signal, prepared.valid))
        written = describe(self._network, signal, valid.float(), write)
        return [
            Caption(self._tokenizer.decode(list(one.ids)), one.log_probability, len(one.ids), one.ended)
            for one in written
        ]


def writes_captions(captioning: Captioning, weight: float) -> bool:
    """Whether a captioner that was trained with this weight of the caption's loss can write: one that has seen what
    follows has not learned it."""
    return weight > 0 and captioning.text_pass != "bidirectional"
