"""Random training reads: raw Lance, our loader on the table, and our loader on the flat cache; warm and cold.

python benchmarks/loading.py [--ecgs 4096] [--samples 5000] [--batch 64] [--step-ms 5] [--passes 3]

Times are medians of several passes, of which each reads everything once, raw and loaded in turn.

"fed" is how many steps of that length found their batch ready, and how long the others waited. "cold" asks the system
to forget the files before (Linux); a disk that reads slower than a step needs cannot feed it whatever the program does.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import lance
import numpy as np

from einthoven.collection import Collection, Row
from einthoven.collection.flat import FlatSignals
from einthoven.collection.loader import Loader, Signals


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--ecgs", type=int, default=4096)
    ask.add_argument("--samples", type=int, default=5000)
    ask.add_argument("--batch", type=int, default=64)
    ask.add_argument("--step-ms", type=float, default=5.0)
    ask.add_argument("--threads", type=int, default=8)
    ask.add_argument("--passes", type=int, default=3)
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        collection = Collection.create(folder / "table")
        collection.append(made_up(asked.ecgs, asked.samples))
        began = time.perf_counter()
        flat = FlatSignals.open(collection, folder / "flat")
        print(f"flat cache of {asked.ecgs} ECGs built in {time.perf_counter() - began:.1f} s")
        for cold in (False, True):
            print("cold" if cold else "warm")
            sources: tuple[tuple[str, Signals], ...] = (
                ("loader on the table", collection),
                ("loader on the cache", flat),
            )
            loaders = {name: Loader(source, asked.batch, threads=asked.threads) for name, source in sources}
            taken: list[float] = []
            loaded: dict[str, list[float]] = {name: [] for name in loaders}
            for _ in range(asked.passes):
                forget(folder, cold)
                taken.append(raw_lance(collection, asked))
                for name, loader in loaders.items():
                    forget(folder, cold)
                    loaded[name].append(whole_epoch(loader))
            raw = float(np.median(taken))
            print(f"  raw Lance take        {raw:7.2f} ms a batch ({min(taken):.2f} to {max(taken):.2f})")
            for name, loader in loaders.items():
                each = float(np.median(loaded[name]))
                forget(folder, cold)
                late, waited = fed(loader, asked.step_ms / 1e3)
                print(f"  {name:<21} {each:7.2f} ms a batch, {raw / each:.2f} x raw Lance; of {loader.steps} steps of")
                print(
                    f"  {'':<21} {asked.step_ms:g} ms {loader.steps - late} were fed, the others waited {waited:.1f} ms"
                )


def made_up(count: int, samples: int) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    for n in range(count):
        raw = rng.integers(-2000, 2000, 12 * samples, dtype=np.int16).tobytes()
        yield Row(f"x/{n}", "x", f"{n:064x}", 500, samples, signal=raw, scale=0.001)


def whole_epoch(loader: Loader) -> float:
    """Milliseconds a batch."""
    began = time.perf_counter()
    for _ in loader.epoch(0):
        pass
    return 1e3 * (time.perf_counter() - began) / loader.steps


def raw_lance(collection: Collection, asked: argparse.Namespace) -> float:
    """Milliseconds a batch of Lance's own `take`, in ascending places, by as many threads."""
    from concurrent.futures import ThreadPoolExecutor

    table = lance.dataset(collection.uri)
    places = Loader(collection, asked.batch).places(0)
    began = time.perf_counter()
    with ThreadPoolExecutor(asked.threads) as pool:
        list(pool.map(lambda some: table.take(some.tolist(), columns=["signal"]).num_rows, places))
    return 1e3 * (time.perf_counter() - began) / len(places)


def fed(loader: Loader, step_s: float) -> tuple[int, float]:
    """How many steps waited for their batch, after the first few, and how long in the mean."""
    waits = []
    batches = loader.epoch(1)
    for _ in range(loader.steps):
        began = time.perf_counter()
        next(batches)
        waits.append(time.perf_counter() - began)
        time.sleep(step_s)
    late = [wait for wait in waits[1:] if wait > 5e-4]
    return len(late), 1e3 * float(np.mean(late)) if late else 0.0


def forget(folder: Path, cold: bool) -> None:
    if not cold or not hasattr(os, "posix_fadvise"):
        return
    for path in folder.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


if __name__ == "__main__":
    main()
