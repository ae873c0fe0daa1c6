"""Several processes that train one network: who does what, and how gradients become those of the whole batch.

A step's ECGs are shared out over the processes; `DistributedDataParallel` takes the mean of their gradients while the
backward pass still runs. With the losses of `training.gathered` that is the gradient of the whole batch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from einthoven.ecg import UsageError
from einthoven.training.gathered import ranks
from einthoven.training.plan import Plan, TrainingError

T = TypeVar("T")
Rows = NDArray[np.integer[Any]]
Losses = Callable[[Any, Rows, Any, np.random.Generator], dict[str, Tensor]]


def expected() -> int:
    """How many processes were started together (by torchrun, or by `einthoven train --devices`); 1 for one alone."""
    return int(os.environ.get("WORLD_SIZE", "1"))


@contextmanager
def team(device: str | None = None) -> Iterator[str]:
    """Inside, this process belongs to those that were started with it; gives the device that it computes on.

    Raises:
        UsageError: more processes on this machine than it has GPUs.
    """
    if expected() == 1:
        yield device or ("cuda" if torch.cuda.is_available() else "cpu")
        return
    place = int(os.environ.get("LOCAL_RANK", "0"))
    if (device or "cuda").startswith("cuda") and torch.cuda.is_available():
        if place >= torch.cuda.device_count():
            raise UsageError(
                f"Process {place + 1} of this machine has no GPU: there are {torch.cuda.device_count()}.",
                f"Set --devices to {torch.cuda.device_count()} or less.",
            )
        device = f"cuda:{place}"
        torch.cuda.set_device(place)
    else:
        device = "cpu"
    distributed.init_process_group("nccl" if device != "cpu" else "gloo")
    try:
        yield device
    finally:
        distributed.destroy_process_group()


def rank() -> int:
    """The number of this process, from 0."""
    return distributed.get_rank() if ranks() > 1 else 0


def shared_out(rows: Rows) -> Rows:
    """This process's part of a step's rows; parts differ in length by one at most."""
    return np.array_split(rows, ranks())[rank()]


def steps_of(ecgs: int, batch: int) -> int:
    """Steps an epoch. A last one that has too few ECGs for two a process is left out where there are several."""
    whole, rest = divmod(ecgs, batch)
    return whole + (rest > 0 if ranks() == 1 else rest >= 2 * ranks())


def check_plan(plan: Plan) -> None:
    """Holds a plan against the number of processes.

    Raises:
        UsageError: a loss that needs the whole batch in one process, or fewer than two ECGs a process.
    """
    if ranks() == 1:
        return
    if plan.vote or plan.contrast or plan.augmentation.mixup:
        raise UsageError(
            "A vote, a contrast with statements, and mixing of ECGs need the whole batch in one process.",
            "Train on one device, or set plan.vote, plan.contrast and plan.augmentation.mixup to 0.",
        )
    if plan.batch < 2 * ranks():
        raise UsageError(
            f"{ranks()} processes cannot share {plan.batch} ECGs a step.", f"Set plan.batch to {2 * ranks()} or more."
        )


def over_processes(network: nn.Module, losses: Losses, unused: bool = True) -> Losses:
    """`losses` such that the backward pass of their sum leaves the mean of all processes' gradients in `network`.

    Args:
        unused: whether some parameter may have no part in a step's losses.
    """
    if ranks() == 1:
        return losses
    device = next(network.parameters()).device
    places = [device.index] if device.type == "cuda" else None
    whole = DistributedDataParallel(_Step(network, losses), device_ids=places, find_unused_parameters=unused)

    def together(network: Any, rows: Rows, memory: Any, rng: np.random.Generator) -> dict[str, Tensor]:
        found: dict[str, Tensor] = whole(rows, memory, rng)
        return found

    return together


class _Step(nn.Module):
    """All of a step's computing in one forward pass, whichever methods of the network it calls."""

    def __init__(self, network: nn.Module, losses: Losses) -> None:
        super().__init__()
        self.network, self.losses = network, losses

    def forward(self, rows: Rows, memory: Any, rng: np.random.Generator) -> dict[str, Tensor]:
        return self.losses(self.network, rows, memory, rng)


def mean_of(values: Mapping[str, Tensor]) -> dict[str, float]:
    """Each value's mean over all processes."""
    if not values:
        return {}
    together = torch.stack([value.detach().float() for value in values.values()])
    if ranks() > 1:
        distributed.all_reduce(together)
    return dict(zip(values, (together / ranks()).tolist(), strict=True))


def same_everywhere(values: Mapping[str, float], device: str) -> dict[str, float]:
    """The first process's values in all: what decides may not differ by a rounding."""
    if ranks() == 1 or not values:
        return dict(values)
    together = torch.tensor(list(values.values()), dtype=torch.float64, device=device)
    distributed.broadcast(together, 0)
    return dict(zip(values, together.tolist(), strict=True))


def first_alone(work: Callable[[], T], device: str) -> T | None:
    """Does the work in the first process while the others wait; its result there, None in the others.

    Raises:
        TrainingError: in the others, if it failed in the first, which raises what it raised.
    """
    if ranks() == 1:
        return work()
    failed, result = torch.zeros(1, device=device), None
    try:
        if rank() == 0:
            result = work()
    except BaseException:
        failed += 1
        raise
    finally:
        distributed.broadcast(failed, 0)
    if failed:
        raise TrainingError("The first process could not go on.", "Its own message says why.")
    return result
