"""Networks that take less memory or less time in training, and compute the same."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.checkpoint import checkpoint

from einthoven.ecg import UsageError
from einthoven.models.encoders.depth import layers_of
from einthoven.training.plan import Plan

LAYERED = ("text", "decoder")
"""Parts of a network whose `layers` are computed one after the other, beside its encoder."""


def recompute(network: nn.Module) -> None:
    """Lets each layer of encoder, text tower and decoder keep its input alone in training (Chen 2016); its activations
    are computed again when the gradient needs them, with the same dropout. Weights and their names stay.

    Raises:
        UsageError: batch normalisation, whose running statistics would count each batch twice.
    """
    check_without_batch_norm(network, "plan.recompute", "Set plan.recompute to false")
    for layer in _layers(network):
        layer.forward = partial(_kept, layer, layer.forward)


def compile_parts(network: nn.Module) -> None:
    """Compiles the layers of encoder, text tower and decoder in place."""
    for layer in _layers(network):
        layer.compile()


def check_pieces(network: nn.Module, plan: Plan) -> None:
    """Raises a UsageError where a batch goes more than once, or in pieces, through batch normalisation."""
    if plan.accumulate > 1:
        check_without_batch_norm(network, "plan.accumulate", "Set plan.accumulate to 1")
    if plan.recompute:
        check_without_batch_norm(network, "plan.recompute", "Set plan.recompute to false")


def check_without_batch_norm(network: nn.Module, what: str, mend: str) -> None:
    """Raises a UsageError where a network has batch normalisation, which `what` does not go with."""
    if any(isinstance(part, _BatchNorm) for part in network.modules()):
        raise UsageError(
            f"{what} does not go with batch normalisation: its statistics are those of a whole batch, seen once.",
            f"{mend}, or take an encoder without it, such as convnextv2.",
        )


def _layers(network: nn.Module) -> Iterator[nn.Module]:
    for name, part in network.named_children():
        if name == "encoder":
            yield from (layer for layers in layers_of(part) for layer in layers)
        elif name in LAYERED:
            layers = getattr(part, "layers", None)
            yield from getattr(layers, "layers", layers) or ()


def _kept(layer: nn.Module, forward: object, *given: object, **named: object) -> object:
    if not layer.training:
        return forward(*given, **named)  # type: ignore[operator]
    return checkpoint(forward, *given, use_reentrant=False, **named)  # type: ignore[arg-type]
