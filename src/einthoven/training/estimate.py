"""What a pretraining will take, from one step of it on made-up ECGs: time, and memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from einthoven.models.captioner import Captioner
from einthoven.models.generator import Generator
from einthoven.models.masked_autoencoder import MaskedAutoencoder
from einthoven.training.captions import Captions
from einthoven.training.lighter import check_pieces, recompute
from einthoven.training.objectives import alignment_loss, caption_loss, contrast_loss
from einthoven.training.precision import mixed
from einthoven.training.recipe import Recipe
from einthoven.training.shards import units

FEW = 4
"""ECGs of the measured step where there is no GPU; what more would take is in proportion."""
MOST_STEPS, ENOUGH = 5, 3.0
"""Steps that are timed at most, and seconds of them that are enough."""
COPIES = 6
"""Of the weights in 32 bits: weights, gradient, two of AdamW, averaged weights and the best."""


@dataclass(frozen=True)
class Estimate:
    """Of one batch on this device.

    Args:
        parameters: that are trained. seconds: of a step. state: bytes of weights, gradient and optimiser, on each
            device.
        kept: bytes that are kept for the way back, of the largest piece of the batch; None where it was not measured.
    """

    parameters: int
    seconds: float | None
    state: int
    kept: int | None


def estimate(recipe: Recipe, device: str, together: int = 1) -> Estimate:
    """Measures a step of contrastive captioning at the longest text; of another pretraining, sizes alone.

    Args:
        together: devices that share each batch.

    Raises:
        UsageError: a network that does not go through in the pieces of the plan.
    """
    torch.manual_seed(0)
    parts = together if recipe.plan.shard else 1
    if recipe.generating is not None:
        generator = Generator(recipe.encoder, recipe.generating.network)
        check_pieces(generator, recipe.plan)
        return sizes_of(generator, parts)
    if recipe.captioning is None:
        return sizes_of(MaskedAutoencoder(recipe.masked()), parts)
    assert recipe.text is not None
    network = Captioner(recipe.encoder, recipe.text, recipe.embedding, recipe.captioning.model).to(device).train()
    check_pieces(network, recipe.plan)
    if recipe.plan.recompute:
        recompute(network)
    share = -(-recipe.plan.batch // together)
    piece = -(-share // recipe.plan.accumulate)
    ecgs = piece if device.startswith("cuda") else min(piece, FEW)
    crop = recipe.plan.augmentation.crop_seconds or recipe.preparation.seconds
    samples = round(min(crop, recipe.preparation.seconds) * recipe.preparation.rate)
    signal = torch.randn(ecgs, 12, samples, device=device)
    ids = torch.randint(4, network.vocabulary, (ecgs, network.tokens), device=device)

    def step() -> Tensor:
        assert recipe.captioning is not None
        with mixed(recipe.plan.precision, signal.device):
            return _loss(network, signal, ids, recipe.captioning)

    kept = _kept(network, step)
    seconds = _seconds(step, device) * share / ecgs
    if recipe.plan.accumulate > 1 and (recipe.captioning.contrast or recipe.captioning.alignment):
        seconds *= 4 / 3  # a further pass forwards
    sizes = sizes_of(network, parts)
    return Estimate(sizes.parameters, seconds, sizes.state, kept * piece // ecgs)


def _seconds(step: Callable[[], Tensor], device: str) -> float:
    """Of the fastest of a few steps, the way back with it: what else the machine does only makes one slower."""
    taken: list[float] = []
    while len(taken) < MOST_STEPS and sum(taken) < ENOUGH:
        began = time.perf_counter()
        step().backward()  # type: ignore[no-untyped-call]
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        taken.append(time.perf_counter() - began)
    return min(taken)


def _loss(network: Captioner, signal: Tensor, ids: Tensor, how: Captions) -> Tensor:
    found = network(signal, ids, contrast=how.contrast > 0, caption=how.caption > 0)
    total = torch.zeros((), device=signal.device)
    if how.contrast:
        total = total + contrast_loss(found.ecg.float(), found.text.float(), found.scale)
    if how.alignment:
        total = total + alignment_loss(found.views.float())
    if how.caption:
        total = total + caption_loss(found.logits.float(), ids)
    return total


def sizes_of(network: nn.Module, parts: int) -> Estimate:
    """Of a network of which each device holds one of so many parts, beside what it has whole for a while: all weights
    when it is judged, or, in a step, the weights and gradients of what lies outside the layers and of the largest."""
    parameters = sum(p.numel() for p in network.parameters())
    if parts == 1:
        return Estimate(parameters, None, 4 * COPIES * parameters, None)
    layers = [sum(p.numel() for p in layer.parameters()) for layer in units(network)]
    fetched = 2 * (parameters - sum(layers) + max(layers, default=0))
    return Estimate(parameters, None, 4 * (COPIES * -(-parameters // parts) + max(fetched, parameters)), None)


def _kept(network: nn.Module, step: Callable[[], Tensor]) -> int:
    """Bytes of tensors, other than weights, that a step keeps for its gradient; the step is also a warm-up."""
    own = {p.untyped_storage().data_ptr() for p in network.parameters()}
    kept: dict[int, int] = {}

    def keep(value: Tensor) -> Any:
        place = value.untyped_storage()
        if place.data_ptr() not in own:
            kept[place.data_ptr()] = place.nbytes()
        return value

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        step().backward()  # type: ignore[no-untyped-call]
    return sum(kept.values())
