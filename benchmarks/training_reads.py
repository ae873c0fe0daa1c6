"""How fast `einthoven train` gets its batches: read and prepared each time (data.stream), or kept prepared (data.kept).

python benchmarks/training_reads.py [--ecgs 2048] [--batch 64] [--step-ms 5] [--steps 64] [--passes 3] [--place DIR]

ECGs are made up, of 12 x 5000, and go the way that a training goes: a collection, `open_source`, `prepare_rows`,
batches of a shuffled epoch that are read ahead, prepared as configs/esi_base.yaml does it. A time is the median over
passes of an epoch that is read as fast as it can be (data.stream: one pass); the processor's is that of all threads.
"mapped" reads the same kept file, as far ahead, by a memory map, which the package does not do.

"fed" is how many steps of that length found their batch ready; the first of each epoch, which always waits, is not
counted, but is in the mean of what a step took. That is longer than the step and its waiting where others have the
processor, or where reading stops the whole process. "cold" asks the system to forget the files before each epoch
(Linux). A disk that reads slower than a step needs cannot feed it whatever the program does, so what it gives stands
beside, asked of the same file before and after our ways: read straight through, and ECGs at random by as many threads
as ours, past the system's memory (O_DIRECT), with nothing done to what was read. Shares are of the mean of the latter
two; epochs of few batches are mostly the wait for the first. Others at work, whose load is told, make all of it longer.
"""

from __future__ import annotations

import argparse
import mmap
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from loading import forget

from einthoven.collection import Collection, Row
from einthoven.ecg import Statement
from einthoven.models.config import Preparation
from einthoven.training.ahead import ReadAhead
from einthoven.training.data import Data, Part
from einthoven.training.kept import TYPE, Kept, bytes_each
from einthoven.training.prepared import prepare_rows
from einthoven.training.sources import open_source

HOW = Preparation(500, 10, None, None, 1, 20, "record")
SAMPLES = 5000


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--ecgs", type=int, default=2048)
    ask.add_argument("--batch", type=int, default=64)
    ask.add_argument("--step-ms", type=float, default=5.0)
    ask.add_argument("--steps", type=int, default=64)
    ask.add_argument("--passes", type=int, default=3)
    ask.add_argument("--place", type=Path, help="a folder on the disk that is to be measured")
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.place) as scratch:
        folder = Path(scratch)
        Collection.create(folder / "table").append(made_up(asked.ecgs))
        print(f"{asked.ecgs} ECGs, batches of {asked.batch}, {os.cpu_count()} cores, load {load()}")
        began = time.perf_counter()
        kept = signals(folder, kept=str(folder / "kept"))
        took = time.perf_counter() - began
        size = sum(path.stat().st_size for path in (folder / "kept").glob("*.f2"))
        print(f"kept once: {size / 1e9:.2f} GB in {took:.1f} s, {1e3 * took * asked.batch / asked.ecgs:.0f} ms a batch")
        (path,) = (one for one in (folder / "kept").glob("*.f2") if one.stat().st_size > size / 2)
        ways = {"data.stream": signals(folder, stream=True), "data.kept": kept, "mapped": Mapped(path)}
        for cold in (False, True):
            print(f"{'cold' if cold else 'warm'} (load {load()})")
            before = disk(path, asked.batch) if cold else []
            speeds = {name: measure(name, way, asked, folder, cold) for name, way in ways.items()}
            if cold and before and (after := disk(path, asked.batch)):
                own = (before[1] + after[1]) / 2
                shares = (f"{name} {speeds[name] / own:.2f}" for name in ("data.kept", "mapped"))
                need = asked.batch * bytes_each(SAMPLES) / 1e6 / asked.step_ms
                print(f"  of the disk's own random reads: {', '.join(shares)}")
                print(
                    f"  a step of {asked.step_ms:g} ms needs {need:.2f} GB/s, {need / own:.2f} of what the disk gives"
                )


def measure(name: str, way: Any, asked: argparse.Namespace, folder: Path, cold: bool) -> float:
    """GB/s of the median epoch."""
    every: list[tuple[float, float]] = []
    for epoch in range(asked.passes if name != "data.stream" else 1):
        forget(folder, cold)
        batches = order(len(way), asked.batch, epoch)
        began, own = time.perf_counter(), time.process_time()
        way.expect(batches)
        for rows in batches:
            way[rows]
        every.append((time.perf_counter() - began, time.process_time() - own))
        way.forget()
    wall, processor = (1e3 * np.array(times) / len(batches) for times in zip(*every, strict=True))
    forget(folder, cold)
    late, waited, each = fed(way, asked, folder, cold)
    print(
        f"  {name:<12} {np.median(wall):7.2f} ms a batch ({wall.min():.2f} to {wall.max():.2f}), "
        f"{np.median(processor):6.2f} of the processor; {asked.steps - late} of {asked.steps} steps of "
        f"{asked.step_ms:g} ms fed, the others waited {waited:.1f} ms; a step took {each:.1f} ms"
    )
    return asked.batch * bytes_each(SAMPLES) / 1e6 / float(np.median(wall))


def fed(way: Any, asked: argparse.Namespace, folder: Path, cold: bool) -> tuple[int, float, float]:
    """How many steps waited for their batch, how long these did in the mean, and how long all took in the mean."""
    waits: list[float] = []
    took: list[float] = []
    for epoch in range(asked.steps):
        forget(folder, cold)
        batches = order(len(way), asked.batch, 100 + epoch)
        way.expect(batches)
        for step, rows in enumerate(batches):
            began = time.perf_counter()
            way[rows]
            if step:
                waits.append(time.perf_counter() - began)
            time.sleep(asked.step_ms / 1e3)
            took.append(time.perf_counter() - began)
        way.forget()
        if len(waits) >= asked.steps:
            break
    late = [wait for wait in waits[: asked.steps] if wait > 5e-4]
    return len(late), 1e3 * float(np.mean(late)) if late else 0.0, 1e3 * float(np.mean(took))


def order(ecgs: int, batch: int, epoch: int) -> list[Any]:
    """Whole batches of an epoch."""
    places = np.random.default_rng([0, epoch]).permutation(ecgs)
    return [places[at : at + batch] for at in range(0, ecgs - batch + 1, batch)]


def signals(folder: Path, **how: Any) -> Any:
    """Those of the training ECGs, as `einthoven train` has them."""
    source = open_source(Data(parts=(Part("made-up"),), **how), folder / "table")
    return prepare_rows(source.train(), ("NORM",), HOW, signals=source.signals).examples.signal


class Mapped(ReadAhead):
    """The kept file as an array in virtual memory."""

    most = Kept.most

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.size = path, path.stat().st_size // bytes_each(SAMPLES)

    def __len__(self) -> int:
        return self.size

    def _read(self, chosen: Any) -> Any:
        return self.array[chosen]

    def expect(self, batches: Any) -> None:
        """Maps it anew: the system forgets no page that is mapped."""
        super().expect(batches)
        self.array = np.memmap(self.path, TYPE, "r", shape=(self.size, 12, SAMPLES))

    def forget(self) -> None:
        super().forget()
        self.array = np.empty((self.size, 12, 0), np.float16)


def disk(path: Path, batch: int) -> list[float]:
    """GB/s of a forgotten file: from its beginning to its end, and of as many ECGs at random. Nothing but on Linux."""
    if not hasattr(os, "O_DIRECT"):
        return []
    forget(path.parent, True)
    given, size = [straight(path)], bytes_each(SAMPLES)
    places = np.random.default_rng(1).permutation(path.stat().st_size // size - 1).tolist()  # none ends beyond the file
    forget(path.parent, True)
    began = time.perf_counter()
    with ThreadPoolExecutor(Kept.most) as pool:
        parts = [places[at : at + batch] for at in range(0, len(places), batch)]
        read = sum(pool.map(lambda some: past_memory(path, some, size), parts))
    given.append(read / 1e9 / (time.perf_counter() - began))
    print(f"  the disk     {given[0]:.2f} GB/s straight through, {given[1]:.2f} at random (load {load()})")
    return given


def past_memory(path: Path, places: list[int], size: int) -> int:
    """Reads ECGs in whole pages past the system's memory, and says how many bytes of ECGs it read."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECT)
    with mmap.mmap(-1, size + 2 * mmap.PAGESIZE) as block:
        for place in places:
            first = place * size // mmap.PAGESIZE * mmap.PAGESIZE
            last = -(-(place + 1) * size // mmap.PAGESIZE) * mmap.PAGESIZE
            with memoryview(block)[: last - first] as room:
                os.preadv(handle, [room], first)
    os.close(handle)
    return len(places) * size


def straight(path: Path) -> float:
    """GB/s of a file from its beginning to its end."""
    began, block = time.perf_counter(), bytearray(2**23)
    with path.open("rb", buffering=0) as file:
        while file.readinto(block):
            pass
    return path.stat().st_size / 1e9 / (time.perf_counter() - began)


def made_up(count: int) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    said = (Statement(code="NORM", system="SCP"),)
    for n in range(count + 1):  # one that chooses
        raw = rng.integers(-2000, 2000, 12 * SAMPLES, dtype=np.int16).tobytes()
        fold = 1 if n < count else 9
        yield Row(f"x/{n}", "made-up", f"{n:064x}", 500, SAMPLES, signal=raw, scale=0.001, statements=said, fold=fold)


def load() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


if __name__ == "__main__":
    main()
