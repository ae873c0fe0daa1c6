"""A network of which each process holds a part: weights, gradient, optimiser and averages (ZeRO, Rajbhandari 2020).

It is torch's `fully_shard` itself. Fabric's strategy would wrap the same call, but it owns forward and backward pass,
while a cached contrast runs several of each a step, and it writes checkpoints of its own kind; the state on disk is the
ordinary one. A layer's weights are fetched when they are needed and let go of at once; what lies outside the layers
stays whole from the way there to the end of the way back. Gradients are means over the processes, so that a step is the
one that data parallel training takes.

The network that was given stays whole, in the main memory of each process. It judges, and it becomes the checkpoint.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

from einthoven.models.encoders.depth import layers_of
from einthoven.training.gathered import buckets, ranks

M = TypeVar("M", bound=nn.Module)
Weights = Mapping[str, Tensor]


def sharded(network: M, device: str) -> M:
    """A copy of `network` for training alone: a call of it fetches what it needs, its other methods do not.

    A parameter that is a single number is whole in every process. Each process must reach the same parameters.
    """
    # Three seconds of start that other trainings do not need.
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    # Layers' values are never written into, which is all that it warns of, in every process.
    warnings.filterwarnings("ignore", "FSDP2-wrapped module .* returned a view tensor", UserWarning)
    part = deepcopy(network)
    mesh = init_device_mesh(torch.device(device).type, (ranks(),))
    lone = {one for one in part.parameters() if one.ndim == 0}
    for one in (*lone, *part.buffers()):
        one.data = one.data.to(device)
    for layer in units(part):
        fully_shard(layer, mesh=mesh, ignored_params=lone)
    fully_shard(part, mesh=mesh, ignored_params=lone)
    return part


def units(network: nn.Module) -> list[nn.Module]:
    """What is fetched as one: the layers of the encoder that have matrices, and those of every other list of layers."""
    encoder = getattr(network, "encoder", None)
    found = [] if encoder is None else [layer for layers in layers_of(encoder) for layer in layers]
    for name, part in network.named_children():
        for some in part.modules() if name != "encoder" else ():
            if isinstance(some, nn.ModuleList):
                found += [layer for layer in some if not isinstance(layer, nn.ModuleList)]
    inside = {id(below) for layer in found for below in layer.modules() if below is not layer}
    return [layer for layer in found if id(layer) not in inside and any(p.ndim > 1 for p in layer.parameters())]


def is_part(value: Tensor) -> bool:
    """Whether this process holds only a part of it."""
    return hasattr(value, "to_local")


def local(value: Tensor) -> Tensor:
    """What this process holds of it; shares its memory."""
    held: Tensor = value.to_local() if hasattr(value, "to_local") else value
    return held


@torch.no_grad()
def wholes(values: Weights) -> Iterator[tuple[str, Tensor]]:
    """Each value by its name, all of it; every process asks for the same ones at the same time."""
    yield from ((name, value) for name, value in values.items() if not is_part(value))
    names = [name for name, value in values.items() if is_part(value)]
    at = 0
    for lot in buckets([values[name] for name in names]):
        sent = torch.cat([_padded(local(value), -(-len(value) // ranks())).flatten() for value in lot])
        received = sent.new_empty(ranks(), len(sent))
        distributed.all_gather(list(received.unbind()), sent)
        entries = [-(-len(value) // ranks()) * math.prod(value.shape[1:]) for value in lot]
        for value, some in zip(lot, torch.split(received, entries, 1), strict=True):
            yield names[at], some.reshape(-1, *value.shape[1:])[: len(value)]
            at += 1


def _padded(rows: Tensor, count: int) -> Tensor:
    """With rows of zeros behind it: the last processes may hold fewer, or none."""
    return torch.cat([rows, rows.new_zeros(count - len(rows), *rows.shape[1:])])


def part_like(value: Tensor, like: Tensor) -> Tensor:
    """A copy of a whole value, of which this process keeps what it keeps of `like`, on its device."""
    if not is_part(like):
        return value.detach().to(like.device, copy=True)
    pieces = torch.chunk(value.detach(), ranks())
    mine = pieces[distributed.get_rank()] if distributed.get_rank() < len(pieces) else value.detach()[:0]
    return as_part(mine.to(like.device, copy=True).contiguous(), like)


def as_part(held: Tensor, like: Tensor) -> Tensor:
    """What this process holds of something shaped as `like`, as a part of it."""
    from torch.distributed.tensor import DTensor

    how: Any = like
    return DTensor.from_local(
        held, how.device_mesh, how.placements, run_check=False, shape=like.shape, stride=like.stride()
    )


def own(network: nn.Module) -> dict[str, nn.Parameter]:
    """The network's parameters by name; of those that are parted, what this process holds, as plain parameters.

    An optimiser works on them entry by entry, without knowing of parts, which would cost it more time than its sums.
    """
    return {
        name: nn.Parameter(local(one.detach()), one.requires_grad) if is_part(one) else one
        for name, one in network.named_parameters()
    }


def hand_over(network: nn.Module, own: Mapping[str, nn.Parameter]) -> None:
    """Gives parameters of `own` the memory of the network's parts, and their gradients."""
    for name, one in network.named_parameters():
        if is_part(one):
            own[name].data = local(one.detach())
            own[name].grad = None if one.grad is None else local(one.grad)


@torch.no_grad()
def fill(network: nn.Module, weights: Weights) -> None:
    """Gives a whole network weights of which each process holds parts, one after the other."""
    own = network.state_dict()
    for name, value in wholes(weights):
        own[name].copy_(value)


@contextmanager
def lent(network: nn.Module, weights: Weights, device: str) -> Iterator[None]:
    """Inside, the whole network has these weights, on the device; then it goes back to main memory."""
    fill(network, weights)
    network.to(device)
    try:
        yield
    finally:
        network.to("cpu")


@torch.no_grad()
def shorten(network: nn.Module, own: Mapping[str, nn.Parameter], longest: float | None) -> Tensor:
    """The length of the whole gradient, to which all parts add up; a longer one than `longest` is shortened to it."""
    parts = [own[name].grad for name, one in network.named_parameters() if is_part(one)]
    if not parts:
        return torch.nn.utils.clip_grad_norm_(own.values(), longest or math.inf)
    lone = [own[name].grad for name, one in network.named_parameters() if not is_part(one)]
    device = next(iter(own.values())).device
    square = _square(parts, device)
    distributed.all_reduce(square)
    length = (square + _square(lone, device)).sqrt()
    share = ((longest or math.inf) / (length + 1e-6)).clamp(max=1)
    for slope in (*parts, *lone):
        if slope is not None:
            slope.mul_(share)
    return length


def _square(slopes: list[Tensor | None], device: torch.device) -> Tensor:
    lengths = [torch.linalg.vector_norm(slope) for slope in slopes if slope is not None]
    return torch.stack(lengths).square().sum() if lengths else torch.zeros((), device=device)
