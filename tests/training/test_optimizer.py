"""The loop's optimiser against a slow one: which parameters decay, and how fast each learns."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch

from einthoven.training.loop import pretrain
from einthoven.training.plan import Plan
from einthoven.training.schedule import cosine


@dataclass(frozen=True)
class Size:
    width: int = 3


class Line(torch.nn.Module):
    """A parameter of each kind: a matrix, a kernel, a vector, a single number, and one that nothing reaches."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.config = Size()
        shapes = {"matrix": (3, 2), "kernel": (2, 3, 2), "vector": (3,), "number": (), "idle": (2, 2)}
        for name, shape in shapes.items():
            setattr(self, name, torch.nn.Parameter(torch.randn(shape)))


class Pull:
    """Losses whose slopes differ in size by much, from entry to entry and from step to step."""

    def __init__(self):
        self.network = Line()

    def losses(self, network, rows, memory, rng):
        drawn = torch.from_numpy(rng.normal(size=40)).float()
        found = torch.cat([one.flatten() for name, one in network.named_parameters() if name != "idle"])
        return {"pull": (found * drawn[: len(found)] + found.square() * drawn[-len(found) :].exp()).mean()}


@pytest.mark.parametrize("decay", ["matrices", "all"])
def test_every_step_is_adamw_entry_by_entry(tmp_path, monkeypatch, decay):
    """Loshchilov and Hutter's (2019) algorithm 2 in double precision; what decays is named here, kind by kind."""
    plan = Plan(
        epochs=2, batch=2, rate=0.03, weight_decay=0.2, decay=decay, betas=(0.8, 0.95), epsilon=1e-3, warmup=0.3
    )
    plan = replace(plan, groups=0, contrast=0, average=0.5, clip=0.5)
    shares, decays = (
        {"matrix": 0.25, "vector": 0.5},
        {"matrix", "kernel"} | ({"vector", "number"} if decay == "all" else set()),
    )
    work, steps, step = Pull(), [], torch.optim.AdamW.step

    def watched(self, *given):
        named = dict(work.network.named_parameters())
        before, slope = (
            {n: getattr(p, what).clone() for n, p in named.items() if p.grad is not None} for what in ("data", "grad")
        )
        step(self, *given)
        steps.append((before, slope, {n: p.detach().clone() for n, p in named.items()}))

    monkeypatch.setattr(torch.optim.AdamW, "step", watched)
    idle = work.network.idle.detach().clone()
    pretrain(work, [f"r{n}" for n in range(6)], plan, tmp_path, lambda network: {"score": 1.0}, shares=shares)
    assert len(steps) == 6
    first, second = {}, {}
    for at, (before, slope, after) in enumerate(steps):
        for name, value in before.items():
            p, g = value.double().numpy(), slope[name].double().numpy()
            rate = plan.rate * cosine(at / 6, 0.3) * shares.get(name, 1.0)
            first[name] = 0.8 * first.get(name, 0) + 0.2 * g
            second[name] = 0.95 * second.get(name, 0) + 0.05 * g**2
            fair, spread = first[name] / (1 - 0.8 ** (at + 1)), second[name] / (1 - 0.95 ** (at + 1))
            moved = p - rate * (0.2 * p if name in decays else 0) - rate * fair / (np.sqrt(spread) + 1e-3)
            np.testing.assert_allclose(after[name].numpy(), moved, rtol=1e-5, atol=1e-6, err_msg=f"{at} {name}")
    assert set(before) == {"matrix", "kernel", "vector", "number"} and torch.equal(after["idle"], idle)
