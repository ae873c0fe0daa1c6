"""No number on a fold of PTB-XL by a model that has seen ECGs of every fold."""

from __future__ import annotations

from einthoven.ecg import UsageError
from einthoven.models import ModelConfig


def split_of(model: object) -> str | None:
    """The published split that a model, or one of a configuration, was trained on in place of folds; else None."""
    known = (model, getattr(model, "config", None), getattr(getattr(model, "original", None), "config", None))
    return next((one.split for one in known if isinstance(one, ModelConfig)), None)


def refuse_split(*models: object) -> None:
    """Refuses models that were trained on a published split whose ECGs lie in folds 9 and 10 too.

    Raises:
        UsageError: one of them was.
    """
    for model in models:
        if (split := split_of(model)) is not None:
            name = getattr(model, "name", "")
            raise UsageError(
                f"{name} was trained on train ECGs of {split}, which lie in every fold of PTB-XL, 9 and 10 among them.",
                "Evaluate a model that was trained on folds 1-8. This one is for that split's own test ECGs: "
                "einthoven evaluate qa --ours --model CHECKPOINT --questions DIR --part test --own.",
            )
