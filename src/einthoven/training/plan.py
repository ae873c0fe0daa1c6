"""How long, how fast, and what for: the settings of a training run."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from einthoven.ecg import EinthovenError, UsageError
from einthoven.models.settings import check_choices
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
        rate: highest learning rate.
        schedule: "cosine": linearly up over `warmup` of all steps, then a cosine down to zero; "linear": the same, then
            a line down to zero; "steps": linearly up over `warmup_epochs`, then times `drop` after each `drop_every`
            epochs, counted from the start (ESI, section 4.1); "tri-stage": linearly up from a hundredth over `warmup`
            of all steps, whole for another `hold` of them, then falling by the same factor each step, to `final` of
            it at the end (fairseq's; M3AE's).
        betas, epsilon: AdamW's.
        weight_decay: AdamW's. decay: what it is put on: "matrices", or "all" parameters.
        clip: longest gradient; a longer one is shortened to it. None leaves it.
        accumulate: in how many pieces a batch goes through the network, for less memory. The gradient is that of the
            whole batch; a contrast needs a second pass for it.
        recompute: whether activations are computed again on the way back instead of being kept (gradient
            checkpointing), for less memory.
        compile: whether torch.compile makes the network faster, which takes minutes at the start.
        shard: whether several processes each keep a part of weights, gradient and optimiser, and fetch the rest when it
            is needed (FSDP), for less memory.
        average: decay of the averaged weights (the ones that are kept), a step.
        groups: weight of the loss on groups of codes.
        hierarchy: which groups: the superclasses, or superclasses and subclasses.
        asymmetry: how strongly codes that are absent and known to be are faded out of the statement loss (the focusing
            exponent of the asymmetric loss); 0 is plain cross-entropy.
        contrast: weight of the contrast between ECG and text; 0 for a network without a text tower.
        contrast_text: what an ECG is contrasted with: its statements in our wordings, or the report that came with it.
        vote: weight of the loss on the vote of neighbours: an ECG's codes, told from those of similar ECGs.
        vote_on: what neighbours vote on: codes, or codes and the groups of `hierarchy`.
        memory: how many ECGs of earlier steps can be such neighbours, beside those of the batch.
        precision: what the network computes in while it trains and is judged; the losses and the weights are float32.
            A device without bfloat16 computes in float32 all the same.
        judge_every: epochs from one look at the held-out ECGs to the next; the last epoch is always looked at.
        seed: of the weights, the order, and the disturbances.
    """

    epochs: int = 18
    batch: int = 64
    rate: float = 2e-3
    schedule: Literal["cosine", "linear", "steps", "tri-stage"] = "cosine"
    warmup: float = 0.1
    warmup_epochs: float = 5.0
    drop: float = 0.1
    drop_every: int = 10
    hold: float = 0.4
    final: float = 0.05
    betas: tuple[float, ...] = (0.9, 0.999)
    epsilon: float = 1e-8
    weight_decay: float = 0.05
    decay: Literal["matrices", "all"] = "matrices"
    clip: float | None = 1.0
    accumulate: int = 1
    recompute: bool = False
    compile: bool = False
    shard: bool = False
    average: float = 0.998
    groups: float = 0.5
    hierarchy: Literal["super", "super+sub"] = "super"
    asymmetry: float = 0.0
    contrast: float = 0.1
    contrast_text: Literal["statements", "report"] = "statements"
    vote: float = 0.0
    vote_on: Literal["codes", "codes+groups"] = "codes"
    memory: int = 2048
    precision: Literal["float32", "bfloat16"] = "float32"
    judge_every: int = 1
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        check_choices(self)
        if self.epochs < 1 or self.batch < 2 or not 0 < self.rate < math.inf or not 0 <= self.warmup < 1:
            raise UsageError(
                "A plan has at least 1 epoch, 2 ECGs a batch, a positive rate, and a warm-up below 1.",
                "Correct the plan.",
            )
        weights = (self.weight_decay, self.groups, self.asymmetry, self.contrast, self.vote, self.memory, self.seed)
        if not all(0 <= value < math.inf for value in weights):
            raise UsageError(
                "weight_decay, groups, asymmetry, contrast, vote, memory and seed are not negative.",
                "Correct the plan.",
            )
        if not (0 < self.drop <= 1 and self.drop_every >= 1 and 0 <= self.warmup_epochs < math.inf):
            raise UsageError(
                "A rate falls to a share above 0 and at most 1, every 1 epoch or more, after a warm-up of 0 or more.",
                "Correct plan.drop, drop_every or warmup_epochs.",
            )
        if not (0 <= self.hold < 1 - self.warmup and 0 < self.final <= 1):
            raise UsageError(
                "Warm-up and hold leave a part of training in which the rate falls, to a share above 0 and at most 1.",
                "Correct plan.warmup, hold or final.",
            )
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas) or not 0 < self.epsilon < 1:
            raise UsageError(
                "AdamW has two betas from 0 to below 1, and an epsilon above 0.", "Correct plan.betas or epsilon."
            )
        if self.clip is not None and not 0 < self.clip < math.inf:
            raise UsageError(f"A gradient cannot be shortened to {self.clip:g}.", "Choose plan.clip above 0, or null.")
        if not 1 <= self.accumulate <= self.batch:
            raise UsageError(
                f"A batch of {self.batch} does not fall into {self.accumulate} pieces.",
                "Choose plan.accumulate from 1 to plan.batch.",
            )
        if self.shard and self.compile:
            raise UsageError(
                "Compiled layers of which each process holds a part were never seen to train.",
                "Set plan.compile or plan.shard to false.",
            )
        if self.judge_every < 1:
            raise UsageError("Held-out ECGs are looked at every epoch or less often.", "Make judge_every at least 1.")
        if not 0 <= self.average < 1:
            raise UsageError(f"No average forgets by {self.average} a step.", "Choose 0 <= plan.average < 1.")
