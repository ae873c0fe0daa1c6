"""Shares of the highest learning rate over a run."""

from __future__ import annotations

import math

from einthoven.training.plan import Plan

START = 0.01
"""Share of the highest rate with which a tri-stage schedule starts."""


def share(plan: Plan, step: int, steps: int) -> float:
    """The share of `plan.rate` at a step (from 0, over all epochs), with `steps` steps an epoch."""
    done = step / (steps * plan.epochs)
    if plan.schedule == "cosine":
        return cosine(done, plan.warmup)
    if plan.schedule == "linear":
        return done / plan.warmup if done < plan.warmup else (1 - done) / (1 - plan.warmup)
    if plan.schedule == "tri-stage":
        return tri_stage(done, plan.warmup, plan.hold, plan.final)
    return by_epoch(step, steps, plan.warmup_epochs, plan.drop, plan.drop_every)


def cosine(done: float, warmup: float) -> float:
    """At `done` (0 to 1) of training: linear up, then a cosine to 0."""
    if done < warmup:
        return done / warmup
    return 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def by_epoch(step: int, steps: int, warmup: float, drop: float, every: int) -> float:
    """At a step: linear up over `warmup` epochs, the whole at the last step of them; times `drop` in the power of
    whole `every` epochs that are past (ESI, section 4.1: 5 epochs, x 0.1 every 10)."""
    rising = warmup * steps
    up = min(1.0, (step + 1) / rising) if rising else 1.0
    return up * drop ** (step // (steps * every))


def tri_stage(done: float, warmup: float, hold: float, final: float) -> float:
    """At `done` (0 to 1) of training: from a hundredth linearly up over `warmup`, whole over `hold`, then by the same
    factor each step down to `final` at the end (fairseq's schedule of that name)."""
    if done < warmup:
        return START + (1 - START) * done / warmup
    return float(final ** max(0.0, (done - warmup - hold) / (1 - warmup - hold)))
