"""A network of which each process holds a part: weights, gradient, optimiser and averages (ZeRO, Rajbhandari 2020).

It is torch's `fully_shard` itself. Fabric's strategy would wrap the same call, but it owns the network's forward and the
backward pass, while a cached contrast runs several of each a step, and it writes checkpoints of its own kind; here the
state on disk is the ordinary one. A layer's weights are fetched when they are needed and let go of at once; what lies
outside the layers stays whole from the way there to the end of the way back. Gradients are means over the processes, so
that a step is the one that data parallel training takes.

The network that was given stays whole, in the main memory of each process. It judges, and it becomes the checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

from einthoven.models.encoders.depth import layers_of
from einthoven.training.gathered import ranks

M = TypeVar("M", bound=nn.Module)
Weights = Mapping[str, Tensor]


def sharded(network: M, device: str) -> M:
    """A copy of `network` for training alone: a call of it fetches what it needs, its other methods do not.

    A parameter that is a single number is whole in every process. Each process must reach the same parameters.
    """
    # Three seconds of start that other trainings do not need.
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

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


def whole(value: Tensor) -> Tensor:
    """All of it; every process asks for it at the same time."""
    found: Tensor = value.full_tensor() if hasattr(value, "full_tensor") else value
    return found


def part_like(value: Tensor, like: Tensor) -> Tensor:
    """A copy of a whole value, of which this process keeps what it keeps of `like`, on its device."""
    if not is_part(like):
        return value.detach().to(like.device, copy=True)
    from torch.distributed.tensor import DTensor

    held: Any = like
    (size, at), mesh = (held.device_mesh.size(), held.device_mesh.get_local_rank()), held.device_mesh
    pieces = torch.chunk(value.detach(), size)
    mine = pieces[at] if at < len(pieces) else value.detach()[:0]
    mine = mine.to(local(like).device, copy=True).contiguous()
    return DTensor.from_local(
        mine, mesh, held.placements, run_check=False, shape=value.shape, stride=value.contiguous().stride()
    )


@torch.no_grad()
def fill(network: nn.Module, weights: Weights) -> None:
    """Gives a whole network weights of which each process holds parts, one after the other."""
    own = network.state_dict()
    for name, value in weights.items():
        own[name].copy_(whole(value))


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
def shorten(parameters: Iterable[nn.Parameter], longest: float | None) -> Tensor:
    """The length of the whole gradient, to which all parts add up; a longer one than `longest` is shortened to it."""
    every = list(parameters)
    if not any(is_part(one) for one in every):
        return torch.nn.utils.clip_grad_norm_(every, longest or math.inf)
    slopes = [one.grad for one in every if one.grad is not None]
    parts = [local(slope) for slope in slopes if is_part(slope)]
    lone = [slope for slope in slopes if not is_part(slope)]
    device = slopes[0].device
    square = _square(parts, device)
    distributed.all_reduce(square)
    length = (square + _square(lone, device)).sqrt()
    share = ((longest or math.inf) / (length + 1e-6)).clamp(max=1)
    for slope in (*parts, *lone):
        slope.mul_(share)
    return length


def _square(slopes: list[Tensor], device: torch.device) -> Tensor:
    lengths = [torch.linalg.vector_norm(slope) for slope in slopes]
    return torch.stack(lengths).square().sum() if lengths else torch.zeros((), device=device)
