"""How long, how fast, and what for: the settings of a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from einthoven.ecg import EinthovenError, UsageError
from einthoven.training.augment import Augmentation


class TrainingError(EinthovenError):
    """Training that cannot go on: a loss that is not finite, or ECGs that teach nothing."""

    kind = "training"


@dataclass(frozen=True)
class Plan:
    """How long, how fast, and what for.

    Args:
        epochs: passes over the training ECGs.
        batch: ECGs a step.
        rate: highest learning rate, reached after `warmup` of all steps, then a cosine down to zero.
        weight_decay: AdamW's, on weight matrices only.
        average: decay of the averaged weights (the ones that are kept), a step.
        groups: weight of the loss on superclasses.
        contrast: weight of the contrast between ECG and text; 0 for a network without a text tower.
        seed: of the weights, the order, and the disturbances.
    """

    epochs: int = 18
    batch: int = 64
    rate: float = 2e-3
    warmup: float = 0.1
    weight_decay: float = 0.05
    average: float = 0.998
    groups: float = 0.5
    contrast: float = 0.1
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2 or not 0 < self.rate < math.inf or not 0 <= self.warmup < 1:
            raise UsageError(
                "A plan has at least 1 epoch, 2 ECGs a batch, a positive rate, and a warm-up below 1.",
                "Correct the plan.",
            )
        if not all(0 <= value < math.inf for value in (self.weight_decay, self.groups, self.contrast, self.seed)):
            raise UsageError("weight_decay, groups, contrast and seed are not negative.", "Correct the plan.")
        if not 0 <= self.average < 1:
            raise UsageError(f"No average forgets by {self.average} a step.", "Choose 0 <= plan.average < 1.")
