"""What a checkpoint's `config.json` holds: one frozen dataclass a part, strict to read and to write."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, get_type_hints

from einthoven.ecg import ModelError, UsageError

VERSION = 1
T = TypeVar("T")


@dataclass(frozen=True)
class Preparation:
    """How an ECG becomes the model's input. Applied by the model, and by nothing else.

    A lead that is missing is a row of zeros. One input unit is `unit_mv`: the amplitude is
    kept, because it matters (hypertrophy, low voltage). Recordings longer than `seconds` give evenly
    spaced windows, shorter ones are padded with zeros and masked.

    Args:
        rate: samples a second of the input.
        seconds: length of one window.
        highpass: corner of the zero-phase high-pass in Hz, or None.
        lowpass: corner of the zero-phase low-pass in Hz, or None; at most rate / 2.
        unit_mv: mV that count as 1.
        limit_mv: amplitudes beyond are cut off.
    """

    rate: float = 100.0
    seconds: float = 10.0
    highpass: float | None = 0.5
    lowpass: float | None = 40.0
    unit_mv: float = 0.2
    limit_mv: float = 5.0

    def __post_init__(self) -> None:
        if self.lowpass is not None and self.lowpass > self.rate / 2:
            raise UsageError(
                f"A low-pass at {self.lowpass:g} Hz does not exist at {self.rate:g} Hz.",
                f"Choose at most {self.rate / 2:g} Hz, or null.",
            )
        if min(self.rate, self.seconds, self.unit_mv, self.limit_mv) <= 0:
            raise UsageError("rate, seconds, unit_mv and limit_mv are positive.", "Correct the preparation.")

    @property
    def samples(self) -> int:
        """Samples of one window."""
        return round(self.rate * self.seconds)


@dataclass(frozen=True)
class Encoder:
    """Which ECG encoder, by the name of its size (`models/sizes.py`), and its options.

    `norm` is "layer" (over channels) or "instance" (over time, as ESI's public code has it).
    """

    size: str = "convnextv2_zepto"
    stem_kernel: int = 4
    stem_stride: int = 4
    norm: Literal["layer", "instance"] = "layer"
    drop_path: float = 0.0

    def __post_init__(self) -> None:
        if self.stem_kernel < self.stem_stride:
            raise UsageError(
                f"A stem of kernel {self.stem_kernel} and stride {self.stem_stride} skips samples.",
                "Make stem_kernel at least stem_stride.",
            )
        if not 0 <= self.drop_path < 1:
            raise UsageError(f"drop_path {self.drop_path} is no probability.", "Choose 0 <= drop_path < 1.")


@dataclass(frozen=True)
class TextTower:
    """A small transformer that reads statements: width, depth, heads, and longest text in tokens."""

    width: int = 96
    layers: int = 2
    heads: int = 4
    tokens: int = 64
    vocabulary: int = 2000

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise UsageError(f"Width {self.width} cannot be split over {self.heads} heads.", "Make it a multiple.")


@dataclass(frozen=True)
class ModelConfig:
    """All that is needed to build, feed and read a model.

    Args:
        name: what the model is called in reports.
        codes: SCP codes of the statement head, in the order of its outputs.
        embedding: length d of the embedding.
        text: the text tower, or None for a model without one.
    """

    name: str
    codes: tuple[str, ...]
    embedding: int = 192
    preparation: Preparation = field(default_factory=Preparation)
    encoder: Encoder = field(default_factory=Encoder)
    text: TextTower | None = field(default_factory=TextTower)
    version: int = VERSION

    def __post_init__(self) -> None:
        if self.version != VERSION:
            raise ModelError(
                f"The checkpoint is of version {self.version}; this Einthoven reads version {VERSION}.",
                "Use the Einthoven release that wrote it, or export it again.",
            )
        if len(set(self.codes)) != len(self.codes):
            raise UsageError("A code stands twice in the statement head.", "List each code once.")

    def save(self, path: Path) -> None:
        """Writes `config.json`."""
        path.write_text(json.dumps(dataclasses.asdict(self), indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> ModelConfig:
        """Reads `config.json`.

        Raises:
            ModelError: no such file, or one that is not a model's configuration.
        """
        try:
            return from_dict(cls, json.loads(path.read_text()))
        except FileNotFoundError:
            raise ModelError(
                f"{path.parent.name or path.parent} holds no config.json, so it is no checkpoint.",
                "Name a checkpoint folder: config.json, model.onnx, model.safetensors.",
            ) from None
        except (json.JSONDecodeError, UnicodeDecodeError, UsageError) as fault:
            raise ModelError(
                f"The checkpoint's config.json cannot be read: {fault}", "Copy the checkpoint again."
            ) from None


def from_dict(kind: type[T], values: Any, where: str = "") -> T:
    """A dataclass from nested dictionaries; a key that it does not have is refused by name.

    >>> from_dict(Encoder, {"size": "convnextv2_atto"}).stem_stride
    4
    """
    if not isinstance(values, dict):
        raise UsageError(
            f"{where or kind.__name__} is a table of settings, not {values!r}.", "See configs/ for examples."
        )
    hints = get_type_hints(kind)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise UsageError(f"Unknown setting {where}{unknown[0]}.", f"{kind.__name__} has: {', '.join(sorted(hints))}.")
    try:
        return kind(**{key: _value(hints[key], value, f"{where}{key}.") for key, value in values.items()})
    except TypeError as fault:
        raise UsageError(f"{kind.__name__}: {fault}.", "See configs/ for a complete example.") from None


def _value(hint: Any, value: Any, where: str) -> Any:
    kinds = [hint, *getattr(hint, "__args__", ())]
    nested = next((k for k in kinds if dataclasses.is_dataclass(k)), None)
    if nested is not None and value is not None:
        return from_dict(nested, value, where)  # type: ignore[arg-type]
    return tuple(value) if isinstance(value, list) else value
