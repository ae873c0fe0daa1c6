"""What a checkpoint's `config.json` holds: one frozen dataclass a part, strict to read and to write."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from einthoven.ecg import ModelError, UsageError
from einthoven.models.encoders.settings import ConvNeXt, Encoder
from einthoven.models.settings import check_choices, from_dict

VERSION = 1


@dataclass(frozen=True)
class Preparation:
    """How an ECG becomes the model's input. Applied by the model, and by nothing else.

    A lead that is missing is a row of zeros. With `normalise` "fixed", one input unit is `unit_mv`: the amplitude is
    kept, because it matters (hypertrophy, low voltage). "record" and "lead" divide by the standard deviation of
    the recording or of each lead instead, as much of the literature does. Recordings longer than `seconds` give evenly
    spaced windows, shorter ones are padded with zeros and masked.

    Args:
        rate: samples a second of the input.
        seconds: length of one window.
        highpass: corner of the zero-phase high-pass in Hz, or None.
        lowpass: corner of the zero-phase low-pass in Hz, or None; at most rate / 2.
        unit_mv: mV that count as 1.
        limit_mv: amplitudes beyond are cut off.
        normalise: "fixed", "record" or "lead".
    """

    rate: float = 100.0
    seconds: float = 10.0
    highpass: float | None = 0.5
    lowpass: float | None = 40.0
    unit_mv: float = 0.2
    limit_mv: float = 5.0
    normalise: Literal["fixed", "record", "lead"] = "fixed"

    def __post_init__(self) -> None:
        check_choices(self)
        if not all(0 < value < math.inf for value in (self.rate, self.seconds, self.unit_mv, self.limit_mv)):
            raise UsageError("rate, seconds, unit_mv and limit_mv are positive.", "Correct the preparation.")
        if self.lowpass is not None and not 0 < self.lowpass <= self.rate / 2:
            raise UsageError(
                f"A low-pass at {self.lowpass:g} Hz does not exist at {self.rate:g} Hz.",
                f"Choose above 0 and at most {self.rate / 2:g} Hz, or null.",
            )
        if self.highpass is not None and not 0 < self.highpass < (self.lowpass or self.rate / 2):
            raise UsageError(
                f"A high-pass at {self.highpass:g} Hz leaves no band.",
                f"Choose above 0 and below {self.lowpass or self.rate / 2:g} Hz, or null.",
            )

    @property
    def samples(self) -> int:
        """Samples of one window."""
        return round(self.rate * self.seconds)


@dataclass(frozen=True)
class TextTower:
    """A small transformer that reads statements: width, depth, heads, and longest text in tokens."""

    width: int = 96
    layers: int = 2
    heads: int = 4
    tokens: int = 64
    vocabulary: int = 2000
    family: Literal["own"] = "own"

    def __post_init__(self) -> None:
        check_choices(self)
        if min(self.width, self.layers, self.heads, self.tokens, self.vocabulary) < 1:
            raise UsageError("width, layers, heads, tokens and vocabulary are at least 1.", "Correct the text tower.")
        if self.width % self.heads:
            raise UsageError(f"Width {self.width} cannot be split over {self.heads} heads.", "Make it a multiple.")


@dataclass(frozen=True)
class HuggingFaceTower:
    """A pretrained text encoder of the BERT kind: its weights, its tokenizer, its sizes.

    Args:
        name: a folder that holds config.json, the tokenizer's files and weights as safetensors, or a name on the
            Hugging Face hub, such as michiyasunaga/BioLinkBERT-base (ESI's). Only such a name is looked up on the
            network, and only where it is not in the hub's cache of this machine.
        revision: the branch, tag or commit on the hub.
        width: of its states, 768 in encoders of BERT's base size; it is checked against the encoder.
        tokens: longest text in tokens, its marks of start and end among them; what is longer is cut.
        checkpointing: computes states anew in the backward pass instead of keeping them: less memory, more time.
    """

    name: str
    revision: str = "main"
    width: int = 768
    tokens: int = 128
    checkpointing: bool = False
    family: Literal["huggingface"] = "huggingface"

    def __post_init__(self) -> None:
        check_choices(self)
        if not self.name.strip() or not self.revision.strip():
            raise UsageError("The text encoder has no name.", "Set text.name to a folder or a name on the hub.")
        if self.tokens < 3:
            raise UsageError("Two marks and a word do not fit into the text tower.", "Set text.tokens to 3 or more.")


Text = TextTower | HuggingFaceTower


@dataclass(frozen=True)
class Pool:
    """What stands between an encoder and its embedding where that is not the encoder's pooled vector itself.

    Args:
        kind: "query": one learned query that looks over the features in time; "vector": a linear layer on the pooled
            vector, and a norm. Both come from contrastive captioning (`models.captioner`).
        width: of what is found. heads: of the query's attention.
    """

    kind: Literal["query", "vector"]
    width: int
    heads: int = 8

    def __post_init__(self) -> None:
        check_choices(self)
        if min(self.width, self.heads) < 1 or (self.kind == "query" and self.width % self.heads):
            raise UsageError(
                f"A pool of width {self.width} cannot have {self.heads} heads.", "Make the width a multiple of them."
            )


@dataclass(frozen=True)
class ModelConfig:
    """All that is needed to build, feed and read the ECG side of a model; its text side has a folder of its own.

    Args:
        name: what the model is called in reports.
        codes: SCP codes of the statement head, in the order of its outputs; none for a model without a head, of
            which only the embedding is used.
        embedding: length d of the embedding.
        projection: what makes the embedding of the encoder's pooled vector: a "linear" layer that is trained with
            it; "logits", a layer that is fitted after training and half whitens the statement logits, one entry a
            code; or "none" for the vector itself.
        pool: what the embedding is made of instead of the encoder's pooled vector.
        split: the published split whose train ECGs it was trained on, where these were not PTB-XL's folds 1-8. Such a
            model has seen ECGs of folds 9 and 10: it is evaluated on the split's own test ECGs, and on no fold.
    """

    name: str
    codes: tuple[str, ...]
    embedding: int = 192
    preparation: Preparation = field(default_factory=Preparation)
    encoder: Encoder = field(default_factory=ConvNeXt)
    projection: Literal["linear", "logits", "none"] = "linear"
    pool: Pool | None = None
    split: Literal["ecg-qa"] | None = None
    version: int = VERSION

    def __post_init__(self) -> None:
        _check_version(self.version)
        check_choices(self)
        if len(set(self.codes)) != len(self.codes):
            raise UsageError("The statement head has a code twice.", "List each code once.")
        if self.embedding < 1:
            raise UsageError(f"An embedding of length {self.embedding} holds nothing.", "Choose at least 1.")
        if self.pool is not None and self.projection != "linear":
            raise UsageError("What a pool finds is projected linearly.", "Set projection to linear, or leave out pool.")
        if self.projection == "logits" and self.embedding != len(self.codes):
            raise UsageError(
                f"An embedding made of {len(self.codes)} logits is not {self.embedding} long.",
                f"Set embedding to {len(self.codes)}, or projection to linear.",
            )
        if self.preparation.samples < self.encoder.shortest:
            raise UsageError(
                f"A window of {self.preparation.samples} samples gives the encoder not one token.",
                f"Choose preparation.seconds and rate for at least {self.encoder.shortest} samples.",
            )

    def save(self, path: Path) -> None:
        """Writes `config.json`, of the same bytes on every system, for a checkpoint's hash covers them."""
        values = dataclasses.asdict(self)
        if self.split is None:  # so that the checkpoints of folds are of the same bytes as ever
            del values["split"]
        text = json.dumps(values, indent=1) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: Path) -> ModelConfig:
        """Reads `config.json`.

        Raises:
            ModelError: no such file, one of another version, or one that is not a model's configuration.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(values, dict):
                _check_version(values.get("version", VERSION))  # first: other versions have other settings
                _check_text(values.pop("text", None))
            return from_dict(cls, values)
        except OSError:
            raise ModelError(
                f"{path.parent.name or path.parent} holds no config.json, so it is no checkpoint.",
                "Name a checkpoint folder: config.json, model.onnx, model.safetensors.",
            ) from None
        except (json.JSONDecodeError, UnicodeDecodeError, UsageError) as fault:
            raise ModelError(
                f"The checkpoint's config.json cannot be read: {fault}", "Copy the checkpoint again."
            ) from None


def _check_text(tower: object) -> None:
    """Older files say here that there is no text tower; one inside is read no more."""
    if tower is not None:
        raise ModelError(
            "The checkpoint has its text tower inside; this Einthoven keeps text sides in a folder of their own.",
            "Train it again, or use the Einthoven release that wrote it.",
        )


def _check_version(version: object) -> None:
    if version != VERSION:
        raise ModelError(
            f"The checkpoint is of version {version}; this Einthoven reads version {VERSION}.",
            "Use the Einthoven release that wrote it, or export it again.",
        )
