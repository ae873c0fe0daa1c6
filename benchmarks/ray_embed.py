"""Embedding an archive by Ray's workers, with one worker and then the whole run killed half-way, and resumed.

    python benchmarks/ray_embed.py PTB-XL-FOLDER [--ecgs 4000] [--workers 2] [--place s3://bucket/archive]

An archive of ECGs with signals and without embeddings is made in a temporary folder (with --place it is pushed there,
and embedded there). A first run has one worker killed by SIGKILL after a quarter; after half, the run itself is killed.
A second run goes on. Then: is each ECG embedded once, by the numbers that one process gives?
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np

from einthoven.collection.embeddings import open_embeddings
from einthoven.datasets import PTBXL
from einthoven.models import load_model
from einthoven.retrieval import Archive
from einthoven.retrieval.kept import as_kept
from einthoven.retrieval.remote import push
from einthoven.retrieval.spread import Spread

CHECKED = 256


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--ecgs", type=int, default=4000)
    ask.add_argument("--workers", type=int, default=2)
    ask.add_argument("--place")
    ask.add_argument("--address", help="of a Ray that runs already; default: one that is started for each run")
    ask.add_argument("--run", help=argparse.SUPPRESS)
    ask.add_argument("--kill-worker-at", type=int, default=0, help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.run:
        embed(asked.run, Spread(asked.workers, address=asked.address), asked.kill_worker_at)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "archive"
        model = load_model()
        archive = Archive.create(folder, model)
        rows = islice(PTBXL(asked.data).rows(range(1, 9)), asked.ecgs)
        archive.collection.append(as_kept(row, row.patient, True, False) for row in rows)
        place = asked.place or str(folder)
        if asked.place:
            push(folder, asked.place)
        print(f"{asked.ecgs} ECGs to embed at {asked.place or 'a folder'}, {asked.workers} workers", flush=True)
        killed(place, asked)
        left = len(Archive.open(place, model).collection.without_embedding(model.sha256))
        print(f"after the kill: {asked.ecgs - left} embedded, {left} left", flush=True)
        began = time.perf_counter()
        subprocess.run(words(place, asked), check=True)
        print(f"the second run took {time.perf_counter() - began:.0f} s, Ray's start included", flush=True)
        told(place, model, asked.ecgs)


def words(place: str, asked: argparse.Namespace) -> list[str]:
    """The command of one run."""
    run = [sys.executable, __file__, str(asked.data), "--run", place, "--workers", str(asked.workers)]
    return run + (["--address", asked.address] if asked.address else [])


def killed(place: str, asked: argparse.Namespace) -> None:
    """A run that loses a worker after a quarter, and is killed after half."""
    what = [*words(place, asked), "--kill-worker-at", str(asked.ecgs // 4)]
    run = subprocess.Popen(what, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert run.stdout is not None
    for line in run.stdout:
        print("  first run:", line.strip(), flush=True)
        if line.startswith("embedded ") and int(line.split()[1]) >= asked.ecgs // 2:
            break
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


def embed(place: str, spread: Spread, kill_at: int) -> None:
    """One run; says what it has done, and kills one of its workers when it is told to."""
    archive = Archive.open(place)
    before = time.perf_counter()
    done_at: list[float] = []

    def said(done: int) -> None:
        nonlocal kill_at
        done_at.append(time.perf_counter())
        print(f"embedded {done}", flush=True)
        if kill_at and done >= kill_at:
            victim = min(
                pid
                for pid in (everybody() if spread.address else offspring(os.getpid()))
                if command(pid).startswith("ray::Worker")
            )
            os.kill(victim, signal.SIGKILL)
            print("killed one worker", flush=True)
            kill_at = 0

    count = archive.embed(said, spread)
    rate = (count - 256) / (done_at[-1] - done_at[0]) if len(done_at) > 1 else float("nan")
    print(f"all {count} in {time.perf_counter() - before:.0f} s; {rate:.0f} ECGs/s after the first part", flush=True)


def offspring(pid: int) -> list[int]:
    """The processes that descend from one (Linux)."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def everybody() -> list[int]:
    return [int(one.name) for one in Path("/proc").glob("[0-9]*")]


def command(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def told(place: str, model: object, ecgs: int) -> None:
    """What stands at the end, beside what one process makes of the same signals."""
    archive = Archive.open(place)
    collection, sha256 = archive.collection, archive.model.sha256
    table = open_embeddings(collection.place, sha256)
    names = table.to_table(columns=["record"])["record"].to_pylist()
    records, matrix = collection.embeddings(sha256)
    some = list(islice(collection.rows(), 0, None, max(1, ecgs // CHECKED)))
    began = time.perf_counter()
    alone = archive.model.embed([row.ecg() for row in some])
    rate = len(some) / (time.perf_counter() - began)
    place_of = {record: number for number, record in enumerate(records)}
    cosine = np.einsum("nd,nd->n", alone, matrix[[place_of[row.record] for row in some]])
    print(f"ECGs {len(collection)}, lacking {len(collection.without_embedding(sha256))}, stored {len(names)}, "
          f"twice {len(names) - len(set(names))}")  # fmt: skip
    print(
        f"least cosine with what one process gives, over {len(some)}: {cosine.min():.5f}; it embeds {rate:.0f} ECGs/s"
    )


if __name__ == "__main__":
    main()
