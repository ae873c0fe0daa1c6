"""For test_distributed.py and test_shards.py: trainings in 1 and 2 gloo processes, whole and killed, of whole networks
and of parts; the weights they end with.

The processes are forked, so that torch is loaded once: from the tests' own process, or from one that runs this as a
script where there is a GPU, for then none can be forked that has computed a gradient.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import team_models
import torch
import torch._dynamo  # what processes would load each for itself
import torch.distributed.fsdp
from safetensors.torch import save_file
from torch import distributed, nn

from einthoven.ecg import EinthovenError
from einthoven.training.augment import Augmentation
from einthoven.training.distributed import answering, first_alone, rank
from einthoven.training.gathered import contrast_over_ranks, ranks
from einthoven.training.loop import pretrain
from einthoven.training.plan import Plan

ECGS = 23
PLAN = Plan(
    **{"epochs": 3, "batch": 8, "rate": 1e-2, "groups": 0, "contrast": 0, "warmup": 0.2, "accumulate": 2},
    augmentation=Augmentation(crop_seconds=None, mixup=0, gain=0, lead_drop=0, noise=0, wander=0),
)


@dataclass(frozen=True)
class Size:
    width: int = 4


class Net(nn.Module):
    """Two towers, a normalisation that counts, and a part that only batches with an ECG of number 0 use."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.config = Size()
        self.ecg, self.text, self.seldom = nn.Linear(6, 4), nn.Linear(5, 4), nn.Linear(4, 1)
        self.scale = nn.Parameter(torch.tensor(2.0))


class Toy:
    """A pretraining on made-up numbers, whose losses are those of `gathered`."""

    def __init__(self, seed: int = 0, broken: bool = False) -> None:
        self.network, self.broken = Net(seed), broken
        rng = np.random.default_rng(0)
        self.ecgs, self.texts = (torch.tensor(rng.normal(size=(ECGS, n)), dtype=torch.float32) for n in (6, 5))

    def losses(self, network, rows, memory, rng):
        ecg, text = (
            nn.functional.normalize(x, dim=1) for x in (network.ecg(self.ecgs[rows]), network.text(self.texts[rows]))
        )
        found = {"contrast": contrast_over_ranks(ecg, text, network.scale)}
        if 0 in rows:
            found["seldom"] = network.seldom(ecg[list(rows).index(0)]).square().sum() * ranks() * 0.1
        else:
            found["seldom"] = ecg.sum() * 0
        if self.broken and rank() == 1:
            found["seldom"] = found["seldom"] * float("nan")
        return found

    def gradient_in_pieces(self, network, rows, rng, pieces):
        losses = self.losses(network, rows, None, rng)
        sum(losses.values()).backward()
        return {name: one.detach() for name, one in losses.items()}


def judge(network):
    return {"score": -float(network.scale) + 1e-7 * rank()}


class KilledError(Exception):
    pass


def train(folder, kill="", seed=0, broken=False):
    toy = Toy(seed, broken)
    folder.mkdir(exist_ok=True)

    def progress(line):
        if kill and kill in line:
            raise KilledError

    pretrain(toy, [f"r{n}" for n in range(ECGS)], PLAN, folder, judge, progress)
    return toy.network


def kinds(place, count, folder):
    """Networks of every kind; of two processes, each has a part."""
    plan = replace(team_models.PLAN, shard=count > 1)
    runs = [(kind, kind, plan) for kind in team_models.KINDS]
    if count > 1:
        runs += [("masked", "unparted", team_models.PLAN), ("supervised", "killed", plan)]
        with contextlib.suppress(KilledError):
            team_models.train("supervised", plan, folder / "killed2", killing)
        if place == 0:
            shutil.copytree(folder / "killed2", folder / "left2")
    for kind, name, how in runs:
        network = team_models.train(kind, how, folder / f"{name}{count}", seed=place)
        save_file(network.state_dict(), folder / f"{name}{count}-{place}.safetensors")


def killing(line):
    if "epoch 2/2  step 1" in line:
        raise KilledError


def work(place, count, folder):
    torch.set_num_threads(1)
    if count > 1:
        store = distributed.FileStore(str(folder / f"store{count}"), count)
        distributed.init_process_group("gloo", store=store, rank=place, world_size=count)
    network = train(folder / f"whole{count}", seed=place)  # the first one's weights are everybody's
    save_file(network.state_dict(), folder / f"whole{count}-{place}.safetensors")
    kinds(place, count, folder)
    if count == 1:
        return
    with contextlib.suppress(KilledError):
        train(folder / "killed", kill="epoch 2/3  step 2")
    network = train(folder / "killed", seed=7)
    save_file(network.state_dict(), folder / f"killed-{place}.safetensors")
    said = []
    for attempt in (lambda: train(folder / "broken", broken=True), lambda: first_alone(lambda: 1 / 0, "cpu")):
        try:
            attempt()
        except (EinthovenError, ZeroDivisionError) as fault:
            said.append(f"{type(fault).__name__}: {fault}")
    distributed.barrier()
    if place == 1:
        (folder / "said1.txt").write_text("\n".join(said))
        os._exit(0)  # as if it were killed, and the other one waits for it
    try:
        with answering():
            train(folder / "left alone")
    except EinthovenError as fault:
        said.append(f"{type(fault).__name__}: {fault}")
    (folder / "said0.txt").write_text("\n".join(said))


def main(folder):
    """Whether all went well; faults are on the standard error."""
    children = []
    with team_models.small_sizes():
        for count in (1, 2):
            for place in range(count):
                child = os.fork()
                if child == 0:
                    try:
                        work(place, count, folder)
                    except BaseException as fault:  # noqa: BLE001 - a fork must not go on as its parent
                        os.write(2, f"{fault!r}\n".encode())
                        os._exit(1)
                    os._exit(0)
                children.append(child)
    failed, end = 0, time.monotonic() + 400
    while children and not failed and time.monotonic() < end:
        ended, how = os.waitpid(children[0], os.WNOHANG)
        if ended:
            children, failed = children[1:], how
        time.sleep(0.05)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return not children and not failed


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1])))
