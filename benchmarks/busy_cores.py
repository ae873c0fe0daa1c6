"""What a training step takes on cores that others use: OpenMP threads that spin long, for a while, or not at all.

python benchmarks/busy_cores.py [--steps 20] [--rounds 3]

A step is forward and backward of resnet1d_small over 16 ECGs of 5 s, with a thread a core; the others are processes
that count, one a core. "A while" is what the command `einthoven` sets unless told otherwise. The ways take turns;
medians over all rounds, and the slowest step.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

WAYS = {"as torch has it": {}, "a while": {"GOMP_SPINCOUNT": "8000"}, "not at all": {"OMP_WAIT_POLICY": "PASSIVE"}}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--steps", type=int, default=20)
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.here:
        print(" ".join(f"{1000 * one:.0f}" for one in steps(asked.steps)))
        return
    cores = os.cpu_count() or 1
    for busy in (0, cores):
        taken: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(asked.rounds):
            for name, setting in WAYS.items():
                taken[name] += beside(busy, setting, asked.steps)
        for name, some in taken.items():
            print(f"{busy} others on {cores} cores  {name:<16} {statistics.median(some):6.0f} ms  {max(some):6.0f}")


def beside(busy: int, setting: dict[str, str], count: int) -> list[float]:
    """Milliseconds of each step of a process beside so many others."""
    plain = {key: value for key, value in os.environ.items() if key not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
    try:
        command = [sys.executable, __file__, "--here", "--steps", str(count)]
        said = subprocess.run(command, env=plain | setting, capture_output=True, text=True, check=True).stdout
    finally:
        for one in others:
            one.kill()
    return [float(one) for one in said.split()]


def steps(count: int) -> list[float]:
    """Seconds of each step, after two that warm up."""
    import torch

    from einthoven.models import build

    torch.set_num_threads(os.cpu_count() or 1)
    model = build("resnet1d_small", classes=71).train()
    signal, target = torch.randn(16, 12, 500), torch.zeros(16, 71)
    taken = []
    for _ in range(count + 2):
        began = time.perf_counter()
        torch.nn.functional.binary_cross_entropy_with_logits(model(signal), target).backward()
        taken.append(time.perf_counter() - began)
    return taken[2:]


if __name__ == "__main__":
    main()
