"""The configuration of a text side that is fitted onto a trained ECG side: one YAML file, read strictly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from einthoven.ecg import UsageError
from einthoven.models.config import TextTower
from einthoven.models.runtime import BUNDLED
from einthoven.models.settings import check_choices, from_dict
from einthoven.statements.withheld import withheld
from einthoven.training.data import Data
from einthoven.training.recipe import change_values, read_yaml

MARK = "ecg_side"
"""The setting that tells such a configuration from one that trains an ECG side."""


@dataclass(frozen=True)
class TextPlan:
    """How long, how fast, and what a step holds.

    Args:
        steps: of the optimiser.
        labels, descriptions, reports, lists: texts of each kind a step.
        ecgs: that each text of a step is compared with, drawn at random.
        rare: how much more a text counts the fewer ECGs it holds for: by their share to the power of -rare.
        rate: highest learning rate, after `warmup` of all steps, then a cosine down to zero.
        average: decay of the averaged weights, which are those that are kept.
        judge_every: steps from one look at the choosing fold to the next.
        seed: of weights, order and draws.
    """

    steps: int = 700
    labels: int = 40
    descriptions: int = 4
    reports: int = 12
    lists: int = 8
    ecgs: int = 2048
    rare: float = 0.75
    rate: float = 3e-3
    warmup: float = 0.1
    weight_decay: float = 0.05
    average: float = 0.99
    judge_every: int = 100
    seed: int = 0

    def __post_init__(self) -> None:
        counts = (self.labels, self.descriptions, self.reports, self.lists)
        if min(self.steps, self.ecgs, self.judge_every) < 1 or min(counts) < 0 or not sum(counts):
            raise UsageError("A step holds texts and ECGs, and there is one at least.", "Correct the plan.")
        if not 0 < self.rate < math.inf or not 0 <= self.warmup < 1 or not 0 <= self.average < 1:
            raise UsageError(
                "rate is positive, warmup and average are from 0 to below 1.", "Correct the plan of the text side."
            )
        if not 0 <= self.weight_decay < math.inf or not 0 <= self.rare <= 1 or self.seed < 0:
            raise UsageError(
                "weight_decay and seed are not negative, and rare is from 0 to 1.", "Correct the plan of the text side."
            )


@dataclass(frozen=True)
class TextRecipe:
    """All that decides how a text side is fitted onto an ECG side, but for the data folder and the machine.

    Args:
        ecg_side: "bundled", or a checkpoint's folder; it stays as it is (locked-image tuning, Zhai 2022).
        tower: of our own kind.
        bits: of each entry of a weight matrix.
        without: a group of codes (`einthoven.statements.withheld`) that no text may tell of; for measuring alone.
        embeddings: a file that the ECGs' embeddings are kept in from one run to the next.
    """

    ecg_side: str = "bundled"
    data: Data = field(default_factory=Data)
    tower: TextTower = field(default_factory=TextTower)
    bits: Literal[8, 16] = 8
    without: str | None = None
    embeddings: str | None = None
    plan: TextPlan = field(default_factory=TextPlan)

    def __post_init__(self) -> None:
        check_choices(self)
        if self.without is not None:
            withheld(self.without)  # refuses what is no group
        if self.data.split is not None:
            raise UsageError("A text side is fitted on folds alone.", "Leave data.split out.")

    @property
    def checkpoint(self) -> Path:
        """The folder of the ECG side."""
        return BUNDLED if self.ecg_side == "bundled" else Path(self.ecg_side)


def read_text_recipe(path: Path, changes: Sequence[str] = ()) -> TextRecipe | None:
    """The recipe of a text side; None where the file configures an ECG side.

    Raises:
        UsageError: no such file, not YAML, an unknown setting, or an illegal value.
    """
    values: Any = read_yaml(path, "configuration", "configs/")
    if not isinstance(values, dict) or MARK not in values:
        return None
    change_values(values, changes)
    return from_dict(TextRecipe, values)
