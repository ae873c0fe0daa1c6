"""What a training step takes on cores that others use: OpenMP threads that spin while they wait, and that sleep.

python benchmarks/busy_cores.py [--steps 20]

A step is forward and backward of resnet1d_small over 16 ECGs of 5 s, with a thread a core; the others are processes
that count, one a core. `OMP_WAIT_POLICY=PASSIVE` is what the command `einthoven` sets unless told otherwise. Medians,
and the slowest.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time

POLICIES = {"as torch has it": {}, "PASSIVE": {"OMP_WAIT_POLICY": "PASSIVE"}, "ACTIVE": {"OMP_WAIT_POLICY": "ACTIVE"}}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--steps", type=int, default=20)
    ask.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.here:
        print(" ".join(f"{1000 * one:.0f}" for one in steps(asked.steps)))
        return
    cores = os.cpu_count() or 1
    for busy in (0, cores):
        others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
        try:
            for name, setting in POLICIES.items():
                plain = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
                command = [sys.executable, __file__, "--here", "--steps", str(asked.steps)]
                said = subprocess.run(command, env=plain | setting, capture_output=True, text=True, check=True).stdout
                taken = [float(one) for one in said.split()]
                print(
                    f"{busy} others on {cores} cores  {name:<16} {statistics.median(taken):6.0f} ms  {max(taken):6.0f}"
                )
        finally:
            for one in others:
                one.kill()


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
