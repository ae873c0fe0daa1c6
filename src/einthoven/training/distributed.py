"""Several processes that train one network: who does what, and how gradients become those of the whole batch.

`plan.batch` is that of all processes together: a step's ECGs are shared out over them, and the mean of their gradients
is taken once the backward pass is done, whatever it was made of (pieces, cached embeddings). With the losses of
`training.gathered` that is the gradient of the whole batch, so that a run does not depend on the number of devices but
for its random numbers.
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

from einthoven.ecg import UsageError
from einthoven.training.faults import ECHOES, FOLDER, STATE_KEPT, end_with_parent
from einthoven.training.gathered import buckets, ranks
from einthoven.training.plan import Plan, TrainingError
from einthoven.training.shards import is_part

T = TypeVar("T")


class PeerError(TrainingError):
    """Another of the processes that train together failed; its own message says why."""

    kind = ECHOES[0]


Rows = NDArray[np.integer[Any]]


def expected() -> int:
    """How many processes were started together (by torchrun, or by `einthoven train --devices`); 1 for one alone."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def started_first() -> bool:
    """Whether this process is the one that speaks for all that were started together, before and after they meet."""
    return os.environ.get("RANK", "0") == "0"


@contextmanager
def team(device: str | None = None) -> Iterator[str]:
    """Inside, this process belongs to those that were started with it; gives the device that it computes on.

    Raises:
        UsageError: more processes on this machine than it has GPUs.
        PeerError: the work inside, where another process does not answer any more.
    """
    if expected() == 1:
        yield device or ("cuda" if torch.cuda.is_available() else "cpu")
        return
    if FOLDER in os.environ:
        end_with_parent()
    place = int(os.environ.get("LOCAL_RANK", "0"))
    if (device or "cuda").startswith("cuda") and torch.cuda.is_available():
        check_machine(place + 1)
        device = f"cuda:{place}"
        torch.cuda.set_device(place)
    else:
        device = "cpu"
    distributed.init_process_group("nccl" if device != "cpu" else "gloo")
    try:
        with answering():
            yield device
    finally:
        distributed.destroy_process_group()


@contextmanager
def answering() -> Iterator[None]:
    """Inside, it is told of when another process does not answer any more.

    Raises:
        PeerError: that is so.
    """
    try:
        yield
    except RuntimeError as fault:  # gloo's faults have no type of their own
        if not isinstance(fault, distributed.DistError) and "gloo" not in str(fault):
            raise
        raise PeerError(
            f"Process {rank() + 1} of {ranks()} cannot go on: another one ended, or cannot be reached.",
            f"Its own message says why. {STATE_KEPT}",
        ) from None


def rank() -> int:
    """The number of this process, from 0."""
    return distributed.get_rank() if ranks() > 1 else 0


def shared_out(rows: Rows) -> Rows:
    """This process's part of a step's rows; parts differ in length by one at most."""
    return np.array_split(rows, ranks())[rank()]


def weight_of(rows: Rows, every: Rows) -> float:
    """What losses that are means over this process's rows are weighed by, so that their mean over all processes is that
    of every row of the step."""
    return 1.0 if ranks() == 1 else len(rows) / len(every) * ranks()


def part_seed() -> list[int]:
    """What tells this process's random numbers from the others'; nothing where it is alone."""
    return [rank()] if ranks() > 1 else []


def steps_of(ecgs: int, plan: Plan, processes: int | None = None) -> int:
    """Steps an epoch. With several processes (those that there are, unless told of others), a last one that gives some
    of them too few ECGs is left out.

    Raises:
        UsageError: that leaves none.
    """
    together = processes or ranks()
    whole, rest = divmod(ecgs, plan.batch)
    steps = whole + (rest > 0 if together == 1 else rest >= _fewest(plan) * together)
    if not steps and together > 1:
        raise UsageError(
            f"{together} processes cannot share {ecgs} ECGs: there is not one step in them.",
            "Train on fewer devices, or on more ECGs.",
        )
    return steps


def check_machine(processes: int) -> None:
    """Holds processes of this machine, one a GPU, against its GPUs; without any they compute on its CPU.

    Raises:
        UsageError: more processes than GPUs.
    """
    there = torch.cuda.device_count() if torch.cuda.is_available() else processes
    if processes > there:
        raise UsageError(
            f"Process {there + 1} of this machine has no GPU: there are {there}.", f"Set --devices to {there} or less."
        )


def check_plan(plan: Plan, processes: int | None = None) -> None:
    """Holds a plan against the number of processes: those that there are, unless told of others yet to start.

    Raises:
        UsageError: a loss that needs the whole batch in one process, too few ECGs for all, or nothing to shard over.
    """
    together = processes or ranks()
    if together == 1:
        if plan.shard:
            raise UsageError(
                "One process has no others to share weights and optimiser with (plan.shard).",
                "Set --devices to 2 or more, or plan.shard to false; a run in shards goes on without them, too.",
            )
        return
    if plan.vote or plan.contrast or plan.augmentation.mixup:
        raise UsageError(
            "A vote, a contrast with statements, and mixing of ECGs need the whole batch in one process.",
            "Train on one device, or set plan.vote, plan.contrast and plan.augmentation.mixup to 0.",
        )
    if plan.batch < _fewest(plan) * together:
        raise UsageError(
            f"{together} processes cannot share {plan.batch} ECGs a step.",
            f"Set plan.batch, which is that of all together, to {_fewest(plan) * together} or more.",
        )


def _fewest(plan: Plan) -> int:
    return max(2, plan.accumulate)  # each piece has an ECG, in every process


@torch.no_grad()
def alike(network: nn.Module, device: str) -> None:
    """Gives all processes the first one's weights, which are sent by the device."""
    if ranks() > 1:
        for value in (*network.parameters(), *network.buffers()):
            there = value.detach().to(device)
            distributed.broadcast(there, 0)
            value.copy_(there)


@torch.no_grad()
def average_gradients(network: nn.Module) -> None:
    """Makes each gradient, and what batch normalisation has seen, the mean over all processes.

    Gradients of parts (`training.shards`) are that already.
    """
    if ranks() == 1:
        return
    learning = [p for p in network.parameters() if p.requires_grad and not is_part(p)]
    touched = torch.tensor([p.grad is not None for p in learning], dtype=torch.uint8)
    touched = touched.to(next(network.parameters()).device)
    distributed.all_reduce(touched, distributed.ReduceOp.MAX)  # all send the same, whatever a process left out
    weight = 1 / ranks()
    sent: list[Tensor] = []
    for parameter, some in zip(learning, touched.tolist(), strict=True):
        if some:
            parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.mul_(weight)
            sent.append(parameter.grad)
    sent += [buffer.div_(ranks()) for buffer in network.buffers() if buffer.is_floating_point()]
    waiting = []
    for bucket in buckets(sent):
        flat = torch.cat([value.flatten() for value in bucket])
        waiting.append((distributed.all_reduce(flat, async_op=True), flat, bucket))
    for work, flat, bucket in waiting:
        work.wait()
        for value, whole in zip(bucket, torch.split(flat, [value.numel() for value in bucket]), strict=True):
            value.copy_(whole.view_as(value))


def mean_of(values: Mapping[str, Tensor]) -> dict[str, float]:
    """Each value of the whole batch: the mean over all processes."""
    together = torch.stack([value.detach().float() for value in values.values()])
    if ranks() > 1:
        together *= 1 / ranks()
        distributed.all_reduce(together)
    return dict(zip(values, together.tolist(), strict=True))


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
        PeerError: in the others, if it failed in the first, which raises what it raised.
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
        raise PeerError("The first process could not go on.", "Its own message says why.")
    return result
