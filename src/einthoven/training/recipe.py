"""A training configuration: one YAML file, read strictly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from einthoven.ecg import UsageError
from einthoven.models.config import Encoder, Preparation, TextTower, from_dict
from einthoven.training.plan import Plan


@dataclass(frozen=True)
class Data:
    """Which ECGs: a data set by name, its rate, the folds that are trained on and the one that chooses."""

    dataset: str = "ptb-xl"
    rate: int = 100
    train: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    choose: tuple[int, ...] = (9,)

    def __post_init__(self) -> None:
        if set(self.train) & set(self.choose):
            raise UsageError("A fold both trains and chooses.", "Keep data.train and data.choose apart.")
        if 10 in (*self.train, *self.choose):
            raise UsageError("Fold 10 is for reporting only.", "Take it out of data.train and data.choose.")


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run, but for the data folder and the machine."""

    name: str
    data: Data = field(default_factory=Data)
    preparation: Preparation = field(default_factory=Preparation)
    encoder: Encoder = field(default_factory=Encoder)
    text: TextTower | None = field(default_factory=TextTower)
    embedding: int = 192
    plan: Plan = field(default_factory=Plan)


def read_recipe(path: Path, changes: Sequence[str] = ()) -> Recipe:
    """A recipe from a YAML file, with changes such as "plan.epochs=3".

    Raises:
        UsageError: no such file, not YAML, an unknown setting, or an illegal value.
    """
    try:
        values = yaml.safe_load(path.read_text())
    except OSError:
        raise UsageError(f"There is no configuration {path}.", "See configs/ for those that ship.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path} is not YAML: {str(fault).splitlines()[0]}.", "Compare it with configs/.") from None
    if not isinstance(values, dict):
        raise UsageError(f"{path} holds no settings.", "Compare it with configs/.")
    for change in changes:
        _set(values, change)
    return from_dict(Recipe, values)


def _set(values: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals:
        raise UsageError(f"'{change}' is no setting.", "Write --set key=value, such as --set plan.epochs=3.")
    *path, last = key.split(".")
    for part in path:
        values = values.setdefault(part, {})
        if not isinstance(values, dict):
            raise UsageError(f"{part} in '{change}' holds no settings.", "Compare the key with the configuration.")
    values[last] = yaml.safe_load(text)
