"""What `text/config.json` of a checkpoint holds: the text side, which ECG side it belongs to, how its cosines read."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import ModelError, UsageError
from einthoven.models.config import TextTower
from einthoven.models.settings import from_dict

FOLDER = "text"
"""Of a checkpoint: the sub-folder that its text side lies in."""

VERSION = 1


@dataclass(frozen=True)
class Likelihood:
    """From the cosine of an ECG and a label to the probability that the label is stated of the ECG.

    The probability is 1 / (1 + exp(-(slope * cosine + offset))), fitted (Platt 1999) on ECGs that trained neither side.

    Args:
        slope, offset: of the logit.
        data: what it was learned from, in words.
        ecgs, patients: how many.
        labels: how many labels, each in several wordings.
        error: mean difference of probability and frequency over ten bins, on patients that it was not fitted on.
    """

    slope: float
    offset: float
    data: str
    ecgs: int
    patients: int
    labels: int
    error: float

    def __post_init__(self) -> None:
        if not self.slope > 0 or not math.isfinite(self.slope + self.offset) or not 0 <= self.error <= 1:
            raise UsageError("A likelihood grows with the cosine.", "Give a slope above 0, and an error from 0 to 1.")

    def probability(self, cosine: float) -> float:
        """Of a label at this cosine from an ECG.

        >>> Likelihood(10.0, -5.0, "", 1, 1, 1, 0.0).probability(0.5)
        0.5
        """
        return 1 / (1 + math.exp(-(self.slope * cosine + self.offset)))


@dataclass(frozen=True)
class TextConfig:
    """All that is needed to feed a text side and to read it.

    Args:
        ecg_sha256: hash of the ECG side (`runtime.checkpoint_hash`) that it was trained with, and works with alone.
        embedding: length d of its embeddings.
        tokens: the longest text; what is longer is cut.
        vocabulary: how many token ids it knows.
        tower: its settings where it is our own small tower, for going on with its training; else None.
        likelihood: how its cosines become probabilities, where that was learned.
    """

    ecg_sha256: str
    embedding: int
    tokens: int
    vocabulary: int
    tower: TextTower | None = None
    likelihood: Likelihood | None = None
    version: int = VERSION

    def __post_init__(self) -> None:
        _check_version(self.version)
        if not re.fullmatch(r"[0-9a-f]{64}", self.ecg_sha256):
            raise UsageError("The hash of the ECG side is not one.", "Give the 64 digits of its SHA-256.")
        if min(self.embedding, self.tokens, self.vocabulary) < 1:
            raise UsageError("embedding, tokens and vocabulary are at least 1.", "Correct the text side.")

    def save(self, path: Path) -> None:
        """Writes `config.json`, of the same bytes on every system."""
        text = json.dumps(dataclasses.asdict(self), indent=1) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: Path) -> TextConfig:
        """Reads `config.json`.

        Raises:
            ModelError: no such file, one of another version, or one that is not a text side's configuration.
        """
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(values, dict):
                _check_version(values.get("version", VERSION))
            return from_dict(cls, values)
        except OSError:
            raise ModelError(
                "The text side of the checkpoint lacks config.json.", "Copy the checkpoint's folder text/ again."
            ) from None
        except (json.JSONDecodeError, UnicodeDecodeError, UsageError) as fault:
            raise ModelError(
                f"The config.json of the checkpoint's text side cannot be read: {fault}",
                "Copy the checkpoint's folder text/ again.",
            ) from None


def _check_version(version: object) -> None:
    if version != VERSION:
        raise ModelError(
            f"The checkpoint's text side is of version {version}; this Einthoven reads version {VERSION}.",
            "Use the Einthoven release that wrote it, or train it again.",
        )
