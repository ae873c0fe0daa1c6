"""What guarded reading costs: a 500 Hz ECG of 10 s read plainly, by a worker, and by a process forked for it alone.

python benchmarks/guard.py
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from einthoven.ecg import LEADS
from einthoven.formats import read
from einthoven.ingest import Guard
from einthoven.ingest.wire import Reading, from_bytes, to_bytes
from einthoven.testing import simulate

RUNS = 300


def main() -> None:
    """Prints the medians."""
    with tempfile.TemporaryDirectory() as folder, Guard(workers=1) as one, Guard() as all_cores:
        path = written(Path(folder))
        print("| way | median, ms | 90%, ms |\n|---|---:|---:|")
        ways: list[tuple[str, Callable[[], object]]] = [
            ("plain", lambda: read(path)),
            ("worker that reads many files", lambda: one.read(path)),
            ("a fork a file, from this process", lambda: forked(path)),
        ]
        for name, way in ways:
            times = timed(way)
            print(f"| {name} | {times[len(times) // 2]:.2f} | {times[len(times) * 9 // 10]:.2f} |")
        list(all_cores.each([path] * 50, lambda item: item))
        started = time.perf_counter()
        count = sum(1 for _ in all_cores.each([path] * 3000, lambda item: item))
        print(f"{count / (time.perf_counter() - started):.0f} files/s with {all_cores.workers} workers")


def written(folder: Path) -> Path:
    """The file: WFDB format 16."""
    ecg = simulate(rate=500, seconds=10, noise=0.02)
    micro = np.rint(ecg.signal * 1000).astype("<i2")
    (folder / "x.dat").write_bytes(np.ascontiguousarray(micro.T).tobytes())
    lines = [
        f"x.dat 16 1000/mV 16 0 {row[0]} {int(row.sum(dtype=int)) & 0xFFFF} 0 {lead}"
        for row, lead in zip(micro, LEADS, strict=True)
    ]
    (folder / "x.hea").write_text("\n".join([f"x 12 500 {ecg.samples}", *lines]) + "\n")
    return folder / "x.hea"


def forked(path: Path) -> Reading:
    """The ECG, read by a process that ends with it."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        data = memoryview(to_bytes(Reading(read(path))))
        while data:
            data = data[os.write(into, data) :]
        os._exit(0)
    os.close(into)
    pieces = []
    while piece := os.read(out, 2**18):
        pieces.append(piece)
    os.close(out)
    os.waitpid(pid, 0)
    return from_bytes(b"".join(pieces))


def timed(way: Callable[[], object]) -> list[float]:
    """Milliseconds, sorted."""
    way()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        way()
        times.append((time.perf_counter() - started) * 1e3)
    assert statistics.median(times) > 0
    return sorted(times)


if __name__ == "__main__":
    main()
