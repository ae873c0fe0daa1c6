"""Times checkpoints on one core, an ECG at a time, and says what they weigh.

    python benchmarks/model.py [CHECKPOINT ...] [--rounds 100]

Without a checkpoint, the one that ships. The network alone is timed on a prepared window; "from an ECG" includes
preparing 10 s at 500 Hz. The checkpoints take turns, so that other work on the machine meets them alike; medians.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

from einthoven.models import BUNDLED, Model, prepare
from einthoven.testing import simulate


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("checkpoints", nargs="*", type=Path, default=[BUNDLED])
    ask.add_argument("--rounds", type=int, default=100)
    asked = ask.parse_args()
    ecg = simulate(rate=500)
    models = [Model(folder, threads=1) for folder in asked.checkpoints]
    whole: dict[Model, list[float]] = {model: [] for model in models}
    preparing: dict[Model, list[float]] = {model: [] for model in models}
    for turn in range(asked.rounds + 5):
        for model in models:
            start = time.perf_counter()
            prepare([ecg], model.config.preparation)
            middle = time.perf_counter()
            model.run([ecg])
            if turn >= 5:
                preparing[model].append(middle - start)
                whole[model].append(time.perf_counter() - middle)
    print(f"{'model':<28} {'network':>12} {'from an ECG':>12} {'size':>9}")
    for model in models:
        from_ecg = statistics.median(whole[model]) * 1000
        network = from_ecg - statistics.median(preparing[model]) * 1000
        size = sum(file.stat().st_size for file in model.folder.iterdir() if file.is_file()) / 1e6
        print(f"{model.name:<28} {network:>9.1f} ms {from_ecg:>9.1f} ms {size:>6.2f} MB")


if __name__ == "__main__":
    main()
