"""A thousand drafts against an archive: throughput and memory, beside the sum of the parts that a draft is made of.

    python benchmarks/many_reports.py PTB-XL-FOLDER [--reports 1000] [--processes 2] [--archive DIR]

ECGs of fold 9 (100 Hz, WFDB) are read and drafted from the archive, by default the one that ships, whose 17,418 ECGs
are of folds 1 to 8. Each process does its share on one core, with its own archive; they begin together. Then each part
is timed by itself on the same ECGs: reading, quality and measurements, the network, and the archive's answer less the
network. What is left of a draft is its wording, its checks and Python. Throughput is by the clock, all else by the
processor's.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

from einthoven.datasets import PTBXL
from einthoven.formats import read
from einthoven.reporting import report
from einthoven.reporting.look import look
from einthoven.retrieval import Archive, demo_archive

FOLD = 9
barrier: Barrier
PARTS = ("read", "quality and measurements", "network", "archive's answer")


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--reports", type=int, default=1000)
    ask.add_argument("--processes", type=int, default=2)
    ask.add_argument("--archive", type=Path)
    asked = ask.parse_args()
    entries = PTBXL(asked.data).present([FOLD])[: asked.reports]
    files = [str(entry.file) for entry in entries]
    shares = [files[at :: asked.processes] for at in range(asked.processes)]
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(asked.processes, meet, (spawn.Barrier(asked.processes, timeout=300),)) as pool:
        found = pool.starmap(work, [(share, asked.archive) for share in shares], chunksize=1)
    seconds = max(one["end"] for one in found) - min(one["start"] for one in found)
    drafts = sum(one["drafts"] for one in found)
    print(f"{len(files)} ECGs, {drafts} with a draft, archive of {found[0]['archive']} ECGs, {len(shares)} processes")
    print(f"throughput            {len(files) / seconds:.0f} reports/s")
    print(f"peak memory           {max(one['memory'] for one in found):.0f} MB a process")
    each = {part: 1000 * sum(one[part] for one in found) / len(files) for part in ("whole", *PARTS)}
    parts = sum(each[part] for part in PARTS)
    print(f"one report            {each['whole']:.1f} ms of one core")
    print(f"sum of its parts      {parts:.1f} ms: " + ", ".join(f"{part} {each[part]:.1f}" for part in PARTS))
    print(f"whole over parts      {each['whole'] / parts:.2f}")


def meet(together: Barrier) -> None:
    """Tells a process where to wait for the others."""
    global barrier
    barrier = together


def work(files: Sequence[str], where: Path | None) -> dict[str, Any]:
    """Drafts a share of the files, then times each part on them."""
    archive = Archive.open(where) if where else demo_archive()
    report(read(files[0]), archive)
    barrier.wait()
    start, spent_before = time.time(), time.process_time()
    outcomes = [report(read(file), archive).outcome for file in files]
    end, whole = time.time(), time.process_time() - spent_before
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ecgs = [read(file) for file in files]
    network = timed(lambda ecg: archive.model.run([ecg]), ecgs)
    k = archive.calibration.k if archive.calibration else 25
    spent = {
        "whole": whole,
        "read": timed(read, files),
        "quality and measurements": timed(look, ecgs),
        "network": network,
        "archive's answer": timed(lambda ecg: archive.evidence(ecg, k), ecgs) - network,
    }
    drafts = sum(outcome != "none" for outcome in outcomes)
    return spent | {"start": start, "end": end, "memory": memory, "drafts": drafts, "archive": len(archive)}


def timed(part: Callable[[Any], object], over: Sequence[Any]) -> float:
    """Seconds of the processor that a part takes over all: what others do on the machine matters less to them."""
    start = time.process_time()
    for one in over:
        part(one)
    return time.process_time() - start


if __name__ == "__main__":
    main()
